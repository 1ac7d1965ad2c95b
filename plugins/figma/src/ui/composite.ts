/** Pixels as the document shows them: the source, Inlay's patches over it, exactly. */

import { crop, type Mask, type Raster } from "../../../shared/src/pixels/raster.ts";
import { heightOf, intersect, isEmpty, type Rect, rectOf, shift, widthOf } from "../../../shared/src/pixels/rect.ts";
import { type Affine, apply, type Box, inverse, mapBox } from "../shared/affine.ts";
import type { Decoded } from "./png.ts";

export function rasterOf(image: Decoded): Raster {
  const format = { depth: "u8", channels: image.channels, alpha: image.channels === 4 ? "straight" : "none" } as const;
  return { rect_px: rectOf(image.size), format, data: image.data };
}

/** A part of the source that may be written on. */
export function partOf(image: Decoded, rect_px: Rect): Raster & { readonly data: Uint8Array } {
  return crop(rasterOf(image), rect_px) as Raster & { data: Uint8Array };
}

/** Lays a picture whose corner is at (x, y) over the raster. */
export function layOver(onto: Raster & { readonly data: Uint8Array }, image: Decoded, x: number, y: number): void {
  const both = intersect(onto.rect_px, shift(rectOf(image.size), x, y));
  if (isEmpty(both)) return;
  for (let row = both.y0; row < both.y1; row++) {
    for (let column = both.x0; column < both.x1; column++) {
      const from = ((row - y) * image.size.width + column - x) * image.channels;
      const alpha = image.channels === 4 ? (image.data[from + 3] ?? 0) : 255;
      if (alpha > 0) blend(onto, row, column, image.data, from, alpha);
    }
  }
}

/** Lays a rendered node over the raster: its picture is sampled where `toPicture` says that the pixels are. */
export function sampleOver(onto: Raster & { readonly data: Uint8Array }, image: Decoded, toPicture: Affine): void {
  const area = within(mapBox(inverse(toPicture), { x0: 0, y0: 0, x1: image.size.width, y1: image.size.height }));
  const part = intersect(onto.rect_px, area);
  const colour = new Uint8Array(4);
  for (let y = part.y0; y < part.y1; y++) {
    for (let x = part.x0; x < part.x1; x++) {
      const at = apply(toPicture, { x: x + 0.5, y: y + 0.5 });
      const alpha = sample(image, at.x - 0.5, at.y - 0.5, colour);
      if (alpha > 0) blend(onto, y, x, colour, 0, alpha);
    }
  }
}

export function within(box: Box): Rect {
  return { x0: Math.floor(box.x0), y0: Math.floor(box.y0), x1: Math.ceil(box.x1), y1: Math.ceil(box.y1) };
}

/** Between four pixels, colours weighed by alpha; nothing is outside. Returns alpha, writes the colour. */
function sample(image: Decoded, x: number, y: number, colour: Uint8Array): number {
  const [left, top] = [Math.floor(x + 1e-4), Math.floor(y + 1e-4)];
  const [right, lower] = [Math.max(0, x - left), Math.max(0, y - top)];
  let [alpha, r, g, b] = [0, 0, 0, 0];
  for (let dy = 0; dy < 2; dy++) {
    for (let dx = 0; dx < 2; dx++) {
      const [column, row] = [left + dx, top + dy];
      if (column < 0 || row < 0 || column >= image.size.width || row >= image.size.height) continue;
      const weight = (dx === 1 ? right : 1 - right) * (dy === 1 ? lower : 1 - lower);
      const from = (row * image.size.width + column) * image.channels;
      const own = weight * (image.channels === 4 ? (image.data[from + 3] ?? 0) : 255);
      alpha += own;
      r += own * (image.data[from] ?? 0);
      g += own * (image.data[from + 1] ?? 0);
      b += own * (image.data[from + 2] ?? 0);
    }
  }
  if (alpha < 0.5) return 0;
  colour[0] = Math.round(r / alpha);
  colour[1] = Math.round(g / alpha);
  colour[2] = Math.round(b / alpha);
  return Math.min(255, Math.round(alpha));
}

/** One pixel over another, straight alpha (Porter and Duff 1984, over). */
function blend(onto: Raster, y: number, x: number, colour: Uint8Array, from: number, alpha: number): void {
  const { rect_px, data, format } = onto;
  const to = ((y - rect_px.y0) * widthOf(rect_px) + x - rect_px.x0) * format.channels;
  const below = format.channels === 4 ? (data[to + 3] ?? 0) : 255;
  const total = alpha + (below * (255 - alpha)) / 255;
  for (let c = 0; c < 3; c++) {
    const over = colour[from + c] ?? 0;
    const under = data[to + c] ?? 0;
    data[to + c] = alpha === 255 ? over : Math.round((over * alpha + (under * below * (255 - alpha)) / 255) / total);
  }
  if (format.channels === 4) data[to + 3] = Math.round(total);
}

/** Puts a patch into the raster: its own pixels wherever its mask selects, alpha too. */
export function paste(onto: Raster & { readonly data: Uint8Array }, patch: Raster, mask: Mask | null): void {
  const part = intersect(onto.rect_px, mask === null ? patch.rect_px : intersect(mask.rect_px, patch.rect_px));
  const [from, to] = [patch.format.channels, onto.format.channels];
  for (let y = part.y0; y < part.y1; y++) {
    for (let x = part.x0; x < part.x1; x++) {
      if (mask !== null && mask.data[(y - mask.rect_px.y0) * widthOf(mask.rect_px) + x - mask.rect_px.x0] === 0)
        continue;
      const source = ((y - patch.rect_px.y0) * widthOf(patch.rect_px) + x - patch.rect_px.x0) * from;
      const target = ((y - onto.rect_px.y0) * widthOf(onto.rect_px) + x - onto.rect_px.x0) * to;
      for (let c = 0; c < 3; c++) onto.data[target + c] = patch.data[source + c] ?? 0;
      if (to === 4) onto.data[target + 3] = from === 4 ? (patch.data[source + 3] ?? 0) : 255;
    }
  }
}

export function sizeOf(rect_px: Rect): { readonly width: number; readonly height: number } {
  return { width: widthOf(rect_px), height: heightOf(rect_px) };
}
