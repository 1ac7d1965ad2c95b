/** A patch as pictures that Figma takes: transparent where it is not meant, none larger than 4096 px a side. */

import { type Mask, type Raster, trimmed } from "../../../shared/src/pixels/raster.ts";
import {
  areaOf,
  grow,
  heightOf,
  intersect,
  isEmpty,
  type Rect,
  rectOf,
  type Size,
  widthOf,
} from "../../../shared/src/pixels/rect.ts";

/** `figma.createImage` refuses larger ones. */
export const MOST_SIDE_PX = 4096;

export interface CutPiece {
  readonly x: number;
  readonly y: number;
  readonly size: Size;
  /** Straight RGBA. */
  readonly rgba: Uint8Array;
}

export interface Cut {
  readonly pieces: readonly CutPiece[];
  /** Somewhere the patch is more transparent than what is below it: a layer above cannot take that away. */
  readonly thins: boolean;
}

/**
 * @param below what is shown without the patch, at least where the patch is; null when that is opaque
 * @param whole size of the image, when one picture of all of it is wanted (repeated images)
 */
export function cut(
  pixels: Raster,
  mask: Mask | null,
  below: Raster | null,
  whole: Size | null,
  most = MOST_SIDE_PX,
): Cut {
  const box = mask === null ? pixels.rect_px : (trimmed(mask)?.rect_px ?? null);
  if (box === null || isEmpty(box)) return { pieces: [], thins: false };
  // A clear border: whatever a renderer does beyond a picture's edge, nothing is seen there.
  const areas = whole !== null ? [rectOf(whole)] : split(grow(box, 1), most);
  let thins = false;
  const pieces = areas.map((area) => {
    const piece = pieceOf(area, pixels, mask, below);
    thins ||= piece.thins;
    return { x: area.x0, y: area.y0, size: { width: widthOf(area), height: heightOf(area) }, rgba: piece.rgba };
  });
  return { pieces: pieces.filter((piece) => piece.rgba.some((value, index) => index % 4 === 3 && value > 0)), thins };
}

/** In parts that overlap by a pixel: two edges that only touch would let a hairline through when scaled. */
function split(box: Rect, most: number): Rect[] {
  const parts: Rect[] = [];
  for (const [y0, y1] of spans(box.y0, box.y1, most)) {
    for (const [x0, x1] of spans(box.x0, box.x1, most)) parts.push({ x0, y0, x1, y1 });
  }
  return parts;
}

function spans(from: number, to: number, most: number): [number, number][] {
  const count = Math.max(1, Math.ceil((to - from - 1) / (most - 1)));
  const step = Math.ceil((to - from - 1) / count);
  return Array.from({ length: count }, (_, index): [number, number] => {
    const start = from + index * step;
    return [start, Math.min(to, start + step + 1)];
  });
}

function pieceOf(
  area: Rect,
  pixels: Raster,
  mask: Mask | null,
  below: Raster | null,
): { rgba: Uint8Array; thins: boolean } {
  const rgba = new Uint8Array(areaOf(area) * 4);
  const meant = intersect(area, mask === null ? pixels.rect_px : intersect(mask.rect_px, pixels.rect_px));
  const channels = pixels.format.channels;
  let thins = false;
  for (let y = meant.y0; y < meant.y1; y++) {
    for (let x = meant.x0; x < meant.x1; x++) {
      if (mask !== null && mask.data[at(mask.rect_px, x, y)] === 0) continue;
      const from = at(pixels.rect_px, x, y) * channels;
      const to = at(area, x, y) * 4;
      const alpha = channels === 4 ? (pixels.data[from + 3] ?? 0) : 255;
      if (alpha < 255 && below !== null) {
        if (same(pixels, from, below, at(below.rect_px, x, y) * below.format.channels)) continue;
        const under = below.format.channels === 4 ? (below.data[at(below.rect_px, x, y) * 4 + 3] ?? 0) : 255;
        thins ||= under > 0;
      } else if (alpha < 255) {
        thins = true;
      }
      for (let c = 0; c < 3; c++) rgba[to + c] = pixels.data[from + c] ?? 0;
      rgba[to + 3] = alpha;
    }
  }
  return { rgba, thins };
}

function same(one: Raster, from: number, other: Raster, to: number): boolean {
  for (let c = 0; c < 4; c++) if (channel(one, from, c) !== channel(other, to, c)) return false;
  return true;
}

function channel(of: Raster, from: number, c: number): number {
  return c === 3 && of.format.channels < 4 ? 255 : (of.data[from + c] ?? 0);
}

function at(rect_px: Rect, x: number, y: number): number {
  return (y - rect_px.y0) * widthOf(rect_px) + x - rect_px.x0;
}
