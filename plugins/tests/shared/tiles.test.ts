import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Unreadable } from "../../shared/src/protocol/codec.ts";
import { FRAME_BYTES, TILE_PX } from "../../shared/src/protocol/messages.ts";
import {
  cellsOf,
  cutTile,
  framesOf,
  hashOf,
  packTile,
  pasteTile,
  tileRect,
  unpackTile,
} from "../../shared/src/protocol/tiles.ts";
import { blank, bytesPerPixel, type Format, trimmed } from "../../shared/src/pixels/raster.ts";
import {
  areaOf,
  contains,
  intersect,
  isEmpty,
  type Rect,
  rect,
  sameRect,
  union,
} from "../../shared/src/pixels/rect.ts";
import { photograph } from "../support/memory_host.ts";

const rects = fc
  .tuple(fc.nat(600), fc.nat(600), fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 400 }))
  .map(([x, y, w, h]) => rect(x, y, x + w, y + h));
const formats = fc.constantFrom<Format>(
  { depth: "u8", channels: 3, alpha: "none" },
  { depth: "u8", channels: 4, alpha: "straight" },
  { depth: "u16", channels: 4, alpha: "straight" },
  { depth: "u16", channels: 1, alpha: "none" },
  { depth: "f32", channels: 2, alpha: "straight" },
);

describe("tiles", () => {
  it("cover a rectangle once", () => {
    fc.assert(
      fc.property(rects, (whole_px) => {
        const parts = cellsOf(whole_px).map((cell) => tileRect(cell, whole_px));
        assert.equal(
          parts.reduce((sum, part) => sum + areaOf(part), 0),
          areaOf(whole_px),
        );
        assert.ok(sameRect(parts.reduce(union), whole_px));
        for (const part of parts) assert.ok(contains(whole_px, part) && !isEmpty(part));
      }),
    );
  });

  it("come back as they were, by every way to pack them", () => {
    fc.assert(
      fc.property(rects, formats, fc.nat(1000), fc.boolean(), (whole_px, format, seed, flat) => {
        const size = { width: whole_px.x1, height: whole_px.y1 };
        const source = flat ? blank(rect(0, 0, size.width, size.height), format) : photograph(size, format, seed);
        const copy = blank(whole_px, format);
        const pixel = bytesPerPixel(format);
        for (const cell of cellsOf(whole_px)) {
          const bytes = cutTile(source, cell, whole_px);
          const tile = packTile(cell, bytes, pixel);
          assert.equal(tile.encoding, flat || bytes.length === pixel ? "fill" : tile.encoding);
          pasteTile(copy, cell, unpackTile(tile, bytes.length, pixel));
          assert.deepEqual(cutTile(copy, cell, whole_px), bytes);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("have the hash of their bytes", () => {
    const bytes = new Uint8Array(TILE_PX * TILE_PX * 4).map((_, index) => index % 251);
    assert.deepEqual(Buffer.from(hashOf(bytes)), createHash("sha256").update(bytes).digest());
  });

  it("are refused when they hold more or less than their cell", () => {
    for (const tile of [
      { encoding: "raw", data: new Uint8Array(5) },
      { encoding: "raw", data: new Uint8Array(7) },
      { encoding: "fill", data: new Uint8Array(2) },
      { encoding: "zlib", data: new Uint8Array(6) },
      { encoding: "zstd", data: new Uint8Array([1, 2, 3]) },
      { encoding: "zstd", data: new Uint8Array(6) },
    ] as const) {
      assert.throws(() => unpackTile(tile, 6, 3), Unreadable, JSON.stringify(tile));
    }
  });

  it("go in frames that fit, in their order", () => {
    const tiles = Array.from({ length: 90 }, (_, col) => packTile([col, 0], photographBytes(col), 4));
    const frames = [...framesOf(tiles)];
    assert.ok(frames.length > 1);
    assert.deepEqual(
      frames.flat().map((tile) => tile.cell[0]),
      tiles.map((tile) => tile.cell[0]),
    );
    for (const frame of frames) {
      assert.ok(frame.reduce((sum, tile) => sum + tile.data.length, 0) < FRAME_BYTES);
    }
  });
});

describe("a mask", () => {
  it("is cut to the box of what is selected at all", () => {
    fc.assert(
      fc.property(rects, rects, (whole_px: Rect, part_px: Rect) => {
        const inside = intersect(whole_px, part_px);
        const data = new Uint8Array(areaOf(whole_px));
        const width = whole_px.x1 - whole_px.x0;
        for (let y = inside.y0; y < inside.y1; y++) {
          data.fill(
            1,
            (y - whole_px.y0) * width + inside.x0 - whole_px.x0,
            (y - whole_px.y0) * width + inside.x1 - whole_px.x0,
          );
        }
        const cut = trimmed({ rect_px: whole_px, data });
        if (isEmpty(inside)) assert.equal(cut, null);
        else {
          assert.ok(sameRect(cut!.rect_px, inside));
          assert.ok(cut!.data.every((value) => value === 1));
        }
      }),
    );
  });
});

function photographBytes(seed: number): Uint8Array {
  const { data } = photograph(
    { width: TILE_PX, height: TILE_PX },
    { depth: "u8", channels: 4, alpha: "straight" },
    seed,
  );
  return data as Uint8Array;
}
