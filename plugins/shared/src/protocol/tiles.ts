/**
 * A layer's grid of square cells, and samples ↔ tiles. As `bridge/grid.py` and `bridge/protocol/tiles.py` have it.
 */

import { createHash } from "sha256-uint8array";
import { FRAME_BYTES, TILE_PX, type Tile } from "./messages.ts";
import { bytesOf, bytesPerPixel, copyRows, type Raster, type Samples, samples, samplesOf } from "../pixels/raster.ts";
import { areaOf, intersect, isEmpty, type Rect, rect } from "../pixels/rect.ts";
import { Unreadable } from "./codec.ts";

/** Column and row in the grid. */
export type Cell = readonly [number, number];

/** Names and headers of one tile and of the message around them, rounded up (bridge/protocol/tiles.py). */
const TILE_OVERHEAD = 48;
const FRAME_OVERHEAD = 256;
const TILES_A_FRAME = 4096;

export function rectOfCell(cell: Cell): Rect {
  return rect(cell[0] * TILE_PX, cell[1] * TILE_PX, (cell[0] + 1) * TILE_PX, (cell[1] + 1) * TILE_PX);
}

/** The cell clipped to what it is a tile of. */
export function tileRect(cell: Cell, within_px: Rect): Rect {
  return intersect(rectOfCell(cell), within_px);
}

/** The cells that a rectangle meets, row by row. */
export function cellsOf(rect_px: Rect): Cell[] {
  if (isEmpty(rect_px)) return [];
  const cells: Cell[] = [];
  for (let row = Math.floor(rect_px.y0 / TILE_PX); row * TILE_PX < rect_px.y1; row++) {
    for (let col = Math.floor(rect_px.x0 / TILE_PX); col * TILE_PX < rect_px.x1; col++) cells.push([col, row]);
  }
  return cells;
}

/** The bytes of one cell of a raster, clipped to `within_px`, which the raster must cover there. */
export function cutTile(raster: Raster, cell: Cell, within_px: Rect): Uint8Array {
  return cutSamples(raster.data, raster.rect_px, raster.format.channels, tileRect(cell, within_px));
}

/** The same of a mask. */
export function cutMaskTile(data: Uint8Array, rect_px: Rect, cell: Cell): Uint8Array {
  return cutSamples(data, rect_px, 1, tileRect(cell, rect_px));
}

function cutSamples(data: Samples, rect_px: Rect, channels: number, part_px: Rect): Uint8Array {
  const depth = data instanceof Uint8Array ? "u8" : data instanceof Uint16Array ? "u16" : "f32";
  const out = samples(depth, areaOf(part_px) * channels);
  copyRows(data, rect_px, out, part_px, part_px, channels);
  return bytesOf(out);
}

export function hashOf(bytes: Uint8Array): Uint8Array {
  return createHash().update(bytes).digest();
}

/** One colour goes as one pixel, all else raw: on loopback, packing in JavaScript costs more than the bytes. */
export function packTile(cell: Cell, bytes: Uint8Array, pixelBytes: number): Tile {
  for (let i = pixelBytes; i < bytes.length; i++) {
    if (bytes[i] !== bytes[i - pixelBytes]) return { cell, encoding: "raw", data: bytes };
  }
  return { cell, encoding: "fill", data: bytes.slice(0, pixelBytes) };
}

/** The tile's samples as bytes, exactly `expected` of them. */
export function unpackTile(tile: Pick<Tile, "encoding" | "data">, expected: number, pixelBytes: number): Uint8Array {
  const bytes = unpacked(tile, expected, pixelBytes);
  if (bytes.length !== expected) throw new Unreadable("A tile does not have the size of its cell.");
  return bytes;
}

function unpacked(tile: Pick<Tile, "encoding" | "data">, expected: number, pixelBytes: number): Uint8Array {
  switch (tile.encoding) {
    case "raw":
      return tile.data;
    case "fill": {
      if (tile.data.length !== pixelBytes) throw new Unreadable("A fill tile holds exactly one pixel.");
      const bytes = new Uint8Array(expected);
      bytes.set(tile.data.subarray(0, Math.min(pixelBytes, expected)));
      // Doubling what is there is the quickest way to repeat it.
      for (let done = pixelBytes; done < expected; done *= 2)
        bytes.copyWithin(done, 0, Math.min(done, expected - done));
      return bytes;
    }
    case "zstd":
    case "zlib":
      throw new Unreadable("A tile is packed.");
  }
}

/** The tiles in groups that each fit one frame, in their order. */
export function* framesOf(tiles: Iterable<Tile>): Generator<readonly Tile[]> {
  const room = FRAME_BYTES - FRAME_OVERHEAD;
  let frame: Tile[] = [];
  let used = 0;
  for (const tile of tiles) {
    const size = tile.data.length + TILE_OVERHEAD;
    if (frame.length > 0 && (used + size > room || frame.length === TILES_A_FRAME)) {
      yield frame;
      frame = [];
      used = 0;
    }
    frame.push(tile);
    used += size;
  }
  if (frame.length > 0) yield frame;
}

/** Puts a tile's bytes into a raster that holds its cell. */
export function pasteTile(into: Raster, cell: Cell, bytes: Uint8Array): void {
  const part_px = tileRect(cell, into.rect_px);
  const data = samplesOf(into.format.depth, bytes);
  copyRows(data, part_px, into.data, into.rect_px, part_px, into.format.channels);
}

export function tileBytes(cell: Cell, within_px: Rect, format: Raster["format"]): number {
  return areaOf(tileRect(cell, within_px)) * bytesPerPixel(format);
}
