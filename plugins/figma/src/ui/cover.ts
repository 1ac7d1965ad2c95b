/** What is drawn over an image as a mask in the image's own pixels. */

import { type Mask, trimmed } from "../../../shared/src/pixels/raster.ts";
import { areaOf, intersect, isEmpty, type Rect, rectOf, union, widthOf } from "../../../shared/src/pixels/rect.ts";
import { type Affine, apply, boxAround, chain, inverse, isUpright, mapBox, type Point } from "../shared/affine.ts";
import type { MaskParts } from "../shared/asks.ts";
import { within } from "./composite.ts";
import type { Decoded } from "./png.ts";

/** Samples a pixel and side, for outlines that are not upright. */
const FINE = 4;

/** Null when nothing is selected. `pictures`: those of the parts that are pictures, in their order. */
export function cover(parts: MaskParts, pictures: readonly Decoded[]): Mask | null {
  const whole = rectOf(parts.size);
  let waiting = [...pictures];
  const layers: Mask[] = [];
  for (const part of parts.parts) {
    const picture = part.kind === "picture" ? waiting[0] : undefined;
    if (part.kind === "picture") waiting = waiting.slice(1);
    for (const map of parts.toPage) {
      if (part.kind === "outline") {
        const points = part.points.map((point) => apply(inverse(map), point));
        layers.push(outline(points, whole));
      } else if (picture !== undefined) {
        layers.push(sampled(picture, chain(part.toPicture, map), whole));
      }
    }
  }
  const box = layers.map((layer) => layer.rect_px).reduce(union, { x0: 0, y0: 0, x1: 0, y1: 0 });
  if (isEmpty(box)) return null;
  const data = new Uint8Array(areaOf(box));
  for (const layer of layers) lighten(layer, data, box);
  return trimmed({ rect_px: box, data });
}

function lighten(layer: Mask, onto: Uint8Array, box: Rect): void {
  const { rect_px, data } = layer;
  for (let y = rect_px.y0; y < rect_px.y1; y++) {
    for (let x = rect_px.x0; x < rect_px.x1; x++) {
      const value = data[(y - rect_px.y0) * widthOf(rect_px) + x - rect_px.x0] ?? 0;
      const to = (y - box.y0) * widthOf(box) + x - box.x0;
      if (value > (onto[to] ?? 0)) onto[to] = value;
    }
  }
}

/** How much of each pixel the (convex) outline covers. */
function outline(points: readonly Point[], whole: Rect): Mask {
  const box = boxAround(points);
  const rect_px = intersect(within(snapped(box)), whole);
  const data = new Uint8Array(areaOf(rect_px));
  const upright = points.every((point, index) => {
    const next = points[(index + 1) % points.length] ?? point;
    return Math.abs(point.x - next.x) < 1e-4 || Math.abs(point.y - next.y) < 1e-4;
  });
  for (let y = rect_px.y0; y < rect_px.y1; y++) {
    for (let x = rect_px.x0; x < rect_px.x1; x++) {
      const part = upright ? overlap(x, box.x0, box.x1) * overlap(y, box.y0, box.y1) : inside(points, x, y);
      data[(y - rect_px.y0) * widthOf(rect_px) + x - rect_px.x0] = Math.round(255 * part);
    }
  }
  return { rect_px, data };
}

/** Sums of many small numbers miss whole pixels by a hair. */
function snapped(box: { x0: number; y0: number; x1: number; y1: number }): typeof box {
  const near = (value: number) => (Math.abs(value - Math.round(value)) < 1e-3 ? Math.round(value) : value);
  return { x0: near(box.x0), y0: near(box.y0), x1: near(box.x1), y1: near(box.y1) };
}

function overlap(pixel: number, from: number, to: number): number {
  return Math.max(0, Math.min(pixel + 1, to) - Math.max(pixel, from));
}

function inside(points: readonly Point[], x: number, y: number): number {
  let count = 0;
  for (let row = 0; row < FINE; row++) {
    for (let column = 0; column < FINE; column++) {
      if (holds(points, x + (column + 0.5) / FINE, y + (row + 0.5) / FINE)) count++;
    }
  }
  return count / (FINE * FINE);
}

function holds(points: readonly Point[], x: number, y: number): boolean {
  let sign = 0;
  for (const [index, point] of points.entries()) {
    const next = points[(index + 1) % points.length] ?? point;
    const side = (next.x - point.x) * (y - point.y) - (next.y - point.y) * (x - point.x);
    if (side === 0) continue;
    if (sign !== 0 && Math.sign(side) !== sign) return false;
    sign = Math.sign(side);
  }
  return true;
}

function sampled(picture: Decoded, toPicture: Affine, whole: Rect): Mask {
  const { width, height } = picture.size;
  const rect_px = intersect(within(mapBox(inverse(toPicture), { x0: 0, y0: 0, x1: width, y1: height })), whole);
  const data = new Uint8Array(areaOf(rect_px));
  const exact = isUpright(toPicture);
  for (let y = rect_px.y0; y < rect_px.y1; y++) {
    for (let x = rect_px.x0; x < rect_px.x1; x++) {
      const at = apply(toPicture, { x: x + 0.5, y: y + 0.5 });
      const value = alphaAt(picture, at.x - 0.5, at.y - 0.5, exact);
      data[(y - rect_px.y0) * widthOf(rect_px) + x - rect_px.x0] = value;
    }
  }
  return strongest({ rect_px, data });
}

/** Faint shapes (in a group, say) were faint to see through them: where they are strongest they select fully. */
function strongest(mask: Mask): Mask {
  const most = mask.data.reduce((highest, value) => Math.max(highest, value), 0);
  if (most === 0 || most === 255) return mask;
  return { rect_px: mask.rect_px, data: mask.data.map((value) => Math.round((value * 255) / most)) };
}

/** Between four pixels of the picture; a hair beside one is that one. */
function alphaAt(picture: Decoded, x: number, y: number, exact: boolean): number {
  const near = (value: number) => (exact && Math.abs(value - Math.round(value)) < 1e-2 ? Math.round(value) : value);
  const [px, py] = [near(x), near(y)];
  const [left, top] = [Math.floor(px), Math.floor(py)];
  const [right, lower] = [px - left, py - top];
  const value =
    (1 - lower) * ((1 - right) * alpha(picture, left, top) + right * alpha(picture, left + 1, top)) +
    lower * ((1 - right) * alpha(picture, left, top + 1) + right * alpha(picture, left + 1, top + 1));
  return Math.round(value);
}

function alpha(picture: Decoded, x: number, y: number): number {
  if (x < 0 || y < 0 || x >= picture.size.width || y >= picture.size.height) return 0;
  return picture.channels === 4 ? (picture.data[(y * picture.size.width + x) * 4 + 3] ?? 0) : 255;
}
