/** A layer's tiles on their way to the bridge: named, then packed one after another. */

import type { Tile } from "../protocol/messages.ts";
import { type Cell, cutTile, hashOf, packTile } from "../protocol/tiles.ts";
import { bytesPerPixel, type Raster } from "../pixels/raster.ts";
import type { Rect } from "../pixels/rect.ts";
import { pause, type Platform } from "./platform.ts";

/** Tiles hashed without a break: some 20 ms. */
const TILES_A_BREATH = 32;

/** The hashes of a raster's cells; `within_px` is what they are tiles of. Others have their turn in between. */
export async function hashesOf(
  platform: Platform,
  raster: Raster,
  cells: readonly Cell[],
  within_px: Rect,
): Promise<Uint8Array[]> {
  const hashes: Uint8Array[] = [];
  for (const cell of cells) {
    if (hashes.length % TILES_A_BREATH === TILES_A_BREATH - 1) await pause(platform, 0);
    hashes.push(hashOf(cutTile(raster, cell, within_px)));
  }
  return hashes;
}

/** A raster's cells, packed one after another. */
export function* tilesOf(raster: Raster, cells: readonly Cell[], within_px: Rect): Generator<Tile> {
  for (const cell of cells) yield packTile(cell, cutTile(raster, cell, within_px), bytesPerPixel(raster.format));
}
