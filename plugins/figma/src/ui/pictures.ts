/** Pictures for <img>: as data addresses, which need no letting go and pass every policy that Figma sets. */

import type { Picture } from "../../../shared/src/host.ts";
import type { Raster } from "../../../shared/src/pixels/raster.ts";
import { heightOf, widthOf } from "../../../shared/src/pixels/rect.ts";

/** 8 bit RGB or straight RGBA; made smaller when its longer side is more than `sidePx`. */
export async function pictureOf(pixels: Raster, sidePx = Infinity): Promise<Picture> {
  const [width, height] = [widthOf(pixels.rect_px), heightOf(pixels.rect_px)];
  const scale = Math.min(1, sidePx / Math.max(width, height));
  const [wide, high] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  const image = new ImageData(toClamped(pixels.data as Uint8Array, pixels.format.channels), width, height);
  const bitmap = await createImageBitmap(image, { resizeWidth: wide, resizeHeight: high, resizeQuality: "high" });
  const canvas = document.createElement("canvas");
  canvas.width = wide;
  canvas.height = high;
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  bitmap.close();
  const url = pixels.format.channels === 4 ? canvas.toDataURL("image/png") : canvas.toDataURL("image/jpeg", 0.9);
  return { width: wide, height: high, url };
}

const BASE64_PART = 0x8000;

export function encodedPicture(data: Uint8Array, mime: string, width: number, height: number): Picture {
  let binary = "";
  for (let at = 0; at < data.length; at += BASE64_PART) {
    binary += String.fromCharCode(...data.subarray(at, at + BASE64_PART));
  }
  return { width, height, url: `data:${mime};base64,${btoa(binary)}` };
}

/** As ImageData wants it: RGBA. */
function toClamped(data: Uint8Array, channels: number): Uint8ClampedArray<ArrayBuffer> {
  if (channels === 4) return new Uint8ClampedArray(data);
  const count = data.length / channels;
  const out = new Uint8ClampedArray(count * 4);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) out[i * 4 + c] = data[i * channels + c] ?? 0;
    out[i * 4 + 3] = 255;
  }
  return out;
}
