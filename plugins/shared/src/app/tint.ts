/** A mask as people see it: a tint to lay over the layer's picture. */

import type { Mask, Raster } from "../pixels/raster.ts";
import { heightOf, rectOf, type Size, widthOf } from "../pixels/rect.ts";

/** Magenta, as in Inlay's own pictures: rare in photographs, and readable on light and dark. */
export const TINT = [236, 0, 140] as const;
/** How much of the tint covers a fully selected pixel. */
const STRENGTH = 0.58;
/** Samples a side that are averaged for one pixel of the tint; enough for soft edges, whatever the mask's size. */
const SAMPLES = 4;

/**
 * The tint of a layer of that size, its longer side at most `sidePx`: RGBA u8, straight alpha, transparent where
 * nothing is selected. What is selected at all stays visible, however thin.
 */
export function tint(mask: Mask, layer: Size, sidePx: number): Raster {
  const scale = Math.min(1, sidePx / Math.max(layer.width, layer.height, 1));
  const width = Math.max(1, Math.round(layer.width * scale));
  const height = Math.max(1, Math.round(layer.height * scale));
  const data = new Uint8Array(width * height * 4);
  const box = mask.rect_px;
  const across = widthOf(box);
  const down = heightOf(box);
  const at = (x: number, y: number) =>
    x < 0 || y < 0 || x >= across || y >= down ? 0 : (mask.data[y * across + x] ?? 0);
  // Only the mask's own box: outside it nothing is selected.
  const left = Math.max(0, Math.floor((box.x0 / layer.width) * width));
  const right = Math.min(width, Math.ceil((box.x1 / layer.width) * width));
  const top = Math.max(0, Math.floor((box.y0 / layer.height) * height));
  const bottom = Math.min(height, Math.ceil((box.y1 / layer.height) * height));
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      let sum = 0;
      for (let j = 0; j < SAMPLES; j++) {
        const sourceY = Math.floor(((y + (j + 0.5) / SAMPLES) / height) * layer.height) - box.y0;
        for (let i = 0; i < SAMPLES; i++) {
          sum += at(Math.floor(((x + (i + 0.5) / SAMPLES) / width) * layer.width) - box.x0, sourceY);
        }
      }
      if (sum === 0) continue;
      const offset = (y * width + x) * 4;
      data.set(TINT, offset);
      data[offset + 3] = Math.max(24, Math.round((sum / (SAMPLES * SAMPLES)) * STRENGTH));
    }
  }
  return { rect_px: rectOf({ width, height }), format: { depth: "u8", channels: 4, alpha: "straight" }, data };
}
