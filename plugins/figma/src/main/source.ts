/** The image that is edited: its node, its fill, its keys, and where its pixels are on the page. */

import { HostError } from "../../../shared/src/host.ts";
import type { Size } from "../../../shared/src/pixels/rect.ts";
import { type Affine, chain, inverse } from "../shared/affine.ts";
import { imageToNode, type ImageFit, repeats } from "../shared/fit.ts";
import { NAMESPACE, readLayer } from "./data.ts";

/** A node that can have an image fill and has a place on the page. */
export type ImageNode = Extract<SceneNode, MinimalFillsMixin & LayoutMixin & MinimalBlendMixin>;

export interface Source {
  readonly node: ImageNode;
  readonly paint: ImagePaint;
  /** Which of the node's fills it is. */
  readonly index: number;
  readonly hash: string;
  readonly key: string;
  readonly size: Size;
}

export const gone = () =>
  new HostError("gone", "The image is not there any more.", "Undo its removal in Figma, or select another image.");

/** The image fill that is seen: the topmost visible one. */
export function imageFill(node: BaseNode): { node: ImageNode; paint: ImagePaint; index: number; hash: string } | null {
  if (!("fills" in node) || !("absoluteTransform" in node) || !("blendMode" in node)) return null;
  const fills = node.fills;
  if (fills === figma.mixed) return null;
  for (let index = fills.length - 1; index >= 0; index--) {
    const paint = fills[index];
    if (paint?.type !== "IMAGE" || paint.visible === false || paint.imageHash === null) continue;
    return { node: node as ImageNode, paint, index, hash: paint.imageHash };
  }
  return null;
}

/** Which layer this node is: by its own id, or by what was written when it was first edited. */
export async function layerKey(node: ImageNode): Promise<string> {
  const data = readLayer(node);
  if (data === null) return node.id;
  if (data.id === node.id) return data.key;
  // Cut and pasted, it is the same layer; copied, it is another one.
  return (await figma.getNodeByIdAsync(data.id)) === null ? data.key : node.id;
}

const nodeIds = new Map<string, string>();

export async function sourceOf(node: BaseNode): Promise<Source | null> {
  const found = imageFill(node);
  if (found === null) return null;
  const image = figma.getImageByHash(found.hash);
  if (image === null) return null;
  const size = await image.getSizeAsync();
  // A line, or a crop of no width, shows no pixels.
  if (isFlat(found.paint, size, found.node)) return null;
  const key = await layerKey(found.node);
  nodeIds.set(key, found.node.id);
  return { ...found, key, size };
}

function isFlat(paint: ImagePaint, size: Size, node: Size): boolean {
  if (node.width <= 0 || node.height <= 0) return true;
  try {
    inverse(imageToNode(fitOf(paint), size, node));
    return false;
  } catch (error) {
    if (error instanceof RangeError) return true;
    throw error;
  }
}

/** The layer of that key, as it is now. Throws `HostError` when it is gone. */
export async function findSource(key: string): Promise<Source> {
  const node = await figma.getNodeByIdAsync(nodeIds.get(key) ?? key);
  if (node === null || node.removed) throw gone();
  const source = await sourceOf(node);
  if (source === null) {
    throw new HostError("changed", "The layer has no image any more.", "Undo in Figma, or select another image.");
  }
  return source;
}

/** Of a paint, what decides where its pixels are. */
export function fitOf(paint: ImagePaint): ImageFit {
  const { scaleMode, imageTransform, scalingFactor, rotation } = paint;
  return { scaleMode, imageTransform, scalingFactor, rotation };
}

/** The same paint with another image, or the same image otherwise placed. Filters, opacity and the like stay. */
export function repaint(paint: ImagePaint, hash: string, fit: ImageFit): ImagePaint {
  const kept = Object.fromEntries(
    Object.entries(paint).filter(([name]) => !["imageTransform", "scalingFactor", "rotation"].includes(name)),
  ) as Omit<ImagePaint, "imageTransform" | "scalingFactor" | "rotation">;
  const transform = fit.imageTransform;
  return {
    ...kept,
    imageHash: hash,
    scaleMode: fit.scaleMode,
    ...(transform !== undefined && fit.scaleMode === "CROP" ? { imageTransform: plain(transform) } : {}),
    ...(fit.scalingFactor !== undefined && fit.scaleMode === "TILE" ? { scalingFactor: fit.scalingFactor } : {}),
    ...(fit.rotation !== undefined && fit.scaleMode !== "CROP" ? { rotation: fit.rotation } : {}),
  };
}

/** As Figma's own type, which is not readonly. */
export function plain(of: Affine): Transform {
  return [
    [of[0][0], of[0][1], of[0][2]],
    [of[1][0], of[1][1], of[1][2]],
  ];
}

/** Image px → the node's own space. */
export function toNode(source: Source): Affine {
  return imageToNode(fitOf(source.paint), source.size, source.node);
}

/** Image px → page, for each repetition that is seen. */
export function toPage(source: Source): readonly Affine[] {
  const all = repeats(fitOf(source.paint), source.size, source.node);
  return all.map((map) => chain(source.node.absoluteTransform, map));
}

export function documentKey(): string {
  const known = figma.root.getSharedPluginData(NAMESPACE, "document");
  if (known !== "") return known;
  // Written now, since an edit may outlive this window; undoing an edit can take it away again, then it is written anew.
  figma.root.setSharedPluginData(NAMESPACE, "document", newKey);
  return newKey;
}

/** Names a document, guards nothing: Math.random is all that Figma's main thread has. */
const newKey = Array.from({ length: 4 }, () =>
  Math.floor(Math.random() * 2 ** 32)
    .toString(16)
    .padStart(8, "0"),
).join("");

/** Why nothing can lie above this image and look exact; null: it can. In words for people. */
export function noOverlay(source: Source): string | null {
  const { node, paint, index } = source;
  for (let above: BaseNode | null = node.parent; above !== null; above = above.parent) {
    if (above.type === "INSTANCE") return "The image is part of an instance, whose layers are fixed.";
  }
  if (node.type === "INSTANCE") return "The image is the fill of an instance, whose layers are fixed.";
  const parent = node.parent;
  if (parent?.type === "BOOLEAN_OPERATION") return "The image is part of a boolean shape.";
  if ("isMask" in node && node.isMask) return "The image is used as a mask.";
  if (node.opacity < 1 || (node.blendMode !== "NORMAL" && node.blendMode !== "PASS_THROUGH")) {
    return "The image is blended with what is below it.";
  }
  if ((paint.opacity ?? 1) < 1 || (paint.blendMode ?? "NORMAL") !== "NORMAL") return "The image fill is blended.";
  if (node.effects.some((effect) => effect.visible && !OUTER_EFFECTS.has(effect.type))) {
    return "The image has effects, which would not take in a layer above it.";
  }
  const fills = node.fills;
  if (fills !== figma.mixed && fills.slice(index + 1).some((fill) => fill.visible !== false)) {
    return "The image has other fills above it.";
  }
  if ("strokes" in node && node.strokeAlign !== "OUTSIDE" && node.strokes.some((stroke) => stroke.visible !== false)) {
    return "The image has a stroke inside its border.";
  }
  return null;
}

/** They are drawn around a node, not on it. */
const OUTER_EFFECTS: ReadonlySet<Effect["type"]> = new Set<Effect["type"]>(["DROP_SHADOW", "BACKGROUND_BLUR"]);
