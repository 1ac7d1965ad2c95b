/** Pixels of one rectangle of a layer, as the layer stores them. */

import { areaOf, heightOf, intersect, isEmpty, type Rect, widthOf } from "./rect.ts";

export type Depth = "u8" | "u16" | "f32";
export type Alpha = "none" | "straight" | "premultiplied";
export type Samples = Uint8Array | Uint16Array | Float32Array;

/** How a layer stores a pixel. Alpha is the last channel. u16 is 0..65535, f32 is 1.0 for white, unbounded. */
export interface Format {
  readonly depth: Depth;
  readonly channels: number;
  readonly alpha: Alpha;
}

/**
 * `data` holds the rectangle's rows, interleaved, without gaps: height × width × channels samples in the depth's array
 * type. Never changed after it was made.
 */
export interface Raster {
  readonly rect_px: Rect;
  readonly format: Format;
  readonly data: Samples;
}

/** A selection: uint8, height × width of `rect_px`, 0 outside, 255 fully selected. */
export interface Mask {
  readonly rect_px: Rect;
  readonly data: Uint8Array;
}

export function bytesPerSample(depth: Depth): number {
  return depth === "u8" ? 1 : depth === "u16" ? 2 : 4;
}

export function bytesPerPixel(format: Format): number {
  return bytesPerSample(format.depth) * format.channels;
}

export function sameFormat(one: Format, other: Format): boolean {
  return one.depth === other.depth && one.channels === other.channels && one.alpha === other.alpha;
}

/** `count` zero samples of that depth. */
export function samples(depth: Depth, count: number): Samples {
  return depth === "u8" ? new Uint8Array(count) : depth === "u16" ? new Uint16Array(count) : new Float32Array(count);
}

/** Samples whose little-endian bytes these are; they are copied (all hosts are little-endian machines). */
export function samplesOf(depth: Depth, bytes: Uint8Array): Samples {
  const copy = bytes.slice().buffer;
  return depth === "u8" ? new Uint8Array(copy) : depth === "u16" ? new Uint16Array(copy) : new Float32Array(copy);
}

/** The samples' bytes; not copied. */
export function bytesOf(data: Samples): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** An all-zero raster. */
export function blank(rect_px: Rect, format: Format): Raster {
  return { rect_px, format, data: samples(format.depth, areaOf(rect_px) * format.channels) };
}

/** A part of the raster, copied; it must lie inside. */
export function crop(raster: Raster, rect_px: Rect): Raster {
  const out = blank(rect_px, raster.format);
  copyRows(raster.data, raster.rect_px, out.data, rect_px, rect_px, raster.format.channels);
  return out;
}

/** Copies what both rectangles and `part_px` have in common from one buffer of rows to another. */
export function copyRows(
  from: Samples,
  from_px: Rect,
  to: Samples,
  to_px: Rect,
  part_px: Rect,
  channels: number,
): void {
  const both = intersect(part_px, intersect(from_px, to_px));
  if (isEmpty(both)) return;
  const length = widthOf(both) * channels;
  for (let y = both.y0; y < both.y1; y++) {
    const start = ((y - from_px.y0) * widthOf(from_px) + both.x0 - from_px.x0) * channels;
    const target = ((y - to_px.y0) * widthOf(to_px) + both.x0 - to_px.x0) * channels;
    to.set(from.subarray(start, start + length), target);
  }
}

/** The box of all pixels that are selected at all, with the mask cut to it; null when nothing is. */
export function trimmed(mask: Mask): Mask | null {
  const { rect_px, data } = mask;
  const width = widthOf(rect_px);
  const height = heightOf(rect_px);
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 0) continue;
      if (x < left) left = x;
      if (x >= right) right = x + 1;
      if (y < top) top = y;
      bottom = y + 1;
    }
  }
  if (right <= left) return null;
  const box = { x0: rect_px.x0 + left, y0: rect_px.y0 + top, x1: rect_px.x0 + right, y1: rect_px.y0 + bottom };
  const cut = new Uint8Array(areaOf(box));
  copyRows(data, rect_px, cut, box, box, 1);
  return { rect_px: box, data: cut };
}
