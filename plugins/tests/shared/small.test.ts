import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { blank, type Format, type Raster } from "../../shared/src/pixels/raster.ts";
import { areaOf, rect } from "../../shared/src/pixels/rect.ts";
import { inPlace, small } from "../../shared/src/pixels/small.ts";

const GREY: Format = { depth: "u8", channels: 1, alpha: "none" };

function filled(rect_px: Raster["rect_px"], value: number, format: Format = GREY): Raster {
  const raster = blank(rect_px, format);
  raster.data.fill(value);
  return raster;
}

describe("a patch in its place", () => {
  it("lies where it belongs, only where it is meant, with some of what is around it", () => {
    const around = filled(rect(0, 0, 100, 100), 9);
    const patch = filled(rect(40, 40, 60, 60), 200);
    const mask = { rect_px: patch.rect_px, data: new Uint8Array(400).map((_, i) => (i < 200 ? 1 : 0)) };
    const shown = inPlace(around, patch, mask)!;
    assert.deepEqual(shown.rect_px, rect(37, 37, 63, 63));
    const at = (x: number, y: number) => shown.data[(y - 37) * 26 + x - 37];
    assert.deepEqual([at(40, 40), at(59, 49), at(40, 50), at(39, 40), at(60, 45)], [200, 200, 9, 9, 9]);
    assert.equal(around.data[40 * 100 + 40], 9, "what it was made of is as it was");
  });

  it("is shown alone where the surroundings are not known or of another kind", () => {
    const patch = filled(rect(40, 40, 60, 60), 200);
    const mask = { rect_px: patch.rect_px, data: new Uint8Array(areaOf(patch.rect_px)).fill(255) };
    assert.equal(inPlace(filled(rect(50, 0, 100, 100), 9), patch, mask), null);
    assert.equal(inPlace(filled(rect(0, 0, 100, 100), 9, { ...GREY, depth: "u16" }), patch, mask), null);
    assert.equal(inPlace(filled(rect(0, 0, 100, 100), 9), patch, null), null);
  });
});

describe("a small picture", () => {
  it("is 8 bit colour of every depth, no longer than asked", () => {
    for (const [depth, white] of [
      ["u8", 255],
      ["u16", 65535],
      ["f32", 1],
    ] as const) {
      const shown = small(filled(rect(0, 0, 64, 32), white, { ...GREY, depth }), null, 16);
      assert.deepEqual([shown.rect_px.x1, shown.rect_px.y1, shown.format.channels], [16, 8, 3]);
      assert.ok(
        shown.data.every((value) => value === 255),
        depth,
      );
    }
  });

  it("is transparent where the mask means nothing", () => {
    const mask = { rect_px: rect(0, 0, 2, 1), data: new Uint8Array([0, 1]) };
    assert.deepEqual([...small(filled(rect(0, 0, 2, 1), 7), mask, 16).data], [7, 7, 7, 0, 7, 7, 7, 255]);
  });
});
