import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { apply, painted, reach, scaled, type Stroke } from "../../../figma/src/ui/strokes.ts";
import { nextSize, toolFor } from "../../../figma/src/ui/tool.ts";
import type { Mask } from "../../../shared/src/pixels/raster.ts";
import { contains, rect, widthOf } from "../../../shared/src/pixels/rect.ts";

const SIZE = { width: 200, height: 120 };

function stroke(fields: Partial<Stroke> = {}): Stroke {
  return { erase: false, sizePx: 20, featherPx: 0, points: [{ x: 60, y: 60 }], ...fields };
}

function at(mask: Mask | null, x: number, y: number): number {
  if (mask === null) return 0;
  const { rect_px, data } = mask;
  if (x < rect_px.x0 || y < rect_px.y0 || x >= rect_px.x1 || y >= rect_px.y1) return 0;
  return data[(y - rect_px.y0) * widthOf(rect_px) + x - rect_px.x0] ?? 0;
}

describe("painting a mask", () => {
  it("makes a round dab of the brush's size, cut to its box", () => {
    const mask = painted([stroke()], SIZE, null);
    assert.deepEqual(mask?.rect_px, rect(50, 50, 70, 70));
    const covered = mask.data.reduce((sum, value) => sum + value / 255, 0);
    assert.ok(Math.abs(covered - Math.PI * 100) < 4, `${covered} of ${Math.PI * 100} pixels`);
    assert.equal(at(mask, 60, 60), 255);
    assert.equal(at(mask, 51, 51), 0);
  });

  it("draws a line as wide as the brush between the points", () => {
    const mask = painted(
      [
        stroke({
          points: [
            { x: 30, y: 60 },
            { x: 150, y: 60 },
          ],
        }),
      ],
      SIZE,
      null,
    );
    assert.deepEqual(mask?.rect_px, rect(20, 50, 160, 70));
    for (let x = 30; x < 150; x++) {
      assert.equal(at(mask, x, 50), 255);
      assert.equal(at(mask, x, 69), 255);
      assert.equal(at(mask, x, 49), 0);
    }
  });

  it("stays within the layer where the stroke leaves it", () => {
    const mask = painted(
      [
        stroke({
          points: [
            { x: -5, y: 60 },
            { x: 4, y: -4 },
          ],
        }),
      ],
      SIZE,
      null,
    );
    assert.ok(mask !== null && contains(rect(0, 0, SIZE.width, SIZE.height), mask.rect_px));
    assert.equal(painted([stroke({ points: [{ x: -50, y: -50 }] })], SIZE, null), null);
  });

  it("blurs the edge by the feather, half way where the sharp edge was", () => {
    const soft = painted(
      [
        stroke({
          sizePx: 60,
          featherPx: 12,
          points: [
            { x: 100, y: -200 },
            { x: 100, y: 400 },
          ],
        }),
      ],
      SIZE,
      null,
    );
    assert.ok(Math.abs((at(soft, 129, 60) + at(soft, 130, 60)) / 2 - 127) < 4);
    assert.equal(at(soft, 100, 60), 255);
    let before = 256;
    for (let x = 100; x < 148; x++) {
      const value = at(soft, x, 60);
      assert.ok(value <= before, `it grows again at ${x}`);
      // A Gaussian of 6 pixels never falls by more than 0.4 / 6 of the whole a pixel.
      assert.ok(before === 256 || before - value <= 18, `a step at ${x}`);
      before = value;
    }
    assert.equal(before, 0);
  });

  it("erases what the eraser covers, and nothing else", () => {
    const both = painted(
      [
        stroke({
          points: [
            { x: 30, y: 60 },
            { x: 150, y: 60 },
          ],
        }),
        stroke({ erase: true, sizePx: 30, points: [{ x: 90, y: 60 }] }),
      ],
      SIZE,
      null,
    );
    assert.equal(at(both, 90, 60), 0);
    assert.equal(at(both, 40, 60), 255);
    assert.equal(at(both, 140, 60), 255);
    assert.equal(painted([stroke(), stroke({ erase: true, sizePx: 40 })], SIZE, null), null);
  });

  it("goes on with what was painted before", () => {
    const first = painted([stroke()], SIZE, null);
    const on = painted([stroke({ points: [{ x: 120, y: 60 }] })], SIZE, first);
    assert.deepEqual(on?.rect_px, rect(50, 50, 130, 70));
    assert.equal(at(on, 60, 60), 255);
    assert.deepEqual(painted([], SIZE, first), first);
  });

  it("never covers less for a longer stroke, and covers the same pixels for the same strokes", () => {
    const point = fc.record({
      x: fc.double({ min: -10, max: 210, noNaN: true }),
      y: fc.double({ min: -10, max: 130, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(point, { minLength: 1, maxLength: 12 }),
        point,
        fc.integer({ min: 2, max: 60 }),
        fc.integer({ min: 0, max: 20 }),
        (points, more, sizePx, featherPx) => {
          const short = painted([stroke({ points, sizePx, featherPx })], SIZE, null);
          const again = painted([stroke({ points, sizePx, featherPx })], SIZE, null);
          assert.deepEqual(short, again);
          // Twice the last point: thinning may otherwise drop it from the longer one.
          const long = painted([stroke({ points: [...points, points.at(-1)!, more], sizePx, featherPx })], SIZE, null);
          if (short === null) return;
          const slack = sizePx * 0.2;
          for (let y = short.rect_px.y0; y < short.rect_px.y1; y += 3) {
            for (let x = short.rect_px.x0; x < short.rect_px.x1; x += 3) {
              if (at(short, x, y) < 250 || slack > sizePx / 3) continue;
              assert.ok(at(long, x, y) > 0, `${x}, ${y}`);
            }
          }
        },
      ),
      { seed: 5, numRuns: 60 },
    );
  });

  it("reaches every pixel that it changes", () => {
    const soft = stroke({
      sizePx: 14,
      featherPx: 20,
      points: [
        { x: 60, y: 60 },
        { x: 90, y: 70 },
      ],
    });
    const mask = painted([soft], SIZE, null);
    assert.ok(mask !== null && contains(reach(soft, SIZE), mask.rect_px));
  });

  it("looks in the small preview as it is in the layer", () => {
    const strokes = [
      stroke({
        sizePx: 30,
        featherPx: 6,
        points: [
          { x: 40, y: 40 },
          { x: 140, y: 80 },
        ],
      }),
      stroke({ erase: true, sizePx: 16, points: [{ x: 90, y: 60 }] }),
    ];
    const full = painted(strokes, SIZE, null);
    const small: Mask = { rect_px: rect(0, 0, 100, 60), data: new Uint8Array(6000) };
    for (const one of strokes) apply(small, scaled(one, 0.5), { width: 100, height: 60 });
    let off = 0;
    for (let y = 0; y < 60; y++) {
      for (let x = 0; x < 100; x++) {
        const mean =
          (at(full, 2 * x, 2 * y) +
            at(full, 2 * x + 1, 2 * y) +
            at(full, 2 * x, 2 * y + 1) +
            at(full, 2 * x + 1, 2 * y + 1)) /
          4;
        off = Math.max(off, Math.abs(mean - (small.data[y * 100 + x] ?? 0)));
      }
    }
    assert.ok(off < 40, `${off} of 255`);
  });
});

describe("the brush's size", () => {
  it("follows the layer's, and steps up and down between a pixel and the largest", () => {
    const size = { width: 3000, height: 2000 };
    const tool = toolFor(size);
    assert.equal(tool.sizePx, 160);
    let at = tool.sizePx;
    for (let step = 0; step < 40; step++) at = nextSize(at, 1, size);
    assert.equal(at, tool.mostPx);
    for (let step = 0; step < 60; step++) at = nextSize(at, -1, size);
    assert.equal(at, 1);
    assert.equal(nextSize(3, 1, size), 4);
  });
});
