/** Boxes and lassos as masks: exact without a feather, soft and of the same weight with one, whole at the layer's border. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { corners, type Point, region } from "../../../bridge/review/page/src/region.ts";
import type { Mask } from "../../shared/src/pixels/raster.ts";
import { areaOf, rect, widthOf } from "../../shared/src/pixels/rect.ts";

const SIZE = { width: 120, height: 90 };

function at(mask: Mask, x: number, y: number): number {
  const { rect_px, data } = mask;
  if (x < rect_px.x0 || y < rect_px.y0 || x >= rect_px.x1 || y >= rect_px.y1) return 0;
  return data[(y - rect_px.y0) * widthOf(rect_px) + x - rect_px.x0] ?? 0;
}

const weight = (mask: Mask): number => mask.data.reduce((sum, value) => sum + value, 0) / 255;

describe("a drawn region", () => {
  it("is exactly a box of whole pixels", () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 80 })),
        fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 10 })),
        ([x, y], [width, height]) => {
          const mask = region(corners([x, y, x + width, y + height]), SIZE, 0);
          assert.ok(mask !== null);
          assert.deepEqual(mask.rect_px, rect(x, y, x + width, y + height));
          assert.ok(mask.data.every((value) => value === 255));
        },
      ),
    );
  });

  it("covers pixels in part where its line crosses them", () => {
    const mask = region(corners([10.5, 10, 20, 20.25]), SIZE, 0);
    assert.ok(mask !== null);
    assert.deepEqual([at(mask, 10, 12), at(mask, 11, 12), at(mask, 15, 20), at(mask, 20, 15)], [128, 255, 64, 0]);
  });

  it("has the lasso's area, whichever way round it was drawn, and no holes where it crosses itself", () => {
    const round: Point[] = Array.from({ length: 200 }, (_, i) => {
      const angle = (i / 200) * 2 * Math.PI;
      return { x: 60 + 30 * Math.cos(angle), y: 45 + 30 * Math.sin(angle) };
    });
    for (const points of [round, [...round].reverse(), [...round, ...round]]) {
      const mask = region(points, SIZE, 0);
      assert.ok(mask !== null);
      assert.ok(Math.abs(weight(mask) - Math.PI * 900) < 8, `${weight(mask)}`);
      assert.equal(at(mask, 60, 45), 255);
    }
  });

  it("is soft with a feather: half at its edge, the same weight, and it ends", () => {
    const [sharp, soft] = [region(corners([40, 30, 80, 60]), SIZE, 0), region(corners([40, 30, 80, 60]), SIZE, 8)];
    assert.ok(sharp !== null && soft !== null);
    assert.ok(Math.abs(weight(soft) - weight(sharp)) / weight(sharp) < 0.01);
    const across = Array.from({ length: 30 }, (_, i) => at(soft, 25 + i, 45));
    assert.ok(across.every((value, i) => i === 0 || value >= (across[i - 1] ?? 0)));
    assert.ok(Math.abs(((across[14] ?? 0) + (across[15] ?? 0)) / 2 - 127.5) < 4);
    // The standard deviation is half of the feather: one of them inside the edge, 84 % are selected.
    assert.ok(Math.abs(at(soft, 43, 45) + at(soft, 44, 45) - 2 * 0.841 * 255) < 12);
    assert.equal(at(soft, 25, 45), 0);
  });

  it("does not fade at the layer's border", () => {
    const mask = region(corners([0, 0, 60, 90]), SIZE, 10);
    assert.ok(mask !== null);
    assert.deepEqual([at(mask, 0, 0), at(mask, 0, 89), at(mask, 20, 0)], [255, 255, 255]);
  });

  it("is nothing when nothing was drawn, and stays within the layer", () => {
    assert.equal(region([], SIZE, 4), null);
    assert.equal(region(corners([5, 5, 5, 9]), SIZE, 0), null);
    assert.equal(region(corners([-50, -50, -10, -10]), SIZE, 0), null);
    const mask = region(corners([-50, -50, 500, 500]), SIZE, 6);
    assert.ok(mask !== null);
    assert.equal(areaOf(mask.rect_px), 120 * 90);
    assert.ok(mask.data.every((value) => value === 255));
  });
});
