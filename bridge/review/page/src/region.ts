/**
 * A drawn region as a mask: a box or a lasso, with a soft edge. Pure.
 *
 * Points are in layer pixels: a pixel's upper left corner is at whole numbers. What is inside is so by the nonzero rule,
 * so a lasso that crosses itself has no holes. A feather is what the plugins' brush calls one: its edge is blurred by a
 * Gaussian whose standard deviation is half of it.
 */

import { type Mask, trimmed } from "../../../../plugins/shared/src/pixels/raster.ts";
import {
  areaOf,
  grow,
  heightOf,
  intersect,
  isEmpty,
  type Rect,
  rect,
  rectOf,
  type Size,
  widthOf,
} from "../../../../plugins/shared/src/pixels/rect.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Lines that are looked at in a row of pixels; along a line the coverage is exact. */
const LINES = 4;
/** Of the feather's standard deviation: what is farther from the edge is as good as untouched. */
const SIGMAS = 2.5;
/** Three boxes are as good as a Gaussian (central limit). */
const BOXES = 3;
/** More pixels than this are not drawn by hand: 400 MB while they are made. */
export const MOST_PX = 100e6;

/** How many pixels the mask's box would have. */
export function pixelsOf(points: readonly Point[], size: Size, featherPx: number): number {
  return areaOf(boxOf(points, size, featherPx));
}

/** The mask, cut to what is selected; null when nothing is. */
export function region(points: readonly Point[], size: Size, featherPx: number): Mask | null {
  const box = boxOf(points, size, featherPx);
  if (points.length < 3 || isEmpty(box)) return null;
  const cover = covered(points, box);
  const sigma = featherPx / 2;
  // Below a pixel there is nothing to blur.
  if (sigma >= 0.5) blur(cover, widthOf(box), heightOf(box), sigma);
  return trimmed({ rect_px: box, data: Uint8Array.from(cover, (part) => Math.round(Math.min(1, part) * 255)) });
}

export function corners([x0, y0, x1, y1]: readonly [number, number, number, number]): readonly Point[] {
  return [
    { x: x0, y: y0 },
    { x: x1, y: y0 },
    { x: x1, y: y1 },
    { x: x0, y: y1 },
  ];
}

function boxOf(points: readonly Point[], size: Size, featherPx: number): Rect {
  const first = points[0];
  if (first === undefined) return rect(0, 0, 0, 0);
  let [x0, y0, x1, y1] = [first.x, first.y, first.x, first.y];
  for (const { x, y } of points) {
    x0 = Math.min(x0, x);
    y0 = Math.min(y0, y);
    x1 = Math.max(x1, x);
    y1 = Math.max(y1, y);
  }
  const box = rect(Math.floor(x0), Math.floor(y0), Math.ceil(x1), Math.ceil(y1));
  return intersect(grow(box, featherPx >= 1 ? Math.ceil((featherPx / 2) * SIGMAS) : 0), rectOf(size));
}

interface Edge {
  readonly top: number;
  readonly bottom: number;
  /** Where it is at y = 0, and how it goes on. */
  readonly x: number;
  readonly slope: number;
  readonly winding: 1 | -1;
}

/** The part of each pixel of `box` that is inside, 0..1, row by row. */
function covered(points: readonly Point[], box: Rect): Float32Array<ArrayBuffer> {
  const [width, height] = [widthOf(box), heightOf(box)];
  const cover = new Float32Array(width * height);
  const edges = edgesOf(points);
  let next = 0;
  let active: Edge[] = [];
  for (let line = 0; line < height * LINES; line++) {
    const y = box.y0 + (line + 0.5) / LINES;
    for (let edge = edges[next]; edge !== undefined && edge.top <= y; edge = edges[++next]) active.push(edge);
    active = active.filter((edge) => edge.bottom > y);
    const crossings = active
      .map((edge) => ({ x: edge.x + edge.slope * y, winding: edge.winding }))
      .sort((one, other) => one.x - other.x);
    let [inside, from] = [0, 0];
    const row = Math.floor(line / LINES) * width;
    for (const { x, winding } of crossings) {
      if (inside === 0) from = x;
      inside += winding;
      if (inside === 0) span(cover, row, width, from - box.x0, x - box.x0);
    }
  }
  return cover;
}

