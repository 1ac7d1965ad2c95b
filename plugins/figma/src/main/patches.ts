/** Inlay's patches above an image: which there are, which are seen, and whether they still lie where they belong. */

import type { Shown } from "../../../shared/src/host.ts";
import { chain, distance, translation } from "../shared/affine.ts";
import type { Over, SourceInfo } from "../shared/asks.ts";
import { imageToNode, pixelSize, repeats, sizeBox } from "../shared/fit.ts";
import { isPreview, type Merged, type PatchData, readLayer, readPatch, readPiece, type OverlayRecord } from "./data.ts";
import { documentKey, fitOf, imageFill, noOverlay, type Source, toNode } from "./source.ts";

/** A patch may lie so much off, in image pixels, and still be taken for exact. */
const NEAR_PX = 0.5;

export interface Patch {
  readonly node: SceneNode;
  readonly data: PatchData;
}

/** Where patches of this image are put: into the frame whose fill it is, or beside it. */
export function homeOf(source: Source): { readonly parent: BaseNode & ChildrenMixin; readonly inside: boolean } | null {
  if ("children" in source.node && source.node.type !== "BOOLEAN_OPERATION") {
    return { parent: source.node, inside: true };
  }
  const parent = source.node.parent;
  return parent !== null && "children" in parent ? { parent: parent, inside: false } : null;
}

/** All patches around the image, lowest first: its own, and those of an image that it was copied from. */
export function patchesNear(source: Source): readonly Patch[] {
  const home = homeOf(source);
  if (home === null) return [];
  return home.parent.children.flatMap((node) => {
    const data = readPatch(node);
    return data === null ? [] : [{ node, data }];
  });
}

/** The pictures that a patch is made of, if each lies where its pixels belong. */
export function piecesOf(source: Source, patch: Patch): OverlayRecord["pieces"] | null {
  const parts: readonly SceneNode[] = patch.node.type === "GROUP" ? patch.node.children : [patch.node];
  const pieces = parts.map((node) => pieceOf(source, node));
  return pieces.length > 0 && pieces.every((piece) => piece !== null) ? pieces : null;
}

function pieceOf(source: Source, node: SceneNode): OverlayRecord["pieces"][number] | null {
  const piece = readPiece(node);
  const fill = imageFill(node);
  if (piece === null || fill?.hash !== piece.hash || !isSeen(node)) return null;
  const size = { width: piece.width, height: piece.height };
  const wanted = chain(source.node.absoluteTransform, toNode(source), translation(piece.x, piece.y));
  const there = chain(fill.node.absoluteTransform, imageToNode(fitOf(fill.paint), size, fill.node));
  const pixel = pixelSize(wanted);
  return distance(there, wanted, sizeBox(size)) <= NEAR_PX * Math.min(pixel.width, pixel.height) ? piece : null;
}

/** Made invisible, faded or blended by hand, it does not show its version any more. */
function isSeen(node: SceneNode): boolean {
  if (!node.visible) return false;
  if (!("opacity" in node)) return true;
  const blends = node.blendMode !== "NORMAL" && node.blendMode !== "PASS_THROUGH";
  return node.opacity === 1 && !blends;
}

/** The merged versions that the fill shows now: all up to the one that made its image. */
export function mergedOf(source: Source): readonly Merged[] {
  const merged = readLayer(source.node)?.merged ?? [];
  const last = merged.map((of) => of.after).lastIndexOf(source.hash);
  return merged.slice(0, last + 1);
}

export interface Layout {
  readonly shown: readonly Shown[];
  readonly over: readonly Over[];
  /** The patches that show something, lowest first; `pieces` null for native nodes. */
  readonly patches: readonly (Patch & { readonly pieces: OverlayRecord["pieces"] | null; readonly own: boolean })[];
}

/** What is shown over the source, as it is. */
export function layoutOf(source: Source, without: ReadonlySet<string> = new Set()): Layout {
  const shown: Shown[] = mergedOf(source).flatMap((merged) => merged.versions);
  const patches: Layout["patches"][number][] = [];
  for (const patch of patchesNear(source)) {
    const own = patch.data.layer === source.key;
    if (!isSeen(patch.node) || isPreview(patch.node) || (own && without.has(patch.data.version))) continue;
    const pieces = patch.data.kind === "pixels" ? piecesOf(source, patch) : null;
    if (patch.data.kind === "pixels" && pieces === null) continue;
    // Letters beside a copy cannot be told from letters of the original.
    if (patch.data.kind === "nodes" && !own) continue;
    if (own) shown.push({ version_id: patch.data.version, parent_id: patch.data.parent });
    patches.push({ ...patch, pieces, own });
  }
  const over = patches.map((patch): Over =>
    patch.pieces === null
      ? { kind: "nodes", ids: [patch.node.id] }
      : { kind: "pixels", pieces: patch.pieces.map(({ hash, x, y }) => ({ hash, x, y })) },
  );
  return { shown: shown.filter((of) => !without.has(of.version_id)), over, patches };
}

export function describe(source: Source, hash: string, size: Source["size"], layout: Layout): SourceInfo {
  return {
    documentKey: documentKey(),
    documentTitle: figma.root.name,
    layerKey: source.key,
    layerName: source.node.name,
    imageHash: hash,
    size,
    shown: layout.shown,
    over: layout.over,
    revision: revisionOf({ ...source, hash }, layout),
    noOverlay: noOverlay(source),
    whole: isRepeated(source),
  };
}

/** Other when the image or a patch of it has changed. */
export function revisionOf(source: Source, layout: Layout): string {
  return [source.hash, ...layout.patches.map((patch) => `${patch.node.id}:${patch.data.version}`)].join(" ");
}

/** The image is seen more than once: a patch must then be a whole tile. */
export function isRepeated(source: Source): boolean {
  return source.paint.scaleMode === "TILE" && repeats(fitOf(source.paint), source.size, source.node).length > 1;
}
