/** Photographs, patches and what the page should look like, for the tests of the Figma plugin. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { decode, encode } from "fast-png";
import type { Box } from "../../figma/src/shared/affine.ts";
import type { PlacedPatch, Target } from "../../shared/src/host.ts";
import type { Mask, Raster } from "../../shared/src/pixels/raster.ts";
import { areaOf, heightOf, type Rect, widthOf } from "../../shared/src/pixels/rect.ts";
import { type FigmaDocument, type PagePixels } from "../hosts/figma/document.ts";
import type { OpenedHost } from "../hosts/figma/open.ts";

const coffee = decode(readFileSync(new URL("../../../bridge/demo/photos/coffee.png", import.meta.url)));

/** A part of the photograph of a cup of coffee, as RGB; `alpha` gives it a transparent gradient from left to right. */
export function photo(
  width: number,
  height: number,
  alpha = false,
): { png: Uint8Array; data: Uint8Array; channels: number } {
  const channels = alpha ? 4 : 3;
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = ((y % coffee.height) * coffee.width + (x % coffee.width)) * coffee.channels;
      const to = (y * width + x) * channels;
      for (let c = 0; c < 3; c++) data[to + c] = coffee.data[from + c]!;
      if (alpha) data[to + 3] = Math.round((255 * x) / Math.max(1, width - 1));
    }
  }
  return { png: encode({ width, height, channels, data }), data, channels };
}

/** A disc: an edge that no rectangle hides. */
export function disc(rect_px: Rect): Mask {
  const [width, height] = [widthOf(rect_px), heightOf(rect_px)];
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [(x + 0.5 - width / 2) / (width / 2), (y + 0.5 - height / 2) / (height / 2)];
      const r = Math.hypot(dx, dy);
      data[y * width + x] = r < 0.8 ? 255 : r < 1 ? 100 : 0;
    }
  }
  return { rect_px, data };
}

/** Pixels that no photograph has, another one at each place. */
export function paint(rect_px: Rect, channels = 3): Raster {
  const data = new Uint8Array(areaOf(rect_px) * channels);
  for (let i = 0; i < areaOf(rect_px); i++) {
    data.set([(i * 37) % 256, (i * 101) % 256, 255 - (i % 200)], i * channels);
    if (channels === 4) data[i * 4 + 3] = 255;
  }
  return { rect_px, format: { depth: "u8", channels, alpha: channels === 4 ? "straight" : "none" }, data };
}

export function patch(version_id: string, rect_px: Rect, more: Partial<PlacedPatch> = {}): PlacedPatch {
  return {
    version_id,
    parent_id: "source",
    text: "remove this",
    pixels: paint(rect_px),
    mask: disc(rect_px),
    canvas: null,
    layers: [],
    references: [],
    ...more,
  };
}

/** The image with the patch in it, as a PNG: what the page should show. */
export function patched(
  image: { readonly data: Uint8Array; readonly channels: number },
  width: number,
  patches: readonly PlacedPatch[],
): Uint8Array {
  const data = image.data.slice();
  const height = data.length / width / image.channels;
  for (const { pixels, mask } of patches) {
    const { rect_px } = pixels;
    for (let y = rect_px.y0; y < rect_px.y1; y++) {
      for (let x = rect_px.x0; x < rect_px.x1; x++) {
        const at = (y - rect_px.y0) * widthOf(rect_px) + x - rect_px.x0;
        if (mask !== null && mask.data[at] === 0) continue;
        for (let c = 0; c < image.channels; c++) {
          const value = c < pixels.format.channels ? pixels.data[at * pixels.format.channels + c]! : 255;
          data[(y * width + x) * image.channels + c] = value;
        }
      }
    }
  }
  return encode({ width, height, channels: image.channels, data });
}

/** The node's image replaced by another one, and drawn; the document itself stays. */
export async function pageWith(
  document: FigmaDocument,
  id: string,
  png: Uint8Array,
  box: Box,
  scale = 1,
): Promise<PagePixels> {
  const node = document.store.get(id);
  const fills = node.fills;
  const imageHash = document.addOldImage(png);
  const hidden = document
    .patches()
    .map((one) => document.store.get(one.id))
    .filter((one) => one.visible);
  try {
    for (const one of hidden) one.visible = false;
    node.fills = fills.map((fill) => (fill.type === "IMAGE" ? { ...fill, imageHash } : fill));
    return await document.pixels(box, scale);
  } finally {
    node.fills = fills;
    for (const one of hidden) one.visible = true;
  }
}

/** How many pixels differ by more than `by` in any channel. */
export function different(one: PagePixels, other: PagePixels, by = 0): number {
  assert.equal(one.data.length, other.data.length);
  let count = 0;
  for (let i = 0; i < one.data.length; i += 4) {
    const apart = [0, 1, 2, 3].some((c) => Math.abs(one.data[i + c]! - other.data[i + c]!) > by);
    if (apart) count++;
  }
  return count;
}

export async function target({ host }: OpenedHost): Promise<Target> {
  const selected = await host.selected();
  assert.ok("target" in selected, "none" in selected ? selected.none.reason : "");
  return selected.target;
}

export async function place(
  opened: OpenedHost,
  put: PlacedPatch | null,
  more: { as?: "layer" | "merge"; remove?: readonly string[]; native?: boolean } = {},
): Promise<readonly string[]> {
  const { as = "layer", remove = [], native = true } = more;
  const placed = await opened.host.place(await target(opened), { name: "Inlay: test", remove, put, as, native });
  return placed.notes;
}
