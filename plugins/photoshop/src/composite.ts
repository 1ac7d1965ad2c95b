/** Arithmetic on rasters that both reading and placing need. Pure: nothing here knows Photoshop. */

import type { Format, Mask, Raster, Samples } from "../../shared/src/pixels/raster.ts";
import { areaOf, intersect, isEmpty, type Rect, widthOf } from "../../shared/src/pixels/rect.ts";

export function whiteOf(depth: Format["depth"]): number {
  return depth === "u8" ? 255 : depth === "u16" ? 65_535 : 1;
}

/** Colour channels, without alpha. */
export function coloursOf(format: Format): number {
  return format.channels - (format.alpha === "none" ? 0 : 1);
}

export function withAlpha(format: Format): Format {
  return { depth: format.depth, channels: coloursOf(format) + 1, alpha: "straight" };
}

/**
 * The samples with other channels: 1 grey, 2 grey+alpha, 3 RGB, 4 RGB+alpha. Grey becomes RGB, alpha becomes opaque or
 * goes; never RGB to grey.
 */
export function channelled(data: Samples, from: number, to: number, white: number): Samples {
  if (from === to) return data;
  const count = data.length / from;
  const hadAlpha = from % 2 === 0;
  const hasAlpha = to % 2 === 0;
  const had = from - Number(hadAlpha);
  const colours = to - Number(hasAlpha);
  if (had > colours) throw new RangeError("Colour does not become grey here.");
  const out = alike(data, count * to);
  for (let pixel = 0; pixel < count; pixel++) {
    for (let channel = 0; channel < colours; channel++) {
      out[pixel * to + channel] = data[pixel * from + (had === colours ? channel : 0)] ?? 0;
    }
    if (hasAlpha) out[pixel * to + colours] = hadAlpha ? (data[pixel * from + had] ?? 0) : white;
  }
  return out;
}

function alike(data: Samples, length: number): Samples {
  return data instanceof Uint8Array
    ? new Uint8Array(length)
    : data instanceof Uint16Array
      ? new Uint16Array(length)
      : new Float32Array(length);
}

/**
 * Lays a raster with alpha over another of the same depth and colours, in place, as Photoshop's Normal mode does with
 * straight alpha; `clipped`: as a layer clipped to what is below, whose alpha stays as it is. Opaque pixels are copied
 * to the bit. `below` must not have been handed out yet.
 */
export function layOver(below: Raster, top: Raster, mask: Mask | null, opacity: number, clipped: boolean): void {
  const both = intersect(below.rect_px, top.rect_px);
  if (isEmpty(both)) return;
  const { depth } = below.format;
  const white = whiteOf(depth);
  const colours = coloursOf(below.format);
  const [inStep, outStep] = [top.format.channels, below.format.channels];
  const growsAlpha = outStep > colours && !clipped;
  const round = depth === "f32" ? (value: number) => value : Math.round;
  const out = below.data;
  for (let y = both.y0; y < both.y1; y++) {
    let from = ((y - top.rect_px.y0) * widthOf(top.rect_px) + both.x0 - top.rect_px.x0) * inStep;
    let to = ((y - below.rect_px.y0) * widthOf(below.rect_px) + both.x0 - below.rect_px.x0) * outStep;
    for (let x = both.x0; x < both.x1; x++, from += inStep, to += outStep) {
      const shown = mask === null ? 255 : maskAt(mask, x, y);
      if (shown === 0) continue;
      const alpha = ((top.data[from + colours] ?? 0) / white) * (shown / 255) * opacity;
      if (alpha <= 0) continue;
      if (alpha >= 1) {
        for (let channel = 0; channel < colours; channel++) out[to + channel] = top.data[from + channel] ?? 0;
        if (growsAlpha) out[to + colours] = white;
        continue;
      }
      const beneath = (growsAlpha ? (out[to + colours] ?? 0) / white : 1) * (1 - alpha);
      const sum = alpha + beneath;
      for (let channel = 0; channel < colours; channel++) {
        const value = ((top.data[from + channel] ?? 0) * alpha + (out[to + channel] ?? 0) * beneath) / sum;
        out[to + channel] = round(value);
      }
      if (growsAlpha) out[to + colours] = round(sum * white);
    }
  }
}

