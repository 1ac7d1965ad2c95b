/** The brush's own sizes, which follow the layer's. Pure. */

import type { Size } from "../../../shared/src/pixels/rect.ts";
import type { Point } from "./strokes.ts";

export interface Tool {
  readonly erase: boolean;
  readonly sizePx: number;
  readonly featherPx: number;
  /** The largest size. */
  readonly mostPx: number;
}

/** Parts of the layer's shorter side. */
const FIRST = 0.08;
const MOST = 0.6;
/** Of the first size: soft enough to hide an edge, sharp enough to follow one. */
const FIRST_FEATHER = 0.15;
/** One press of [ or ]. */
const STEP = 1.2;

export function toolFor(size: Size): Tool {
  const side = Math.min(size.width, size.height);
  const sizePx = Math.max(2, side * FIRST);
  return { erase: false, sizePx, featherPx: sizePx * FIRST_FEATHER, mostPx: Math.max(4, side * MOST) };
}

/** One step larger or smaller, at least by a pixel, within 1 and the largest. */
export function nextSize(sizePx: number, direction: 1 | -1, size: Size): number {
  const step = direction === 1 ? Math.max(sizePx * STEP, sizePx + 1) : Math.min(sizePx / STEP, sizePx - 1);
  return Math.max(1, Math.min(toolFor(size).mostPx, step));
}

export function bounded(point: Point, size: Size): Point {
  return { x: Math.max(0, Math.min(size.width, point.x)), y: Math.max(0, Math.min(size.height, point.y)) };
}
