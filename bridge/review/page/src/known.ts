/** What of a layer is not at the bridge, as a path to be filled. Pure. */

import { TILE_PX } from "../../../../plugins/shared/src/protocol/messages.ts";

export interface Known {
  readonly width: number;
  readonly height: number;
  /** A bit for each cell, row by row, the first in the highest bit; empty when all are known. */
  readonly known: Uint8Array;
}

/** An SVG path in layer pixels around the cells that nobody sent; empty when there are none. */
export function unknownPath({ width, height, known }: Known): string {
  if (known.length === 0) return "";
  const [cols, rows] = [Math.ceil(width / TILE_PX), Math.ceil(height / TILE_PX)];
  const isKnown = (col: number, row: number): boolean => {
    const bit = row * cols + col;
    return (((known[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1;
  };
  // Runs of a row that the row above has too become longer instead of more.
  const open = new Map<string, { readonly from: number; readonly to: number; readonly top: number }>();
  let path = "";
  for (let row = 0; row <= rows; row++) {
    const runs = new Set<string>();
    for (let col = 0; row < rows && col < cols; col++) {
      if (isKnown(col, row)) continue;
      const from = col;
      while (col < cols && !isKnown(col, row)) col++;
      runs.add(`${from} ${col}`);
      if (!open.has(`${from} ${col}`)) open.set(`${from} ${col}`, { from, to: col, top: row });
    }
    for (const [name, { from, to, top }] of open) {
      if (runs.has(name)) continue;
      open.delete(name);
      const [x0, y0] = [from * TILE_PX, top * TILE_PX];
      const [x1, y1] = [Math.min(width, to * TILE_PX), Math.min(height, row * TILE_PX)];
      path += `M${x0} ${y0}H${x1}V${y1}H${x0}z`;
    }
  }
  return path;
}
