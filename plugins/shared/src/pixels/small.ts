/** Pixels of any depth as a small 8 bit picture for the panel. */

import { crop, type Mask, type Raster, sameFormat } from "./raster.ts";
import { contains, grow, heightOf, intersect, widthOf } from "./rect.ts";

/** What is shown around a patch, of its longer side. */
const MARGIN = 0.15;

/**
 * A patch as it looks in its place, with a little of what is around it; null where `around` does not hold that place.
 *
 * @param around the layer before the patch
 */
export function inPlace(around: Raster, patch: Raster, mask: Mask | null): Raster | null {
  const { rect_px } = patch;
  if (mask === null || !sameFormat(around.format, patch.format) || !contains(around.rect_px, rect_px)) return null;
  const margin = Math.ceil(Math.max(widthOf(rect_px), heightOf(rect_px)) * MARGIN);
  const out = crop(around, intersect(grow(rect_px, margin), around.rect_px));
  const { channels } = patch.format;
  const [width, wide] = [widthOf(rect_px), widthOf(out.rect_px)];
  for (let i = 0; i < mask.data.length; i++) {
    if (mask.data[i] === 0) continue;
    const x = rect_px.x0 - out.rect_px.x0 + (i % width);
    const y = rect_px.y0 - out.rect_px.y0 + Math.floor(i / width);
    const at = (y * wide + x) * channels;
    for (let c = 0; c < channels; c++) out.data[at + c] = patch.data[i * channels + c] ?? 0;
  }
  return out;
}

/**
 * The raster at most `sidePx` long, by nearest samples: RGB, or straight RGBA when it has alpha or a mask.
 *
 * Where `mask` is 0 it is transparent. 32 bit is taken for linear light and shown in sRGB.
 */
export function small(raster: Raster, mask: Mask | null, sidePx: number): Raster {
  const [width, height] = [widthOf(raster.rect_px), heightOf(raster.rect_px)];
  const factor = Math.min(1, sidePx / Math.max(width, height));
  const [w, h] = [Math.max(1, Math.round(width * factor)), Math.max(1, Math.round(height * factor))];
  const { channels, alpha } = raster.format;
  const hasAlpha = alpha !== "none" || mask !== null;
  const grey = channels < 3;
  const out = new Uint8Array(w * h * (hasAlpha ? 4 : 3));
  let at = 0;
  for (let y = 0; y < h; y++) {
    const sourceY = Math.min(height - 1, Math.floor(((y + 0.5) / h) * height));
    for (let x = 0; x < w; x++) {
      const pixel = sourceY * width + Math.min(width - 1, Math.floor(((x + 0.5) / w) * width));
      for (let channel = 0; channel < 3; channel++) {
        out[at++] = byte(raster, pixel * channels + (grey ? 0 : channel), true);
      }
      if (!hasAlpha) continue;
      const opacity = alpha === "none" ? 255 : byte(raster, pixel * channels + channels - 1, false);
      out[at++] = mask === null || (mask.data[pixel] ?? 0) > 0 ? opacity : 0;
    }
  }
  return {
    rect_px: { x0: 0, y0: 0, x1: w, y1: h },
    format: { depth: "u8", channels: hasAlpha ? 4 : 3, alpha: hasAlpha ? "straight" : "none" },
    data: out,
  };
}

function byte(raster: Raster, index: number, isColour: boolean): number {
  const value = raster.data[index] ?? 0;
  if (raster.format.depth === "u8") return value;
  if (raster.format.depth === "u16") return Math.round(value / 257);
  const light = Math.min(1, Math.max(0, value));
  // IEC 61966-2-1, the sRGB curve.
  const shown = !isColour ? light : light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055;
  return Math.round(shown * 255);
}
