/** A first look at the result on the canvas. It is never committed to the undo history, and leaves nothing behind. */

import type { Rect } from "../../../shared/src/pixels/rect.ts";
import { heightOf, rectOf, widthOf } from "../../../shared/src/pixels/rect.ts";
import { chain, scaling, translation } from "../shared/affine.ts";
import { cropFor, partOnNode } from "../shared/fit.ts";
import { isPreview, markPreview } from "./data.ts";
import { settle, topIndex } from "./overlay.ts";
import { isRepeated } from "./patches.ts";
import { quiet } from "./quiet.ts";
import { findSource, noOverlay, plain, toNode } from "./source.ts";

const looks = new Map<string, RectangleNode>();

export async function preview(layerKey: string, rect_px: Rect | null, bytes: Uint8Array | undefined): Promise<void> {
  if (rect_px === null || bytes === undefined) {
    takePreview(layerKey);
    return;
  }
  const source = await findSource(layerKey);
  if (noOverlay(source) !== null || isRepeated(source)) return;
  const image = figma.createImage(bytes);
  const size = await image.getSizeAsync();
  const map = chain(
    toNode(source),
    translation(rect_px.x0, rect_px.y0),
    scaling(widthOf(rect_px) / size.width, heightOf(rect_px) / size.height),
  );
  const box = partOnNode(map, rectOf(size), source.node);
  if (box === null) return;
  takePreview(layerKey);
  const node = quiet(figma.createRectangle());
  looks.set(layerKey, node);
  markPreview(node);
  node.name = "Inlay: first look";
  node.locked = true;
  const own = { width: box.x1 - box.x0, height: box.y1 - box.y0 };
  node.resize(Math.max(0.01, own.width), Math.max(0.01, own.height));
  const crop = cropFor(chain(translation(-box.x0, -box.y0), map), size, own);
  node.fills = [{ type: "IMAGE", imageHash: image.hash, scaleMode: "CROP", imageTransform: plain(crop) }];
  settle(source, node, translation(box.x0, box.y0), topIndex(source));
}

export function takePreview(layerKey: string): void {
  const node = looks.get(layerKey);
  looks.delete(layerKey);
  if (node !== undefined && !node.removed) node.remove();
}

export function takeAllPreviews(): void {
  for (const key of [...looks.keys()]) takePreview(key);
}

/** What a window that ended suddenly left on this page. */
export function takeLeftovers(): void {
  const left = figma.currentPage.findAllWithCriteria({ sharedPluginData: { namespace: "inlay", keys: ["preview"] } });
  for (const node of left) if (isPreview(node) && !node.removed) node.remove();
}
