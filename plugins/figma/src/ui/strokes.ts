/**
 * Painting a mask: strokes in the layer's pixels become a mask at the layer's resolution. Pure; the panel's preview is
 * the same maths at a smaller size.
 */

import { type Mask, trimmed } from "../../../shared/src/pixels/raster.ts";
import {
  grow,
  heightOf,
  intersect,
  isEmpty,
  type Rect,
  rect,
  type Size,
  union,
  widthOf,
} from "../../../shared/src/pixels/rect.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Stroke {
  readonly erase: boolean;
  /** Across, in pixels. */
  readonly sizePx: number;
  /** How far the edge is blurred, in pixels: the standard deviation of a Gaussian is half of it; 0 is a sharp edge. */
  readonly featherPx: number;
  /** In pixels; pixel (0, 0) has its centre at (0.5, 0.5). One point is a dab. */
  readonly points: readonly Point[];
}

/** Of the feather: what is farther from the edge is as good as untouched. */
const SIGMAS = 2.5;
/** Points closer than this part of the radius do not change the shape, only the time it takes. */
const THIN = 0.2;

/** The same stroke in a picture of another scale. */
export function scaled(stroke: Stroke, factor: number): Stroke {
  return {
    erase: stroke.erase,
    sizePx: stroke.sizePx * factor,
    featherPx: stroke.featherPx * factor,
    points: stroke.points.map(({ x, y }) => ({ x: x * factor, y: y * factor })),
  };
}

function marginOf(stroke: Stroke): number {
  return Math.ceil(stroke.sizePx / 2 + (stroke.featherPx / 2) * SIGMAS + 1);
}

/** Where the stroke can change a pixel, cut to the layer. */
export function reach(stroke: Stroke, size: Size): Rect {
  const first = stroke.points[0];
  if (first === undefined) return rect(0, 0, 0, 0);
  let [x0, y0, x1, y1] = [first.x, first.y, first.x, first.y];
  for (const { x, y } of stroke.points) {
    if (x < x0) x0 = x;
    if (x > x1) x1 = x;
    if (y < y0) y0 = y;
    if (y > y1) y1 = y;
  }
  const box = rect(Math.floor(x0), Math.floor(y0), Math.ceil(x1), Math.ceil(y1));
  return intersect(grow(box, marginOf(stroke)), rect(0, 0, size.width, size.height));
}

/**
 * All strokes over each other on what was painted before, cut to the box of what is selected; null when nothing is.
 * Only the strokes' own reach is computed.
 */
export function painted(strokes: readonly Stroke[], size: Size, base: Mask | null): Mask | null {
  const whole = strokes.reduce((box, stroke) => union(box, reach(stroke, size)), base?.rect_px ?? rect(0, 0, 0, 0));
  if (isEmpty(whole)) return null;
  const mask: Mask = { rect_px: whole, data: new Uint8Array(widthOf(whole) * heightOf(whole)) };
  if (base !== null) lay(mask, base);
  for (const stroke of strokes) apply(mask, stroke, size);
  return trimmed(mask);
}

function lay(mask: Mask, base: Mask): void {
  const width = widthOf(base.rect_px);
  for (let y = 0; y < heightOf(base.rect_px); y++) {
    const row = base.data.subarray(y * width, (y + 1) * width);
    mask.data.set(
      row,
      (base.rect_px.y0 + y - mask.rect_px.y0) * widthOf(mask.rect_px) + base.rect_px.x0 - mask.rect_px.x0,
    );
  }
}

/** Lays one stroke over a mask, in place. */
export function apply(mask: Mask, stroke: Stroke, size: Size): void {
  const box = intersect(reach(stroke, size), mask.rect_px);
  if (isEmpty(box)) return;
  const near = distances(thinned(stroke), box, marginOf(stroke));
  const covers = profile(stroke);
  const width = widthOf(box);
  const stride = widthOf(mask.rect_px);
  for (let y = 0; y < heightOf(box); y++) {
    const row = (box.y0 + y - mask.rect_px.y0) * stride + box.x0 - mask.rect_px.x0;
    for (let x = 0; x < width; x++) {
      const distance = near[y * width + x] ?? Number.POSITIVE_INFINITY;
      const cover = covers(distance);
      if (cover <= 0) continue;
      const before = mask.data[row + x] ?? 0;
      // Paint over paint, and an eraser that leaves what it does not cover.
      const after = stroke.erase ? before * (1 - cover) : 255 - (255 - before) * (1 - cover);
      mask.data[row + x] = Math.round(after);
    }
  }
}

