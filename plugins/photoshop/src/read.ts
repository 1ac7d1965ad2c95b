/** Reading pixels and masks: only what is asked for, placed by the bounds that come back, every image data disposed. */

import { HostError } from "../../shared/src/host.ts";
import { blank, copyRows, type Format, type Mask, type Raster, type Samples } from "../../shared/src/pixels/raster.ts";
import {
  areaOf,
  grow,
  heightOf,
  intersect,
  isEmpty,
  type Rect,
  sameRect,
  widthOf,
} from "../../shared/src/pixels/rect.ts";
import type { Edges, ImageData, Photoshop, PsDocument, PsLayer } from "./api.ts";
import { channelled, layOver, whiteOf, withAlpha } from "./composite.ts";
import { canvasOf, extentOf, fromEdges, hasMask, toEdges } from "./layers.ts";
import type { Stack } from "./stack.ts";

/** Gives the image data back to Photoshop whatever happens: it holds memory until then. */
export async function disposing<T>(data: ImageData, use: (data: ImageData) => Promise<T>): Promise<T> {
  try {
    return await use(data);
  } finally {
    await data.dispose();
  }
}

/** What the stack shows in a part of the canvas, exactly. */
export async function readShown(photoshop: Photoshop, stack: Stack, rect_px: Rect): Promise<Raster> {
  const { document, drawn, format } = stack;
  const out = blank(rect_px, format);
  const [base, ...over] = drawn;
  if (base !== undefined) {
    // The base's own layer mask is the person's, who hides parts of the layer with it: it is no part of its pixels.
    const read = await readLayer(photoshop, document, base, rect_px, format);
    if (read !== null) copyRows(read.data, read.rect_px, out.data, rect_px, rect_px, format.channels);
  }
  for (const layer of over) {
    const mask = await readMask(photoshop, document, layer, rect_px);
    for (const part of contents(layer)) {
      const read = await readLayer(photoshop, document, part, rect_px, withAlpha(format));
      const opacity = (layer.opacity / 100) * (part === layer ? 1 : part.opacity / 100);
      if (read !== null) layOver(out, read, mask, opacity, layer.isClippingMask);
    }
  }
  return out;
}

/** The layers of which a patch consists, lowest first. */
function contents(layer: PsLayer): PsLayer[] {
  if (layer.kind !== "group") return [layer];
  return Array.from(layer.layers ?? [])
    .reverse()
    .filter(({ visible }) => visible);
}

/** A layer's own pixels in a part of the canvas, cut to where it has any; null where it has none. */
export async function readLayer(
  photoshop: Photoshop,
  document: PsDocument,
  layer: PsLayer,
  rect_px: Rect,
  format: Format,
): Promise<Raster | null> {
  const extent = extentOf(document, layer);
  const wanted = intersect(rect_px, extent);
  if (isEmpty(wanted)) return null;
  const { imageData, sourceBounds } = await firstPixels(photoshop, document, layer, wanted, extent);
  return disposing(imageData, async (data) => {
    const got = placed(data, sourceBounds);
    if (isEmpty(got)) return null;
    const samples = await data.getData({ chunky: true, fullRange: true });
    if (samples.length !== areaOf(got) * data.components || depthOf(samples) !== format.depth) {
      throw new HostError("failed", "Photoshop gave other pixels than were asked for.", "Try again.");
    }
    return { rect_px: got, format, data: channelled(samples, data.components, format.channels, whiteOf(format.depth)) };
  });
}

/**
 * What a part of a layer holds, or more than that: Photoshop does not say what it does with a part that is a hole in
 * the layer. If it refuses, a larger part is asked for, at last the whole layer, which is not empty: if it refuses that
 * too, something is wrong.
 */
async function firstPixels(photoshop: Photoshop, document: PsDocument, layer: PsLayer, wanted: Rect, extent: Rect) {
  for (let asked = wanted; ; asked = intersect(grow(asked, Math.max(widthOf(asked), heightOf(asked))), extent)) {
    try {
      return await photoshop.imaging.getPixels({
        documentID: document.id,
        layerID: layer.id,
        sourceBounds: toEdges(asked),
      });
    } catch (error) {
      if (layer.isBackgroundLayer || sameRect(asked, extent)) throw error;
    }
  }
}

/** A layer's mask in a part of the canvas; null when it has none or it is switched off. */
export async function readMask(
  photoshop: Photoshop,
  document: PsDocument,
  layer: PsLayer,
  rect_px: Rect,
): Promise<Mask | null> {
  const wanted = intersect(rect_px, canvasOf(document));
  if (isEmpty(wanted) || !(await hasMask(photoshop, document, layer))) return null;
  const { imageData, sourceBounds } = await photoshop.imaging.getLayerMask({
    documentID: document.id,
    layerID: layer.id,
    kind: "user",
    sourceBounds: toEdges(wanted),
  });
  const got = await disposing(imageData, (data) => selectionOf(data, sourceBounds));
  if (sameRect(got.rect_px, rect_px)) return got;
  // Where Photoshop says nothing, nothing is hidden.
  const data = new Uint8Array(areaOf(rect_px)).fill(255);
  copyRows(got.data, got.rect_px, data, rect_px, rect_px, 1);
  return { rect_px, data };
}

/** The document's selection with its feather, on the canvas; null when nothing is selected. */
export async function readSelection(photoshop: Photoshop, document: PsDocument): Promise<Mask | null> {
  const { bounds } = document.selection;
  if (bounds === null) return null;
  const wanted = intersect(fromEdges(bounds), canvasOf(document));
  if (isEmpty(wanted)) return null;
  const { imageData, sourceBounds } = await photoshop.imaging.getSelection({
    documentID: document.id,
    sourceBounds: toEdges(wanted),
  });
  return disposing(imageData, (data) => selectionOf(data, sourceBounds));
}

/** One channel as 0..255. What is selected at all stays selected. */
async function selectionOf(data: ImageData, bounds: Edges): Promise<Mask> {
  const rect_px = placed(data, bounds);
  const samples = await data.getData({ chunky: true, fullRange: true });
  if (samples instanceof Uint8Array && data.components === 1) return { rect_px, data: samples };
  const scale = 255 / whiteOf(depthOf(samples));
  const mask = new Uint8Array(areaOf(rect_px));
  for (let pixel = 0; pixel < mask.length; pixel++) {
    const value = samples[pixel * data.components] ?? 0;
    mask[pixel] = value > 0 ? Math.min(255, Math.max(1, Math.round(value * scale))) : 0;
  }
  return { rect_px, data: mask };
}

/** Where the image data lies: at the bounds that came back, in its own size. */
function placed(data: ImageData, bounds: Edges): Rect {
  const at = fromEdges(bounds);
  if (widthOf(at) !== data.width || heightOf(at) !== data.height) {
    throw new HostError("failed", "Photoshop scaled the pixels that were asked for.", "Try again.");
  }
  return at;
}

function depthOf(samples: Samples): Format["depth"] {
  return samples instanceof Uint8Array ? "u8" : samples instanceof Uint16Array ? "u16" : "f32";
}
