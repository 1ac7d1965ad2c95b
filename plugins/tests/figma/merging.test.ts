/** Patches merged into a copy of the image fill, images that change size or get alpha, and the ways back. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HostError, type PlacedPatch } from "../../shared/src/host.ts";
import { rectOf } from "../../shared/src/pixels/rect.ts";
import { FigmaDocument } from "../hosts/figma/document.ts";
import { openHost } from "../hosts/figma/open.ts";
import type { NodeState } from "../hosts/figma/store.ts";
import { different, disc, pageWith, paint, patch, patched, photo, place, target } from "./support.ts";

const [WIDTH, HEIGHT] = [120, 80];
const RECT = { x0: 30, y0: 20, x1: 90, y1: 70 };
const BOX = { x0: -100, y0: -100, x1: 400, y1: 400 };

async function open(fields: Partial<NodeState> & { paint?: object; x?: number; y?: number } = {}, alpha = false) {
  const document = new FigmaDocument();
  document.add("RECTANGLE", { width: 500, height: 500, fills: [{ type: "SOLID", color: { r: 0.2, g: 0.5, b: 0.3 } }] });
  const image = photo(WIDTH, HEIGHT, alpha);
  const id = document.addPicture(image.png, fields);
  document.select(id);
  const opened = await openHost({ document });
  return { document, image, id, opened };
}

const versions = async (opened: Awaited<ReturnType<typeof openHost>>) =>
  (await target(opened)).shown.map((shown) => shown.version_id);

describe("a patch merged into the image", () => {
  it("changes the fill's image and nothing else of the node, in every mode", async () => {
    for (const fields of [
      { width: 80, height: 160 },
      { width: 200, height: 170, paint: { scaleMode: "TILE", scalingFactor: 0.5, rotation: 90 } },
      { width: 200, height: 100, paint: { scaleMode: "FIT", filters: { exposure: 0.3 }, opacity: 0.5 } },
    ]) {
      const { document, image, id, opened } = await open(fields);
      const fills = structuredClone(document.store.get(id).fills);
      const put = patch("v1", RECT);
      await place(opened, put, { as: "merge" });
      assert.equal(document.patches().length, 0);
      const wanted = await pageWith(document, id, patched(image, WIDTH, [put]), BOX);
      assert.equal(different(await document.pixels(BOX), wanted), 0);
      const hash = (document.store.get(id).fills[0] as { imageHash: string }).imageHash;
      assert.deepEqual(document.store.get(id).fills, [{ ...fills[0], imageHash: hash }]);
      assert.deepEqual(await versions(opened), ["v1"]);
      opened.close();
    }
  });

  it("takes earlier patches in, and gives them back when it is taken away", async () => {
    const { document, image, id, opened } = await open();
    const first = patch("v1", { x0: 10, y0: 10, x1: 60, y1: 60 });
    const second = patch("v2", RECT, { parent_id: "v1" });
    await place(opened, first);
    await place(opened, second, { as: "merge" });
    assert.equal(document.patches().length, 0);
    assert.deepEqual(await versions(opened), ["v1", "v2"]);
    const both = await pageWith(document, id, patched(image, WIDTH, [first, second]), BOX);
    assert.equal(different(await document.pixels(BOX), both), 0);
    await place(opened, null, { remove: ["v2"] });
    assert.deepEqual(await versions(opened), ["v1"]);
    assert.deepEqual(
      document.patches().map((one) => one.version),
      ["v1"],
    );
    const now = await document.pixels(BOX);
    const one = await pageWith(document, id, patched(image, WIDTH, [first]), BOX);
    assert.equal(different(now, one), 0);
    await place(opened, null, { remove: ["v1"] });
    assert.equal(different(await document.pixels(BOX), await pageWith(document, id, image.png, BOX)), 0);
    opened.close();
  });

  it("replaces a merged version by another in one step", async () => {
    const { document, image, id, opened } = await open();
    await place(opened, patch("v1", RECT), { as: "merge" });
    const other = patch("v2", { x0: 0, y0: 0, x1: 40, y1: 40 });
    await place(opened, other, { as: "merge", remove: ["v1"] });
    assert.deepEqual(await versions(opened), ["v2"]);
    const wanted = await pageWith(document, id, patched(image, WIDTH, [other]), BOX);
    assert.equal(different(await document.pixels(BOX), wanted), 0);
    assert.equal(opened.main.commits, 2);
    opened.close();
  });

  it("is refused for a merged version below another", async () => {
    const { opened } = await open();
    await place(opened, patch("v1", RECT), { as: "merge" });
    await place(opened, patch("v2", RECT, { parent_id: "v1" }), { as: "merge" });
    await assert.rejects(place(opened, null, { remove: ["v1"] }), (error: HostError) => error.code === "failed");
    assert.deepEqual(await versions(opened), ["v1", "v2"]);
    opened.close();
  });

  it("is refused beyond 4096 px, with what to do instead", async () => {
    const document = new FigmaDocument();
    const id = document.addPicture(photo(4100, 20).png);
    document.select(id);
    const opened = await openHost({ document });
    await assert.rejects(
      place(opened, patch("v1", { x0: 0, y0: 0, x1: 10, y1: 10 }), { as: "merge" }),
      (error: HostError) => error.code === "too_large" && error.hint.includes("layers"),
    );
    opened.close();
  });
});

describe("a layer above the image that could not be exact", () => {
  const obstacles: readonly (readonly [string, Partial<NodeState> & { paint?: object }])[] = [
    ["faded", { opacity: 0.5 }],
    ["blended", { blendMode: "MULTIPLY" }],
    ["faded in its fill", { paint: { opacity: 0.4 } }],
    ["blurred", { effects: [{ type: "LAYER_BLUR", radius: 4, visible: true } as never] }],
    ["a mask", { isMask: true }],
    [
      "stroked inside",
      { strokes: [{ type: "SOLID", color: { r: 1, g: 0, b: 0 } }], strokeAlign: "INSIDE", strokeWeight: 3 },
    ],
  ];
  for (const [name, fields] of obstacles) {
    it(`is merged instead, and says why: the image is ${name}`, async () => {
      const { document, image, id, opened } = await open(fields);
      const put = patch("v1", RECT);
      const notes = await place(opened, put);
      assert.equal(notes.length, 1);
      assert.match(notes[0]!, /merged/);
      const wanted = await pageWith(document, id, patched(image, WIDTH, [put]), BOX);
      assert.equal(different(await document.pixels(BOX), wanted), 0);
      opened.close();
    });
  }

  it("is merged in an instance, whose layers are fixed", async () => {
    const document = new FigmaDocument();
    const instance = document.add("INSTANCE", { width: 300, height: 200 });
    const image = photo(WIDTH, HEIGHT);
    const id = document.addPicture(image.png, {}, instance);
    document.select(id);
    const opened = await openHost({ document });
    const notes = await place(opened, patch("v1", RECT));
    assert.match(notes[0]!, /instance/);
    assert.deepEqual(await versions(opened), ["v1"]);
    opened.close();
  });

  it("is merged where the result is more transparent than what is below it", async () => {
    const { document, image, id, opened } = await open({}, true);
    const pixels = paint(RECT, 4);
    for (let i = 3; i < pixels.data.length; i += 4) pixels.data[i] = 60;
    const put = patch("v1", RECT, { pixels });
    const notes = await place(opened, put);
    assert.match(notes[0]!, /more transparent/);
    const wanted = await pageWith(document, id, patched(image, WIDTH, [put]), BOX);
    assert.equal(different(await document.pixels(BOX), wanted), 0);
    opened.close();
  });

  it("stays a layer over transparent pixels where it hides what is below", async () => {
    const { document, image, id, opened } = await open({}, true);
    const put = patch("v1", RECT, { pixels: paint(RECT, 4) });
    assert.deepEqual(await place(opened, put), []);
    assert.equal(document.patches().length, 1);
    const wanted = await pageWith(document, id, patched(image, WIDTH, [put]), BOX);
    assert.equal(different(await document.pixels(BOX), wanted), 0);
    opened.close();
  });
});

describe("a layer of another size", () => {
  const extended = (x0: number, y0: number, right: number, bottom: number): PlacedPatch => {
    const size = { width: WIDTH + x0 + right, height: HEIGHT + y0 + bottom };
    const pixels = paint(rectOf(size));
    const image = photo(WIDTH, HEIGHT);
    for (let y = 0; y < HEIGHT; y++) {
      const row = image.data.subarray(y * WIDTH * 3, (y + 1) * WIDTH * 3);
      (pixels.data as Uint8Array).set(row, ((y + y0) * size.width + x0) * 3);
    }
    const canvas = { size, format: pixels.format, x0, y0, scale: 1 };
    return patch("v1", rectOf(size), { pixels, mask: null, canvas });
  };

  it("grows the node, and every old pixel stays where it was on the page", async () => {
    for (const fields of [
      { x: 50, y: 60 },
      { x: 50, y: 60, width: 240, height: 160 },
      {
        transform: [
          [0, -1, 200],
          [1, 0, 50],
        ] as NodeState["transform"],
      },
      { width: 80, height: 120, x: 90, y: 30, paint: { rotation: 90 } },
      { width: 60, height: 80, x: 90, y: 30 },
      { width: 150, height: 80, x: 90, y: 90, paint: { scaleMode: "FIT" } },
    ]) {
      const { document, id, image, opened } = await open(fields);
      const node = document.store.get(id);
      const before = structuredClone(node);
      const old = await document.pixels(BOX);
      const bare = await pageWith(document, id, clear(), BOX);
      await place(opened, extended(17, 9, 23, 31));
      const now = await document.pixels(BOX);
      let seen = 0;
      for (let i = 0; i < old.data.length; i += 4) {
        // Where the old image was seen (and not the ground), its pixels are still there.
        if ([0, 1, 2].every((c) => old.data[i + c] === bare.data[i + c])) continue;
        seen++;
        for (let c = 0; c < 3; c++) assert.equal(now.data[i + c], old.data[i + c], JSON.stringify(fields));
      }
      assert.ok(seen > 3000);
      assert.ok(different(now, old) > 1000, "what grew is seen");
      assert.deepEqual((await target(opened)).size, { width: WIDTH + 40, height: HEIGHT + 40 });
      // Taken away again, the node is as it was.
      await place(opened, null, { remove: ["v1"] });
      const { fills, width, height, transform } = document.store.get(id);
      assert.deepEqual(
        { width, height, transform },
        { width: before.width, height: before.height, transform: before.transform },
      );
      assert.equal((fills[0] as { imageHash: string }).imageHash, (before.fills[0] as { imageHash: string }).imageHash);
      assert.equal(different(await document.pixels(BOX), await pageWith(document, id, image.png, BOX)), 0);
      opened.close();
    }
  });

  /** An image of nothing: what is behind shows. */
  const clear = () => photo(1, 1, true).png;

  it("stays as large on the page when it is upscaled", async () => {
    const { document, id, opened } = await open({ width: 60, height: 40, x: 10, y: 10 });
    const size = { width: WIDTH * 2, height: HEIGHT * 2 };
    const pixels = paint(rectOf(size));
    await place(
      opened,
      patch("v1", rectOf(size), {
        pixels,
        mask: null,
        canvas: { size, format: pixels.format, x0: 0, y0: 0, scale: 2 },
      }),
    );
    const { width, height, transform, fills } = document.store.get(id);
    assert.deepEqual([width, height, transform[0][2], transform[1][2]], [60, 40, 10, 10]);
    assert.equal((fills[0] as { scaleMode: string }).scaleMode, "FILL");
    assert.deepEqual((await target(opened)).size, size);
    opened.close();
  });

  it("gets alpha when the background is removed", async () => {
    const { document, opened } = await open();
    const pixels = paint({ x0: 0, y0: 0, x1: WIDTH, y1: HEIGHT }, 4);
    const mask = disc(pixels.rect_px);
    for (let i = 0; i < mask.data.length; i++) pixels.data[i * 4 + 3] = mask.data[i]!;
    const canvas = { size: { width: WIDTH, height: HEIGHT }, format: pixels.format, x0: 0, y0: 0, scale: 1 };
    await place(opened, patch("v1", pixels.rect_px, { pixels, mask: null, canvas }));
    const now = await target(opened);
    assert.deepEqual(now.format, { depth: "u8", channels: 4, alpha: "straight" });
    assert.deepEqual((await opened.host.pixels(now, pixels.rect_px)).data, pixels.data);
    const page = await document.pixels({ x0: 0, y0: 0, x1: 1, y1: 1 });
    assert.deepEqual([...page.data], [51, 128, 77, 255], "the ground is seen through it");
    opened.close();
  });

  it("keeps what a frame holds where it was on the page", async () => {
    const document = new FigmaDocument();
    const image = photo(WIDTH, HEIGHT);
    const id = document.addPicture(image.png, { x: 100, y: 100, clipsContent: false }, undefined, "FRAME");
    const child = document.add(
      "RECTANGLE",
      {
        width: 20,
        height: 20,
        transform: [
          [1, 0, 5],
          [0, 1, 6],
        ],
      },
      id,
    );
    document.select(id);
    const opened = await openHost({ document });
    await place(opened, extended(17, 9, 23, 31));
    const { transform } = document.store.get(child);
    assert.deepEqual([transform[0][2], transform[1][2]], [22, 15]);
    opened.close();
  });

  it("is refused beyond 4096 px", async () => {
    const { opened } = await open();
    const size = { width: 4200, height: 10 };
    const pixels = paint(rectOf(size));
    const put = patch("v1", rectOf(size), {
      pixels,
      mask: null,
      canvas: { size, format: pixels.format, x0: 0, y0: 0, scale: 1 },
    });
    await assert.rejects(
      place(opened, put),
      (error: HostError) => error instanceof HostError && error.code === "too_large",
    );
    opened.close();
  });
});
