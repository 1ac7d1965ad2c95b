/** What was counted between two versions, said plainly; and what of a layer is hatched. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { sentenceOf } from "../../../bridge/review/page/src/figures.ts";
import { unknownPath } from "../../../bridge/review/page/src/known.ts";
import { TILE_PX, type VersionCompareIs } from "../../shared/src/protocol/messages.ts";

const FIGURES: VersionCompareIs = {
  type: "version.compare.is",
  re: 1,
  from_version_id: "a",
  version_id: "b",
  why_not: "",
  counted_px: 1_000_000,
  unknown_px: 0,
  changed_px: 12_480,
  outside_px: 0,
  edits_outside_px: 0,
  largest: 37,
  white: 255,
  rect_px: [0, 0, 10, 10],
  outline_px: 1,
  outline: [],
};

describe("the sentence on a comparison", () => {
  it("says that nothing outside the selection changed", () => {
    const { words, isKept, more } = sentenceOf(FIGURES, false);
    assert.equal(words, "12,480 pixels changed, none outside the selection.");
    assert.equal(isKept, true);
    assert.equal(more, "Largest difference: 37 of 255.");
    assert.match(sentenceOf(FIGURES, true).words, /selections\.$/);
    assert.match(sentenceOf({ ...FIGURES, changed_px: 1 }, false).words, /^1 pixel changed/);
  });

  it("tells what was painted in the program from what an edit did", () => {
    const painted = sentenceOf({ ...FIGURES, outside_px: 3 }, true);
    assert.equal(painted.isKept, true);
    assert.match(painted.more, /^3 pixels outside were painted in the design program/);
    const broken = sentenceOf({ ...FIGURES, outside_px: 3, edits_outside_px: 3 }, false);
    assert.equal(broken.isKept, false);
    assert.equal(broken.words, "12,480 pixels changed, 3 of them outside the selection.");
  });

  it("says what is not known, and why nothing could be counted", () => {
    assert.match(sentenceOf({ ...FIGURES, unknown_px: 3_000_000 }, false).more, /75 % of the layer was never sent/);
    assert.equal(sentenceOf({ ...FIGURES, why_not: "Scaled." }, false).words, "Scaled.");
    assert.match(sentenceOf({ ...FIGURES, changed_px: 0 }, false).words, /^Nothing changed: 1,000,000 pixels/);
  });
});

describe("the hatch", () => {
  it("covers the cells that are not known, and no others", () => {
    const sides = fc.integer({ min: 1, max: 700 });
    fc.assert(
      fc.property(sides, sides, fc.array(fc.boolean(), { minLength: 36, maxLength: 36 }), (width, height, bits) => {
        const [cols, rows] = [Math.ceil(width / TILE_PX), Math.ceil(height / TILE_PX)];
        const known = new Uint8Array(Math.ceil((cols * rows) / 8));
        for (let cell = 0; cell < cols * rows; cell++) {
          if (bits[cell] === true) known[cell >> 3] = (known[cell >> 3] ?? 0) | (0x80 >> (cell & 7));
        }
        const covered = new Map<string, number>();
        for (const [, x0, y0, x1, y1] of unknownPath({ width, height, known }).matchAll(
          /M(\d+) (\d+)H(\d+)V(\d+)H\d+z/g,
        )) {
          assert.ok(Number(x1) <= width && Number(y1) <= height);
          for (let y = Number(y0); y < Number(y1); y += TILE_PX) {
            for (let x = Number(x0); x < Number(x1); x += TILE_PX) {
              const cell = `${x / TILE_PX} ${y / TILE_PX}`;
              covered.set(cell, (covered.get(cell) ?? 0) + 1);
            }
          }
        }
        for (let row = 0; row < rows; row++) {
          for (let col = 0; col < cols; col++) {
            assert.equal(covered.get(`${col} ${row}`) ?? 0, bits[row * cols + col] === true ? 0 : 1);
          }
        }
      }),
    );
    assert.equal(unknownPath({ width: 300, height: 300, known: new Uint8Array() }), "");
  });
});
