import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rect } from "../../shared/src/pixels/rect.ts";
import { FakePhotoshop } from "../hosts/photoshop/photoshop.ts";
import { clean, ellipse, H, patch, patchPixels, photo, putting, setUp, targetOf, W } from "./helpers.ts";

interface Encoded {
  readonly rgb: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A stand-in that keeps what it was given to encode. */
function open() {
  const encoded: Encoded[] = [];
  const ps = new FakePhotoshop((rgb, width, height) => {
    encoded.push({ rgb, width, height });
    return Promise.resolve("/9j/");
  });
  return { encoded, ...setUp(undefined, ps) };
}

describe("pictures for the panel", () => {
  it("are base64 JPEG of RGB", async () => {
    const set = open();
    const data = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const format = { depth: "u8", channels: 3, alpha: "none" } as const;
    const picture = await set.host.picture({ rect_px: rect(7, 7, 9, 8), format, data });
    assert.deepEqual(picture, { width: 2, height: 1, url: "data:image/jpeg;base64,/9j/" });
    assert.deepEqual(set.encoded, [{ rgb: data, width: 2, height: 1 }]);
    clean(set);
  });

  it("of what is selected have the layer beneath, since they are opaque", async () => {
    const set = open();
    set.ps.openDocument({ width: W, height: H, layers: [{ name: "Photo", pixels: photo(8, 3, undefined, () => 1) }] });
    const target = await targetOf(set.host);
    await set.host.overview(target, 400);
    const data = new Uint8Array(W * H * 4);
    data.set([236, 0, 140, 255], 0);
    const format = { depth: "u8", channels: 4, alpha: "straight" } as const;
    await set.host.picture({ rect_px: rect(0, 0, W, H), format, data }, target);
    const [layer, both] = set.encoded;
    assert.deepEqual([...both!.rgb.subarray(0, 3)], [236, 0, 140]);
    assert.deepEqual(both!.rgb.subarray(3), layer!.rgb.subarray(3));
    clean(set);
  });

  it("show transparency as light squares", async () => {
    const set = open();
    const format = { depth: "u8", channels: 4, alpha: "straight" } as const;
    const data = new Uint8Array(16 * 4);
    data.set([10, 20, 30, 255], 0);
    await set.host.picture({ rect_px: rect(0, 0, 16, 1), format, data });
    const { rgb } = set.encoded[0]!;
    assert.deepEqual([...rgb.subarray(0, 6)], [10, 20, 30, 255, 255, 255]);
    assert.deepEqual([...rgb.subarray(8 * 3, 8 * 3 + 3)], [214, 214, 214]);
  });

  for (const depth of [8, 16, 32] as const) {
    it(`of a layer are what is shown, small: ${depth} bit`, async () => {
      const set = open();
      const grey = photo(depth, 1, undefined, () => 1);
      if (depth === 32) for (let at = 0; at < grey.length; at++) grey[at] = Math.min(1, grey[at]!);
      set.ps.openDocument({ width: W, height: H, depth, mode: "grayscaleMode", layers: [{ name: "G", pixels: grey }] });
      const target = await targetOf(set.host);
      const box = rect(10, 8, 30, 24);
      await set.host.place(target, putting(patch(patchPixels(target.format, box), ellipse(box))));
      const now = await targetOf(set.host);
      const picture = await set.host.overview(now, 400);
      assert.deepEqual([picture.width, picture.height], [W, H]);
      const shown = (await set.host.pixels(now, rect(0, 0, W, H))).data;
      const white = depth === 8 ? 255 : depth === 16 ? 65_535 : 1;
      for (let pixel = 0; pixel < W * H; pixel++) {
        const wanted = Math.round((shown[pixel * 2]! / white) * 255);
        assert.ok(Math.abs(set.encoded[0]!.rgb[pixel * 3]! - wanted) <= 1, `pixel ${pixel}`);
      }
      const small = await set.host.overview(now, 20);
      assert.deepEqual([small.width, small.height], [20, 15]);
      clean(set);
    });
  }

  it("of an empty layer are there too", async () => {
    const set = open();
    set.ps.openDocument({ width: W, height: H, layers: [{ name: "Empty" }] });
    assert.equal((await set.host.overview(await targetOf(set.host), 20)).width, 20);
  });

  it("that are encoded already are passed on", () => {
    const { host } = open();
    const picture = host.encoded(Uint8Array.of(0xff, 0xd8), "image/jpeg", 3, 4);
    assert.deepEqual(picture, { width: 3, height: 4, url: "data:image/jpeg;base64,/9g=" });
  });
});