function edgesOf(points: readonly Point[]): readonly Edge[] {
  return points
    .map((from, index): Edge => {
      const to = points[(index + 1) % points.length] ?? from;
      const slope = to.y === from.y ? 0 : (to.x - from.x) / (to.y - from.y);
      return {
        top: Math.min(from.y, to.y),
        bottom: Math.max(from.y, to.y),
        x: from.x - slope * from.y,
        slope,
        winding: to.y > from.y ? 1 : -1,
      };
    })
    .filter((edge) => edge.bottom > edge.top)
    .sort((one, other) => one.top - other.top);
}

/** Adds one line's share to a row of pixels, from `x0` to `x1`. */
function span(cover: Float32Array, row: number, width: number, x0: number, x1: number): void {
  const [from, to] = [Math.max(0, x0), Math.min(width, x1)];
  if (to <= from) return;
  const [first, last] = [Math.floor(from), Math.min(width - 1, Math.ceil(to) - 1)];
  for (let x = first; x <= last; x++) {
    cover[row + x] = (cover[row + x] ?? 0) + (Math.min(to, x + 1) - Math.max(from, x)) / LINES;
  }
}

/** Blurs in place; beyond the box everything goes on as at its border: only the layer's border cuts what is drawn. */
function blur(values: Float32Array<ArrayBuffer>, width: number, height: number, sigma: number): void {
  const other = new Float32Array(values.length);
  for (const radius of radiiOf(sigma)) {
    for (let y = 0; y < height; y++) alongRow(values, other, y * width, width, radius);
    alongColumns(other, values, width, height, radius);
  }
}

/** Odd boxes that together have the standard deviation (Kovesi 2010, “Fast almost-Gaussian filtering”). */
function radiiOf(sigma: number): readonly number[] {
  const ideal = Math.sqrt((12 * sigma * sigma) / BOXES + 1);
  const low = Math.floor(ideal) - (Math.floor(ideal) % 2 === 0 ? 1 : 0);
  const count = Math.round((12 * sigma * sigma - BOXES * low * low - 4 * BOXES * low - 3 * BOXES) / (-4 * low - 4));
  return Array.from({ length: BOXES }, (_, index) => (low + (index < count ? 0 : 2) - 1) / 2);
}

function alongRow(from: Float32Array, to: Float32Array, start: number, width: number, radius: number): void {
  const at = (x: number): number => from[start + Math.max(0, Math.min(width - 1, x))] ?? 0;
  let sum = 0;
  for (let x = -radius; x <= radius; x++) sum += at(x);
  for (let x = 0; x < width; x++) {
    to[start + x] = sum / (2 * radius + 1);
    sum += at(x + radius + 1) - at(x - radius);
  }
}

function alongColumns(from: Float32Array, to: Float32Array, width: number, height: number, radius: number): void {
  const rowAt = (y: number): number => Math.max(0, Math.min(height - 1, y)) * width;
  const sums = new Float64Array(width);
  for (let y = -radius; y <= radius; y++) {
    for (let x = 0, row = rowAt(y); x < width; x++) sums[x] = (sums[x] ?? 0) + (from[row + x] ?? 0);
  }
  for (let y = 0; y < height; y++) {
    const [enters, leaves, row] = [rowAt(y + radius + 1), rowAt(y - radius), y * width];
    for (let x = 0; x < width; x++) {
      const sum = sums[x] ?? 0;
      to[row + x] = sum / (2 * radius + 1);
      sums[x] = sum + (from[enters + x] ?? 0) - (from[leaves + x] ?? 0);
    }
  }
}