function thinned(stroke: Stroke): readonly Point[] {
  const least = Math.max(0.5, (stroke.sizePx / 2) * THIN);
  const kept: Point[] = [];
  let last: Point | undefined;
  stroke.points.forEach((point, index) => {
    const ends = index === 0 || index === stroke.points.length - 1;
    if (!ends && last !== undefined && Math.hypot(point.x - last.x, point.y - last.y) < least) return;
    kept.push(point);
    last = point;
  });
  return kept;
}

/** Distance of each pixel's centre of `box` from the line through the points, at least where it is small. */
function distances(points: readonly Point[], box: Rect, margin: number): Float32Array {
  const width = widthOf(box);
  const height = heightOf(box);
  const squared = new Float32Array(width * height).fill(Number.POSITIVE_INFINITY);
  const first = points[0];
  if (first === undefined) return squared;
  const segments =
    points.length === 1
      ? [[first, first] as const]
      : points.slice(1).map((to, index) => [points[index] ?? first, to] as const);
  // What is farther from a segment is nearer another, or untouched.
  for (const [from, to] of segments) {
    const dx = to.x - from.x;
    const dy = to.y - from.y;
    const length = dx * dx + dy * dy;
    const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - margin) - box.x0);
    const right = Math.min(width, Math.ceil(Math.max(from.x, to.x) + margin) - box.x0);
    const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - margin) - box.y0);
    const bottom = Math.min(height, Math.ceil(Math.max(from.y, to.y) + margin) - box.y0);
    for (let y = top; y < bottom; y++) {
      const py = box.y0 + y + 0.5 - from.y;
      for (let x = left; x < right; x++) {
        const px = box.x0 + x + 0.5 - from.x;
        const along = length === 0 ? 0 : Math.max(0, Math.min(1, (px * dx + py * dy) / length));
        const ox = px - along * dx;
        const oy = py - along * dy;
        const distance = ox * ox + oy * oy;
        const at = y * width + x;
        if (distance < (squared[at] ?? 0)) squared[at] = distance;
      }
    }
  }
  for (let at = 0; at < squared.length; at++) squared[at] = Math.sqrt(squared[at] ?? 0);
  return squared;
}

/**
 * How much of a pixel a stroke covers, by its distance from the middle line. Sharp: the part of a pixel inside the edge.
 * Feathered: a strip of that width blurred by a Gaussian, so a stroke thinner than its feather is faint.
 */
function profile(stroke: Stroke): (distance: number) => number {
  const radius = stroke.sizePx / 2;
  const sigma = stroke.featherPx / 2;
  // Below a pixel there is nothing to blur.
  if (sigma < 0.5) return (distance) => Math.max(0, Math.min(1, radius + 0.5 - distance));
  const steps = 256;
  const most = radius + sigma * SIGMAS;
  const table = Array.from({ length: steps + 1 }, (_, step) => {
    const distance = (step / steps) * most;
    return normal((radius - distance) / sigma) - normal((-radius - distance) / sigma);
  });
  // It ends at nothing instead of stopping at one grey level: the tail is taken off all of it.
  const tail = table[steps] ?? 0;
  return (distance) => {
    if (distance >= most) return 0;
    return Math.max(0, ((table[Math.round((distance / most) * steps)] ?? 0) - tail) / (1 - tail));
  };
}

/** The normal distribution's integral to x (Abramowitz and Stegun 7.1.26, error below 1e-7). */
function normal(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const poly = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const erf = 1 - poly * Math.exp(-z * z);
  return x >= 0 ? 0.5 * (1 + erf) : 0.5 * (1 - erf);
}