/** A mask's value at a place of the layer; nothing is selected beyond its box. */
export function maskAt(mask: Mask, x: number, y: number): number {
  const { rect_px } = mask;
  if (x < rect_px.x0 || y < rect_px.y0 || x >= rect_px.x1 || y >= rect_px.y1) return 0;
  return mask.data[(y - rect_px.y0) * widthOf(rect_px) + x - rect_px.x0] ?? 0;
}

/** How a patch can be shown exactly by a layer above what is shown now. Masks are 0 or 255, of the patch's rectangle. */
export interface Overlay {
  /** By a plain layer, with this mask; null: not so. */
  readonly plain: Uint8Array | null;
  /** By a layer clipped to the one below, opaque where this mask shows it; null: not so. */
  readonly clipped: Uint8Array | null;
}

/**
 * A layer above another hides it where it is opaque, but never takes opacity away, and half-transparent over
 * half-transparent adds up. So a plain layer does where the patch is opaque or nothing is beneath it; half-transparent
 * pixels that are as they were need not be shown. A clipped layer changes colours and leaves the alpha below as it is,
 * so it does where the patch has that very alpha. Everything else needs a layer that is the whole result.
 */
export function overlayOf(current: Raster | null, next: Raster, mask: Mask | null): Overlay {
  const { rect_px, format, data } = next;
  const plain = new Uint8Array(areaOf(rect_px));
  const clipped = new Uint8Array(plain.length);
  const colours = coloursOf(format);
  const step = format.channels;
  const white = whiteOf(format.depth);
  let [isPlain, isClipped] = [true, true];
  const width = widthOf(rect_px);
  for (let pixel = 0; pixel < plain.length; pixel++) {
    const x = rect_px.x0 + (pixel % width);
    const y = rect_px.y0 + Math.floor(pixel / width);
    if (mask !== null && maskAt(mask, x, y) === 0) continue;
    plain[pixel] = clipped[pixel] = 255;
    if (step === colours) continue;
    const at = pixel * step;
    const alpha = data[at + colours] ?? 0;
    const before = current?.data[at + colours] ?? 0;
    if (alpha !== before) isClipped = false;
    if (alpha >= white || before <= 0) continue;
    if (current !== null && samePixel(data, current.data, at, step)) plain[pixel] = 0;
    else isPlain = false;
  }
  return { plain: isPlain ? plain : null, clipped: isClipped ? clipped : null };
}

function samePixel(one: Samples, other: Samples, at: number, step: number): boolean {
  for (let channel = at; channel < at + step; channel++) if (one[channel] !== other[channel]) return false;
  return true;
}

/** Copies the pixels that a mask shows (all of them for null), alpha included, over a raster of the same format. */
export function replacePixels(below: Raster, next: Raster, mask: Uint8Array | null): void {
  const both = intersect(below.rect_px, next.rect_px);
  const step = below.format.channels;
  for (let y = both.y0; y < both.y1; y++) {
    for (let x = both.x0; x < both.x1; x++) {
      const from = (y - next.rect_px.y0) * widthOf(next.rect_px) + x - next.rect_px.x0;
      if (mask !== null && mask[from] === 0) continue;
      const to = ((y - below.rect_px.y0) * widthOf(below.rect_px) + x - below.rect_px.x0) * step;
      for (let channel = 0; channel < step; channel++) {
        below.data[to + channel] = next.data[from * step + channel] ?? 0;
      }
    }
  }
}

/** Bands of whole rows of at most so many pixels. */
export function bands(of: Rect, mostPixels: number): Rect[] {
  if (isEmpty(of)) return [];
  const rows = Math.max(1, Math.floor(mostPixels / widthOf(of)));
  const found: Rect[] = [];
  for (let y = of.y0; y < of.y1; y += rows) found.push({ ...of, y0: y, y1: Math.min(of.y1, y + rows) });
  return found;
}

/** A fingerprint of samples: two 32 bit mixes of their bytes. Against chance, not against malice. */
export function fingerprint(data: Samples): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, bytes.length >>> 2);
  let [one, two] = [0x811c9dc5, 0x9e3779b9];
  for (const word of words) {
    one = Math.imul(one ^ word, 0x01000193);
    one ^= one >>> 15;
    two = Math.imul(two + word, 0x85ebca6b);
    two ^= two >>> 13;
  }
  for (let at = words.length * 4; at < bytes.length; at++) one = Math.imul(one ^ (bytes[at] ?? 0), 0x01000193);
  return `${(one >>> 0).toString(36)}.${(two >>> 0).toString(36)}`;
}
