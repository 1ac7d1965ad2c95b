/** Patches as native nodes above the image, pixel on pixel, for every way in which an image fill can lie. */

import type { Size } from "../../../shared/src/pixels/rect.ts";
import { type Affine, type Box, chain, distance, translation } from "../shared/affine.ts";
import { cropFor, imageToNode, type ImageFit, partOnNode, pixelSize, sizeBox } from "../shared/fit.ts";
import type { Changes } from "./changes.ts";
import { forget, type OverlayRecord, type PieceRecord, readPatch, writePatch, writePiece } from "./data.ts";
import { homeOf, isRepeated } from "./patches.ts";
import { fitOf, type ImageNode, plain, repaint, type Source, toNode } from "./source.ts";

/** How near, in image pixels, FILL must come to be used instead of CROP. */
const SAME_PX = 0.01;
const LEAST_SIDE = 0.01;

/** Puts the patch above the image and all earlier patches; null when nothing of it can be seen on the node. */
export function putOverlay(source: Source, record: OverlayRecord, changes: Changes): SceneNode | null {
  const nodes = record.pieces.flatMap((piece) => overlayPiece(source, piece, record.name, changes) ?? []);
  const node = bundle(source, nodes, record.name, changes);
  if (node === null) return null;
  const { layer, version, parent, marks } = record;
  writePatch(node, { layer, version, parent, kind: "pixels", marks });
  return node;
}

/** Several nodes as one group above the image; one stays as it is. */
export function bundle(source: Source, nodes: readonly SceneNode[], name: string, changes: Changes): SceneNode | null {
  const [first] = nodes;
  const home = homeOf(source);
  if (first === undefined || home === null) return null;
  if (nodes.length === 1) return first;
  const places = nodes.map((node) => ("relativeTransform" in node ? node.relativeTransform : null));
  const group = changes.made(figma.group(nodes, home.parent, topIndex(source, new Set(nodes))));
  group.name = name;
  if (takeOutOfFlow(group)) {
    // Taken into the flow for a moment, the nodes were moved with the group.
    for (const [index, node] of nodes.entries()) {
      const place = places[index];
      if (place !== null && place !== undefined && "relativeTransform" in node) node.relativeTransform = place;
    }
  }
  return group;
}

/** The place right above the image and all of Inlay's patches of it. */
export function topIndex(source: Source, besides: ReadonlySet<SceneNode> = new Set()): number {
  const home = homeOf(source);
  if (home === null) return 0;
  const children = home.parent.children;
  let index = home.inside ? 0 : children.findIndex((node) => node.id === source.node.id) + 1;
  children.forEach((node, at) => {
    const isOwn = readPatch(node)?.layer === source.key || [...besides].some((other) => other.id === node.id);
    if (isOwn && at >= index) index = at + 1;
  });
  // Nodes that are about to be grouped leave their places first.
  const leaving = children.slice(0, index).filter((node) => [...besides].some((other) => other.id === node.id)).length;
  return index - leaving;
}

/** Places a node in the image's own space (`place`: node space of the image → relative to its parent is found here). */
export function settle(source: Source, node: SceneNode & LayoutMixin, place: Affine, index: number): void {
  const home = homeOf(source);
  if (home === null) return;
  home.parent.insertChild(index, node);
  takeOutOfFlow(node);
  const own = home.inside ? place : chain(source.node.relativeTransform, place);
  node.relativeTransform = plain(own);
  if ("constraints" in node) node.constraints = constraintsFor(source.node, home.inside);
}

/** An auto layout moves what it holds; a patch must not take part. */
function takeOutOfFlow(node: SceneNode): boolean {
  const parent = node.parent;
  if (parent === null || !("layoutMode" in parent) || parent.layoutMode === "NONE") return false;
  if (!("layoutPositioning" in node)) return false;
  node.layoutPositioning = "ABSOLUTE";
  return true;
}

function constraintsFor(node: ImageNode, inside: boolean): Constraints {
  if (inside || !("constraints" in node)) return { horizontal: "SCALE", vertical: "SCALE" };
  const of = (type: ConstraintType): ConstraintType => (type === "STRETCH" ? "SCALE" : type);
  return { horizontal: of(node.constraints.horizontal), vertical: of(node.constraints.vertical) };
}

function overlayPiece(source: Source, piece: PieceRecord, name: string, changes: Changes): SceneNode | null {
  const node = source.node;
  const size: Size = { width: piece.width, height: piece.height };
  const map = chain(toNode(source), translation(piece.x, piece.y));
  const box = isRepeated(source) ? sizeBox(node) : partOnNode(map, sizeBox(size), node);
  if (box === null) return null;
  const index = topIndex(source);
  const shape = shapeFor(source, box, changes);
  shape.node.name = name;
  const area = shape.whole ? sizeBox(node) : box;
  const fit = isRepeated(source) ? fitOf(source.paint) : overlayFit(map, size, area);
  settle(source, shape.node, translation(area.x0, area.y0), index);
  shape.node.fills = [repaint(source.paint, piece.hash, fit)];
  writePiece(shape.node, piece);
  return shape.node;
}

/** FILL where that is exact, since it is what people know; CROP otherwise. */
function overlayFit(map: Affine, size: Size, area: Box): ImageFit {
  const own = { width: area.x1 - area.x0, height: area.y1 - area.y0 };
  const wanted = chain(translation(-area.x0, -area.y0), map);
  const fill: ImageFit = { scaleMode: "FILL" };
  const pixel = pixelSize(wanted);
  const apart = distance(imageToNode(fill, size, own), wanted, sizeBox(size));
  if (apart <= SAME_PX * Math.min(pixel.width, pixel.height)) return fill;
  return { scaleMode: "CROP", imageTransform: cropFor(wanted, size, own) };
}

type Filled = SceneNode & LayoutMixin & MinimalFillsMixin;

/** A rectangle around the patch; where the image has another outline, the same outline again. */
function shapeFor(source: Source, box: Box, changes: Changes): { node: Filled; whole: boolean } {
  const from = source.node;
  const clips = "clipsContent" in from && from.clipsContent;
  const rounded = "topLeftRadius" in from && corners(from).some((radius) => radius > 0);
  const straight = "topLeftRadius" in from;
  if (straight && (!rounded || clips)) {
    const rectangle = changes.made(figma.createRectangle());
    rectangle.resize(Math.max(LEAST_SIDE, box.x1 - box.x0), Math.max(LEAST_SIDE, box.y1 - box.y0));
    return { node: rectangle, whole: false };
  }
  if (straight) {
    const rectangle = changes.made(figma.createRectangle());
    rectangle.resize(from.width, from.height);
    const [topLeft, topRight, bottomRight, bottomLeft] = corners(from);
    rectangle.topLeftRadius = topLeft;
    rectangle.topRightRadius = topRight;
    rectangle.bottomRightRadius = bottomRight;
    rectangle.bottomLeftRadius = bottomLeft;
    rectangle.cornerSmoothing = from.cornerSmoothing;
    return { node: rectangle, whole: true };
  }
  const copy = changes.made(from.clone());
  forget(copy);
  copy.strokes = [];
  copy.effects = [];
  return { node: copy, whole: true };
}

function corners(of: RectangleCornerMixin): [number, number, number, number] {
  return [of.topLeftRadius, of.topRightRadius, of.bottomRightRadius, of.bottomLeftRadius];
}
