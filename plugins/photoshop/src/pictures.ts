/** Pictures for the panel. UXP's <img> takes base64 JPEG, and Photoshop makes it: UXP's canvas cannot draw pixels. */

import type { Picture } from "../../shared/src/host.ts";
import { blank, type Format, type Mask, type Raster } from "../../shared/src/pixels/raster.ts";
import { heightOf, intersect, isEmpty, rect, type Rect, sameRect, widthOf } from "../../shared/src/pixels/rect.ts";
import type { ImageData, Photoshop, PsDocument, PsLayer } from "./api.ts";
import { channelled, layOver } from "./composite.ts";
import { canvasOf, extentOf, hasMask, toEdges } from "./layers.ts";
import { disposing } from "./read.ts";
import type { Stack } from "./stack.ts";

const SRGB = "sRGB IEC61966-2.1";
const RGBA: Format = { depth: "u8", channels: 4, alpha: "straight" };

/** Photoshop's own sign for “nothing here”: light squares. */
const SQUARE_PX = 8;
const LIGHT = 255;
const DARK = 214;

/** 8 bit RGB or RGBA (or grey) as a picture. */
export async function pictureOf(photoshop: Photoshop, raster: Raster): Promise<Picture> {
  const width = widthOf(raster.rect_px);
  const height = heightOf(raster.rect_px);
  const rgb = onSquares(channelled(raster.data, raster.format.channels, 4, 255), width);
  const image = await photoshop.imaging.createImageDataFromBuffer(rgb, {
    width,
    height,
    components: 3,
    chunky: true,
    colorSpace: "RGB",
    colorProfile: SRGB,
  });
  const encoded = await disposing(image, (imageData) => photoshop.imaging.encodeImageData({ imageData, base64: true }));
  const base64 = typeof encoded === "string" ? encoded : toBase64(Uint8Array.from(encoded));
  return { width, height, url: `data:image/jpeg;base64,${base64}` };
}

function onSquares(rgba: ArrayLike<number>, width: number): Uint8Array {
  const count = rgba.length / 4;
  const rgb = new Uint8Array(count * 3);
  for (let pixel = 0; pixel < count; pixel++) {
    const alpha = rgba[pixel * 4 + 3] ?? 0;
    const column = Math.floor((pixel % width) / SQUARE_PX);
    const row = Math.floor(pixel / width / SQUARE_PX);
    const ground = (column + row) % 2 === 0 ? LIGHT : DARK;
    for (let channel = 0; channel < 3; channel++) {
      const value = rgba[pixel * 4 + channel] ?? 0;
      rgb[pixel * 3 + channel] = Math.round((value * alpha + ground * (255 - alpha)) / 255);
    }
  }
  return rgb;
}

/** What a stack shows, small: Photoshop scales each layer, which for large ones it has done already. */
export async function overviewOf(photoshop: Photoshop, stack: Stack, sidePx: number): Promise<Raster> {
  const canvas = canvasOf(stack.document);
  const scale = Math.min(1, sidePx / Math.max(widthOf(canvas), heightOf(canvas)));
  const small = blank(scaled(canvas, scale), RGBA);
  for (const [place, layer] of stack.drawn.entries()) {
    const parts = layer.kind === "group" ? Array.from(layer.layers ?? []).reverse() : [layer];
    for (const part of parts.filter((one) => one.visible || one === layer)) {
      const read = await smallLayer(photoshop, stack.document, part, scale);
      if (read === null) continue;
      const mask = place === 0 ? null : await smallMask(photoshop, stack.document, layer, read.rect_px, scale);
      layOver(small, read, mask, layer.opacity / 100, place > 0 && layer.isClippingMask);
    }
  }
  return small;
}

/** A raster with alpha laid over an overview; as it is when the overview is of another size. JPEG has no alpha. */
export function laidOver(overview: Raster, top: Raster): Raster {
  if (top.format.channels !== 4 || !sameRect(overview.rect_px, top.rect_px)) return top;
  const both = { ...overview, data: overview.data.slice() };
  layOver(both, top, null, 1, false);
  return both;
}

async function smallLayer(
  photoshop: Photoshop,
  document: PsDocument,
  layer: PsLayer,
  scale: number,
): Promise<Raster | null> {
  const extent = extentOf(document, layer);
  if (isEmpty(extent)) return null;
  const rect_px = scaled(extent, scale);
  const { imageData } = await photoshop.imaging.getPixels({
    documentID: document.id,
    layerID: layer.id,
    sourceBounds: toEdges(extent),
    targetSize: { width: widthOf(rect_px), height: heightOf(rect_px) },
    colorSpace: "RGB",
    colorProfile: SRGB,
    componentSize: 8,
  });
  return disposing(imageData, async (image) => {
    const data = channelled(await image.getData({ chunky: true }), image.components, 4, 255);
    return { rect_px: placed(rect_px, image), format: RGBA, data };
  });
}

async function smallMask(
  photoshop: Photoshop,
  document: PsDocument,
  layer: PsLayer,
  rect_px: Rect,
  scale: number,
): Promise<Mask | null> {
  if (!(await hasMask(photoshop, document, layer))) return null;
  const extent = intersect(
    rect(rect_px.x0 / scale, rect_px.y0 / scale, Math.ceil(rect_px.x1 / scale), Math.ceil(rect_px.y1 / scale)),
    canvasOf(document),
  );
  const { imageData } = await photoshop.imaging.getLayerMask({
    documentID: document.id,
    layerID: layer.id,
    kind: "user",
    sourceBounds: toEdges(rect(Math.floor(extent.x0), Math.floor(extent.y0), extent.x1, extent.y1)),
    targetSize: { width: widthOf(rect_px), height: heightOf(rect_px) },
  });
  return disposing(imageData, async (image) => {
    const data = await image.getData({ chunky: true });
    return {
      rect_px: placed(rect_px, image),
      data: data instanceof Uint8Array ? data : new Uint8Array(data.length).fill(255),
    };
  });
}

/** The picture may be trimmed or rounded by a pixel; its own size is what its rows have. */
function placed(wanted: Rect, image: ImageData): Rect {
  return rect(wanted.x0, wanted.y0, wanted.x0 + image.width, wanted.y0 + image.height);
}

function scaled(of: Rect, scale: number): Rect {
  const x0 = Math.floor(of.x0 * scale);
  const y0 = Math.floor(of.y0 * scale);
  return rect(x0, y0, Math.max(x0 + 1, Math.round(of.x1 * scale)), Math.max(y0 + 1, Math.round(of.y1 * scale)));
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** UXP has no documented `btoa` for bytes. */
export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const [one, two, three] = [bytes[at] ?? 0, bytes[at + 1], bytes[at + 2]];
    const bits = (one << 16) | ((two ?? 0) << 8) | (three ?? 0);
    const digit = (shift: number) => DIGITS.charAt((bits >> shift) & 63);
    parts.push(digit(18) + digit(12) + (two === undefined ? "=" : digit(6)) + (three === undefined ? "=" : digit(0)));
  }
  return parts.join("");
}
