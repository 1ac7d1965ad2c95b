import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Host, PlacedPatch, Target } from "../../shared/src/host.ts";
import { rect } from "../../shared/src/pixels/rect.ts";
import type { ImageInfo, ShadeInfo, TextInfo } from "../../shared/src/protocol/messages.ts";
import { clean, patch, patchPixels, photo, putting, type Set, setUp, targetOf } from "./helpers.ts";

const SIZE = { width: 300, height: 200 };
/** Where the letters' ink is. */
const INK = rect(40, 60, 140, 88);

const TEXT: TextInfo = {
  kind: "text",
  rect_px: [38, 50, 142, 98],
  text: "Summer",
  family: "DejaVu Sans",
  style: "Bold",
  size_px: 40,
  line_px: 48,
  colour: [1, 0.5, 0, 1],
  align: "left",
};

function open(depth: 8 | 16 | 32 = 8): { set: Set; host: Host } {
  const set = setUp();
  set.ps.openDocument({ ...SIZE, depth, layers: [{ name: "Photo", pixels: photo(depth, 3, SIZE, () => 1) }] });
  return { set, host: set.host };
}

function letters(target: Target, layers: PlacedPatch["layers"]): PlacedPatch {
  const data = new Uint8Array((INK.x1 - INK.x0) * (INK.y1 - INK.y0)).fill(255);
  const mask = { rect_px: INK, data };
  return patch(patchPixels(target.format, INK), mask, { text: "write “Summer”", layers });
}

describe("letters", () => {
  it("become a text layer that can be edited, of the size and at the place of the patch", async () => {
    const { set, host } = open();
    const document = set.ps.open[0]!;
    const target = await targetOf(set.host);
    const { notes } = await host.place(target, putting(letters(target, [TEXT])));
    assert.deepEqual(notes, []);
    assert.deepEqual(document.panel(), ["Photo", "  write “Summer”", "    Summer", "  Photo"]);
    const { text } = document.named("Summer");
    assert.deepEqual([text?.contents, text?.font], ["Summer", "DejaVuSans-Bold"]);
    assert.deepEqual(text?.colour, [255, 127.5, 0]);
    const { left, right, top, bottom } = document.boundsOf(document.named("Summer"));
    assert.ok(Math.abs(right - left - 100) <= 3, `${right - left} wide`);
    assert.ok(Math.abs((left + right) / 2 - 90) <= 1 && Math.abs((top + bottom) / 2 - 74) <= 1);
    assert.equal(document.historyNames.length, 2);
    assert.deepEqual((await targetOf(set.host)).shown, [{ version_id: "v1", parent_id: null }]);
    clean(set);
  });

  it("are read as they are shown, and go with their version", async () => {
    const { set, host } = open();
    const document = set.ps.open[0]!;
    const before = document.flattened();
    const target = await targetOf(set.host);
    await host.place(target, putting(letters(target, [TEXT])));
    const now = await targetOf(set.host);
    assert.deepEqual((await host.pixels(now, rect(0, 0, SIZE.width, SIZE.height))).data, document.flattened());
    await host.place(now, putting(null, { remove: ["v1"] }));
    assert.deepEqual(document.flattened(), before);
    assert.deepEqual(document.panel(), ["Photo"]);
    clean(set);
  });

  it("have their lines, alignment and leading", async () => {
    const { set, host } = open();
    const target = await targetOf(set.host);
    const text = { ...TEXT, text: "Summer\nsale", align: "centre" };
    await host.place(target, putting(letters(target, [text])));
    const node = set.ps.open[0]!.named("Summer sale").text!;
    assert.deepEqual([node.contents, node.justification, node.autoLeading], ["Summer\rsale", "center", false]);
    assert.ok(Math.abs(node.leading / node.size - 48 / 40) < 0.01);
  });

  for (const depth of [8, 16, 32] as const) {
    it(`stand on their shade, which is a layer of its own: ${depth} bit`, async () => {
      const { set, host } = open(depth);
      const document = set.ps.open[0]!;
      const target = await targetOf(set.host);
      const shade: ShadeInfo = { kind: "shade", rect_px: [30, 45, 150, 105], colour: [0, 0, 0, 0.5], radius_px: 8 };
      await host.place(target, putting(letters(target, [shade, TEXT])));
      assert.deepEqual(document.panel().slice(1, 4), ["  write “Summer”", "    Summer", "    Shade"]);
      const { pixels } = document.named("Shade");
      const middle = (75 - pixels!.box.top) * (pixels!.box.right - pixels!.box.left) + 90 - pixels!.box.left;
      const white = depth === 8 ? 255 : depth === 16 ? 32_768 : 1;
      assert.ok(Math.abs(pixels!.data[middle * 4 + 3]! / white - 0.5) < 0.01);
      clean(set);
    });
  }

  it("are placed as pixels when their font is missing, and that is told", async () => {
    const { set, host } = open();
    const target = await targetOf(set.host);
    const { notes } = await host.place(target, putting(letters(target, [{ ...TEXT, family: "Inter" }])));
    assert.deepEqual(notes, ["The font Inter Bold is not here; the text was placed as pixels."]);
    assert.deepEqual(set.ps.open[0]!.panel(), ["Photo", "  write “Summer” ◧", "  Photo"]);
  });

  it("are pixels when people want them so", async () => {
    const { set, host } = open();
    const target = await targetOf(set.host);
    await host.place(target, putting(letters(target, [TEXT]), { native: false }));
    assert.deepEqual(set.ps.open[0]!.panel(), ["Photo", "  write “Summer” ◧", "  Photo"]);
  });

  it("placed pictures are a pixel layer", async () => {
    const { set, host } = open();
    const target = await targetOf(set.host);
    const image: ImageInfo = { kind: "image", rect_px: [40, 60, 140, 88], reference: 1, rotation: 0, opacity: 1 };
    const { notes } = await host.place(target, putting(letters(target, [image])));
    assert.deepEqual(notes, []);
    assert.deepEqual(set.ps.open[0]!.panel(), ["Photo", "  write “Summer” ◧", "  Photo"]);
  });

  it("leave nothing behind when one of them cannot be made", async () => {
    for (const call of ["createTextLayer", "createLayerGroup", "translate", "set text"]) {
      const { set, host } = open();
      const document = set.ps.open[0]!;
      const before = document.flattened();
      const target = await targetOf(set.host);
      set.ps.rules.failIn = call;
      await assert.rejects(host.place(target, putting(letters(target, [TEXT]))), /could not change/);
      assert.deepEqual(document.panel(), ["Photo"], call);
      assert.deepEqual(document.flattened(), before);
      clean(set);
    }
  });
});
