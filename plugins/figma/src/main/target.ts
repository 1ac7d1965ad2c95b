/** The selection as an image to edit and what marks a part of it, or why there is none. */

import type { NoTarget } from "../../../shared/src/host.ts";
import { union } from "../../../shared/src/pixels/rect.ts";
import type { SelectedInfo, Shapes } from "../shared/asks.ts";
import { isPreview, readLayer, readPatch } from "./data.ts";
import { see } from "./marked.ts";
import { marksOver } from "./masks.ts";
import { describe, layoutOf } from "./patches.ts";
import { imageFill, layerKey, type Source, sourceOf } from "./source.ts";

export async function selected(): Promise<{ readonly selected: SelectedInfo } | { readonly none: NoTarget }> {
  const selection = figma.currentPage.selection;
  if (selection.length === 0) {
    return { none: { reason: "Nothing is selected.", hint: "Select an image, and say what should change." } };
  }
  const sources = await imagesIn(selection);
  const source = chosen(sources);
  if (source === null) {
    const video = selection.some((node) => "fills" in node && node.fills !== figma.mixed && hasVideo(node.fills));
    if (video) return { none: { reason: "This is a video.", hint: "Select a layer with an image fill." } };
    const hint = "Select a layer with an image fill; a double click reaches one inside a frame or a group.";
    return { none: { reason: "No image is selected.", hint } };
  }
  const info = describe(source, source.hash, source.size, layoutOf(source));
  see(info.shown);
  return { selected: { source: info, masks: shapesOver(source) } };
}

/** All that marks a part of the image is one mask. */
function shapesOver(source: Source): readonly Shapes[] {
  const over = marksOver(source);
  if (over.length === 0) return [];
  const label = over.length === 1 ? "1 shape over the image" : `${over.length} shapes over the image`;
  const boxes = over.flatMap(({ box }) => box ?? []);
  const rect_px = boxes.length > 0 ? boxes.reduce(union) : null;
  return [{ kind: "shapes", label, rect_px, marks: over.map(({ node }) => node.id) }];
}

/** The images of a selection; a patch stands for the image that it lies on. */
async function imagesIn(selection: readonly SceneNode[]): Promise<readonly Source[]> {
  const found = new Map<string, Source>();
  for (const node of selection) {
    if (isPreview(node)) continue;
    const patched = await underPatch(node);
    const source = await sourceOf(patched ?? node);
    if (source !== null && (patched !== null || readPatch(node) === null)) found.set(source.node.id, source);
  }
  return [...found.values()];
}

/** The image that the patch, or the piece of a patch, belongs to. */
async function underPatch(node: SceneNode): Promise<SceneNode | null> {
  const holder = readPatch(node) !== null ? node : node.parent;
  const data = holder === null || holder.type === "DOCUMENT" ? null : readPatch(holder);
  const parent = holder?.parent ?? null;
  if (data === null || parent === null || !("children" in parent)) return null;
  for (const near of [...parent.children, parent]) {
    const fill = near.type === "DOCUMENT" || near.type === "PAGE" ? null : imageFill(near);
    if (fill === null || readPatch(fill.node) !== null || readLayer(fill.node) === null) continue;
    if ((await layerKey(fill.node)) === data.layer) return fill.node;
  }
  return null;
}

function hasVideo(fills: readonly Paint[]): boolean {
  return fills.some((paint) => paint.type === "VIDEO" && paint.visible !== false);
}

/** Of several: the one on which something is drawn, else the largest; the others are pictures to go with the words. */
function chosen(sources: readonly Source[]): Source | null {
  const marked = sources.filter((source) => marksOver(source).length > 0);
  const of = marked.length === 1 ? marked : sources;
  const area = (source: Source) => source.node.width * source.node.height;
  return of.reduce<Source | null>((most, source) => (most === null || area(source) > area(most) ? source : most), null);
}

/** The images selected beside the target. */
export async function beside(key: string): Promise<readonly { name: string; hash: string }[]> {
  const sources = await imagesIn(figma.currentPage.selection);
  return sources
    .filter((source) => source.key !== key)
    .map((source) => ({ name: source.node.name, hash: source.hash }));
}
