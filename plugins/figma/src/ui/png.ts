/** PNG to straight 8 bit samples and back, exactly; no canvas, which would multiply colours by alpha. */

import { convertIndexedToRgb, decode, encode, hasPngSignature, type DecodedPng } from "fast-png";
import type { Size } from "../../../shared/src/pixels/rect.ts";

/** An image as Inlay sees a layer: RGB, or straight RGBA when anything of it is transparent. */
export interface Decoded {
  readonly size: Size;
  readonly channels: 3 | 4;
  readonly data: Uint8Array;
  readonly profile: Uint8Array | null;
}

export function isPng(bytes: Uint8Array): boolean {
  return hasPngSignature(bytes.subarray(0, 8));
}

/** Throws RangeError or Error when it is no sound PNG. */
export function decodePng(bytes: Uint8Array): Decoded {
  const png = decode(bytes);
  const size = { width: png.width, height: png.height };
  const profile = png.iccEmbeddedProfile?.profile ?? null;
  return { size, ...lean(toRgba(png)), profile };
}

function toRgba(png: DecodedPng): Uint8Array {
  const count = png.width * png.height;
  const rgba = new Uint8Array(count * 4);
  if (png.palette !== undefined) {
    const flat = convertIndexedToRgb(png);
    const channels = flat.length / count;
    for (let i = 0; i < count; i++) {
      for (let c = 0; c < 3; c++) rgba[i * 4 + c] = flat[i * channels + c] ?? 0;
      rgba[i * 4 + 3] = channels === 4 ? (flat[i * 4 + 3] ?? 255) : 255;
    }
    return rgba;
  }
  const { channels, depth } = png;
  const data = depth < 8 ? unpack(png) : png.data;
  const most = 2 ** depth - 1;
  const grey = channels <= 2;
  const clear = png.transparency;
  for (let i = 0; i < count; i++) {
    let isClear = clear !== undefined && clear.length > 0;
    for (let c = 0; c < 3; c++) {
      const value = data[i * channels + (grey ? 0 : c)] ?? 0;
      if (clear !== undefined && clear[grey ? 0 : c] !== value) isClear = false;
      rgba[i * 4 + c] = depth === 8 ? value : Math.round((value * 255) / most);
    }
    const alpha = channels === 2 || channels === 4 ? (data[i * channels + channels - 1] ?? most) : most;
    rgba[i * 4 + 3] = isClear ? 0 : depth === 8 ? alpha : Math.round((alpha * 255) / most);
  }
  return rgba;
}

/** Greys of 1, 2 or 4 bits, several in a byte. */
function unpack(png: DecodedPng): Uint8Array {
  const perByte = 8 / png.depth;
  const rowBytes = Math.ceil(png.width / perByte);
  const out = new Uint8Array(png.width * png.height);
  for (let y = 0; y < png.height; y++) {
    for (let x = 0; x < png.width; x++) {
      const byte = png.data[y * rowBytes + Math.floor(x / perByte)] ?? 0;
      out[y * png.width + x] = (byte >> (8 - png.depth * ((x % perByte) + 1))) & (2 ** png.depth - 1);
    }
  }
  return out;
}

/** Without alpha, when nothing is transparent. */
export function lean(rgba: Uint8Array | Uint8ClampedArray): Pick<Decoded, "channels" | "data"> {
  let opaque = true;
  for (let i = 3; opaque && i < rgba.length; i += 4) opaque = rgba[i] === 255;
  if (!opaque) return { channels: 4, data: new Uint8Array(rgba.buffer, rgba.byteOffset, rgba.byteLength) };
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from] ?? 0;
    rgb[to + 1] = rgba[from + 1] ?? 0;
    rgb[to + 2] = rgba[from + 2] ?? 0;
  }
  return { channels: 3, data: rgb };
}

/** 8 bit RGB or straight RGBA. */
export async function encodePng(
  size: Size,
  channels: number,
  data: Uint8Array,
  profile: Uint8Array | null,
): Promise<Uint8Array> {
  const bytes = (await byBrowser(size, channels, data)) ?? encode({ ...size, channels, data, depth: 8 });
  return profile === null ? bytes : await withProfile(bytes, profile);
}

/**
 * The browser's own encoder makes files a third smaller. A canvas multiplies colours by alpha, which is exact only
 * where alpha is 0 or 255; other pictures are left to fast-png.
 */
async function byBrowser(size: Size, channels: number, data: Uint8Array): Promise<Uint8Array | null> {
  if (typeof OffscreenCanvas === "undefined" || (channels === 4 && !hasHardAlpha(data))) return null;
  const canvas = new OffscreenCanvas(size.width, size.height);
  const context = canvas.getContext("2d");
  if (context === null) return null;
  context.putImageData(new ImageData(toClamped(data, channels), size.width, size.height), 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/png" });
  return new Uint8Array(await blob.arrayBuffer());
}

function hasHardAlpha(rgba: Uint8Array): boolean {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== 255 && rgba[i] !== 0) return false;
  return true;
}

export function toClamped(data: Uint8Array, channels: number): Uint8ClampedArray<ArrayBuffer> {
  if (channels === 4) return new Uint8ClampedArray(data);
  const count = data.length / channels;
  const out = new Uint8ClampedArray(count * 4);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) out[i * 4 + c] = data[i * channels + (channels < 3 ? 0 : c)] ?? 0;
    out[i * 4 + 3] = channels === 2 ? (data[i * 2 + 1] ?? 255) : 255;
  }
  return out;
}

/** The file with an iCCP chunk, right after its header: what the original image had, so that colours stay. */
export async function withProfile(png: Uint8Array, profile: Uint8Array): Promise<Uint8Array> {
  const packed = await zlib(profile);
  const name = Array.from("ICC profile\0\0", (letter) => letter.charCodeAt(0));
  const body = new Uint8Array(4 + name.length + packed.length);
  body.set([0x69, 0x43, 0x43, 0x50, ...name]);
  body.set(packed, 4 + name.length);
  const chunk = new Uint8Array(body.length + 8);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, body.length - 4);
  chunk.set(body, 4);
  view.setUint32(body.length + 4, crc32(body));
  const headerEnd = 8 + 25;
  const out = new Uint8Array(png.length + chunk.length);
  out.set(png.subarray(0, headerEnd));
  out.set(chunk, headerEnd);
  out.set(png.subarray(headerEnd), headerEnd + chunk.length);
  return out;
}

async function zlib(data: Uint8Array): Promise<Uint8Array> {
  const packed = new Blob([new Uint8Array(data)]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

function crc32(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
