import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Canvas, HostError, type PlacedPatch, type Target } from "../../shared/src/host.ts";
import { rectOf, type Size } from "../../shared/src/pixels/rect.ts";
import type { DocumentSpec, LayerSpec } from "../hosts/photoshop/spec.ts";
import { clean, patch, patchPixels, photo, putting, setUp, targetOf, W, H } from "./helpers.ts";

function one(layer: Partial<LayerSpec> = {}, rest: readonly LayerSpec[] = []): DocumentSpec {
  const pixels = photo(8, 3, undefined, layer.kind === "background" ? undefined : () => 1);
  return { width: W, height: H, layers: [...rest, { name: "Photo", pixels, ...layer }] };
}

function whole(target: Target, size: Size, canvas: Partial<Canvas> = {}, more: Partial<PlacedPatch> = {}): PlacedPatch {
  const format = canvas.format ?? target.format;
  const pixels = patchPixels(format, rectOf(size), 3, 0.5);
  return patch(pixels, null, { canvas: { size, format, x0: 0, y0: 0, scale: 1, ...canvas }, ...more });
}

function straight(put: PlacedPatch): Uint8Array {
  return put.pixels.format.channels === 4
    ? (put.pixels.data as Uint8Array)
    : Uint8Array.from({ length: (put.pixels.data.length / 3) * 4 }, (_, at) =>
        at % 4 === 3 ? 255 : put.pixels.data[Math.floor(at / 4) * 3 + (at % 4)]!,
      );
}

describe("results of another size", () => {
  for (const kind of ["pixel", "background"] as const) {
    it(`extending: the canvas grows, other layers stay in place, and all of it goes back: ${kind}`, async () => {
      const set = setUp();
      const sticker: LayerSpec = {
        name: "Sticker",
        box: { left: 5, top: 5, right: 6, bottom: 6 },
        pixels: new Uint8Array([9, 8, 7, 255]),
      };
      const document = set.ps.openDocument(one({ kind }, [sticker]));
      const before = document.flattened();
      const target = await targetOf(set.host);
      const size = { width: W + 20, height: H + 7 };
      const put = whole(target, size, { x0: 12, y0: 3 });
      const { notes } = await set.host.place(target, putting(put));
      assert.deepEqual([document.state.width, document.state.height], [W + 20, H + 7]);
      assert.deepEqual(document.boundsOf(document.named("Sticker")), { left: 17, top: 8, right: 18, bottom: 9 });
      assert.match(notes.join(), /60 × 37/);
      const shown = document.flattened();
      const wanted = straight(put).slice();
      wanted.set([9, 8, 7, 255], (8 * size.width + 17) * 4);
      assert.deepEqual(shown, wanted);
      const now = await targetOf(set.host);
      assert.deepEqual(now.size, size);
      await set.host.place(now, putting(null, { remove: ["v1"] }));
      assert.deepEqual(document.flattened(), before);
      assert.equal(document.historyNames.length, 3);
      clean(set);
    });
  }

  it("cropping an ordinary layer goes back exactly", async () => {
    const set = setUp();
    const document = set.ps.openDocument(one());
    const before = document.flattened();
    const target = await targetOf(set.host);
    await set.host.place(target, putting(whole(target, { width: 20, height: 10 }, { x0: -8, y0: -4 })));
    assert.deepEqual([document.state.width, document.state.height], [20, 10]);
    await set.host.place(await targetOf(set.host), putting(null, { remove: ["v1"] }));
    assert.deepEqual(document.flattened(), before);
  });

  it("a cropped Background cannot come back by a plugin: it is said, and nothing changes", async () => {
    const set = setUp();
    const document = set.ps.openDocument(one({ kind: "background" }));
    const before = document.flattened();
    const target = await targetOf(set.host);
    await set.host.place(target, putting(whole(target, { width: 20, height: 10 }, { x0: -8, y0: -4 })));
    const cropped = document.flattened();
    await assert.rejects(
      set.host.place(await targetOf(set.host), putting(null, { remove: ["v1"] })),
      (error) => error instanceof HostError && /Undo/.test(error.hint),
    );
    assert.deepEqual(document.flattened(), cropped);
    document.undo();
    assert.deepEqual(document.flattened(), before);
    clean(set);
  });

  it("upscaling scales the document and says so; back only with the pixels of the version before", async () => {
    const set = setUp();
    const document = set.ps.openDocument(one());
    const target = await targetOf(set.host);
    const size = { width: 2 * W, height: 2 * H };
    const put = whole(target, size, { scale: 2 });
    const { notes } = await set.host.place(target, putting(put));
    assert.match(notes.join(), /scaled its other layers/);
    assert.deepEqual(document.flattened(), straight(put));
    await assert.rejects(set.host.place(await targetOf(set.host), putting(null, { remove: ["v1"] })), HostError);
    const small = { width: W, height: H };
    const back = whole(target, small, { scale: 0.5 }, { version_id: "v0" });
    await set.host.place(await targetOf(set.host), putting(back, { remove: ["v1"] }));
    assert.deepEqual([document.state.width, document.state.height], [W, H]);
    assert.deepEqual(document.flattened(), straight(back));
    clean(set);
  });

  it("a Background that becomes transparent is a layer with transparency from then on", async () => {
    const set = setUp();
    const document = set.ps.openDocument(one({ kind: "background" }));
    const target = await targetOf(set.host);
    const format = { depth: "u8", channels: 4, alpha: "straight" } as const;
    const put = whole(target, { width: W, height: H }, { format });
    await set.host.place(target, putting(put));
    assert.deepEqual(document.panel(), ["Photo", "  remove this", "Photo (hidden)"]);
    assert.deepEqual(document.flattened(), put.pixels.data);
    const now = await targetOf(set.host);
    assert.deepEqual(now.format, format);
    assert.deepEqual((await set.host.pixels(now, rectOf(now.size))).data, put.pixels.data);
    await set.host.place(now, putting(null, { remove: ["v1"] }));
    assert.deepEqual((await targetOf(set.host)).format, target.format);
    clean(set);
  });

  it("a colour result for a grey document is refused whole", async () => {
    const set = setUp();
    const spec = {
      width: W,
      height: H,
      mode: "grayscaleMode",
      layers: [{ name: "G", pixels: photo(8, 1, undefined, () => 1) }],
    } as const;
    const document = set.ps.openDocument(spec);
    const target = await targetOf(set.host);
    const format = { depth: "u8", channels: 4, alpha: "straight" } as const;
    await assert.rejects(
      set.host.place(target, putting(whole(target, { width: W, height: H }, { format }))),
      (error) => error instanceof HostError && /Image › Mode/.test(error.hint),
    );
    assert.deepEqual(document.panel(), ["G"]);
    clean(set);
  });
});
