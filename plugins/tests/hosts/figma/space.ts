/** Where the stand-in's nodes are: containers, groups, auto layout, bounds with strokes and effects. */

import type { Effect } from "@figma/plugin-typings/plugin-api-standalone";
import {
  type Affine,
  apply,
  boxAround,
  type Box,
  chain,
  corners,
  IDENTITY,
  inverse,
  mapBox,
} from "../../../figma/src/shared/affine.ts";
import type { NodeState, Store } from "./store.ts";

const isSpaceless = (node: NodeState) => node.type === "GROUP" || node.type === "BOOLEAN_OPERATION";

/** The nearest parent that has a space of its own; null for the page's. */
export function containerOf(store: Store, node: NodeState): NodeState | null {
  for (let id = node.parent; id !== null;) {
    const parent = store.get(id);
    if (parent.type === "PAGE" || parent.type === "DOCUMENT") return null;
    if (!isSpaceless(parent)) return parent;
    id = parent.parent;
  }
  return null;
}

/** A group's place and size come from what it holds. */
export function relativeOf(store: Store, node: NodeState): Affine {
  if (!isSpaceless(node)) return node.transform;
  const box = groupBox(store, node);
  return [
    [1, 0, box.x0],
    [0, 1, box.y0],
  ];
}

export function sizeOf(store: Store, node: NodeState): { width: number; height: number } {
  if (!isSpaceless(node)) return { width: node.width, height: node.height };
  const box = groupBox(store, node);
  return { width: box.x1 - box.x0, height: box.y1 - box.y0 };
}

function groupBox(store: Store, node: NodeState): Box {
  const points = node.children.flatMap((id) => {
    const child = store.get(id);
    const size = sizeOf(store, child);
    const box = { x0: 0, y0: 0, x1: size.width, y1: size.height };
    return corners(box).map((corner) => apply(relativeOf(store, child), corner));
  });
  return points.length === 0 ? { x0: 0, y0: 0, x1: 0, y1: 0 } : boxAround(points);
}

export function absoluteOf(store: Store, node: NodeState): Affine {
  if (node.type === "PAGE" || node.type === "DOCUMENT") return IDENTITY;
  const container = containerOf(store, node);
  const own = relativeOf(store, node);
  return container === null ? own : chain(absoluteOf(store, container), own);
}

/** Moving a group moves what it holds. */
export function setRelative(store: Store, node: NodeState, to: Affine): void {
  if (!isSpaceless(node)) {
    node.transform = rounded(to);
    return;
  }
  const by = chain(to, inverse(relativeOf(store, node)));
  for (const id of node.children) {
    const child = store.get(id);
    setRelative(store, child, chain(by, relativeOf(store, child)));
  }
}

/** Figma keeps places as 32 bit floats. */
export function rounded(of: Affine): Affine {
  const row = (r: readonly [number, number, number]): [number, number, number] => [
    Math.fround(r[0]),
    Math.fround(r[1]),
    Math.fround(r[2]),
  ];
  return [row(of[0]), row(of[1])];
}

/** Lines up what flows in auto layouts; to be called after each change. */
export function layOut(store: Store): void {
  for (const frame of store.nodes.values()) {
    if (frame.layoutMode === "NONE" || !("children" in frame)) continue;
    let at = frame.padding;
    for (const id of frame.children) {
      const child = store.nodes.get(id);
      if (child === undefined || child.layoutPositioning === "ABSOLUTE" || !child.visible) continue;
      const size = sizeOf(store, child);
      const across = frame.layoutMode === "HORIZONTAL";
      const [x, y] = across ? [at, frame.padding] : [frame.padding, at];
      const now = relativeOf(store, child);
      setRelative(store, child, [
        [now[0][0], now[0][1], x],
        [now[1][0], now[1][1], y],
      ]);
      at += (across ? size.width : size.height) + frame.itemSpacing;
    }
  }
}

export function isShown(store: Store, node: NodeState): boolean {
  for (let at: NodeState | null = node; at !== null; at = at.parent === null ? null : store.get(at.parent)) {
    if (!at.visible) return false;
  }
  return true;
}

/** With strokes and effects, on the page; null when nothing of it is seen. */
export function renderBounds(store: Store, node: NodeState): Box | null {
  if (node.type === "SLICE" || !isShown(store, node)) return null;
  const boxes = [ownBounds(store, node)];
  if (!(node.type === "FRAME" && node.clipsContent)) {
    for (const id of node.children) {
      const box = renderBounds(store, store.get(id));
      if (box !== null) boxes.push(box);
    }
  }
  const all = boxes.filter((box) => box !== null);
  if (all.length === 0) return null;
  const box = boxAround(all.flatMap((each) => corners(each)));
  const grow = Math.max(0, ...node.effects.filter((effect) => effect.visible).map(reach));
  return { x0: box.x0 - grow, y0: box.y0 - grow, x1: box.x1 + grow, y1: box.y1 + grow };
}

function reach(effect: Effect): number {
  return effect.type === "LAYER_BLUR" || effect.type === "DROP_SHADOW" ? effect.radius : 0;
}

function ownBounds(store: Store, node: NodeState): Box | null {
  if (isSpaceless(node)) return null;
  const stroked = node.strokes.some((stroke) => stroke.visible !== false);
  const out =
    stroked && node.strokeAlign !== "INSIDE" ? node.strokeWeight / (node.strokeAlign === "CENTER" ? 2 : 1) : 0;
  const box = { x0: -out, y0: -out, x1: node.width + out, y1: node.height + out };
  return mapBox(absoluteOf(store, node), box);
}
