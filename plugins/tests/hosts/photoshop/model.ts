/** What a document of the stand-in consists of, and how Photoshop lays it over itself. Values are as Photoshop has them. */

import { renderText } from "./letters.ts";

export type Depth = 8 | 16 | 32;
export type Store = Uint8Array | Uint16Array | Float32Array;
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Colours and then alpha; 16 bit is 0..32768. Never changed after it was made. */
export interface Plane {
  readonly box: Box;
  readonly channels: number;
  readonly data: Store;
}

export interface LayerNode {
  readonly id: number;
  readonly name: string;
  readonly kind: string;
  readonly background: boolean;
  readonly visible: boolean;
  readonly opacity: number;
  readonly blendMode: string;
  readonly clipped: boolean;
  readonly allLocked: boolean;
  readonly positionLocked: boolean;
  readonly pixels: Plane | null;
  /** One channel, 8 bit; hidden beyond its box. */
  readonly mask: Plane | null;
  readonly maskEnabled: boolean;
  readonly text: TextNode | null;
  /** From the top down; null: no group. */
  readonly children: readonly LayerNode[] | null;
}

export interface TextNode {
  readonly contents: string;
  readonly font: string;
  readonly size: number;
  readonly leading: number;
  readonly autoLeading: boolean;
  readonly justification: string;
  readonly colour: readonly [number, number, number];
  readonly position: { readonly x: number; readonly y: number };
}

/** All that undo brings back. */
export interface DocumentState {
  readonly width: number;
  readonly height: number;
  /** From the top down. */
  readonly layers: readonly LayerNode[];
  readonly active: readonly number[];
  readonly selection: Plane | null;
}

export const whiteOf = (depth: Depth): number => (depth === 8 ? 255 : depth === 16 ? 32_768 : 1);
export const store = (depth: Depth, length: number): Store =>
  depth === 8 ? new Uint8Array(length) : depth === 16 ? new Uint16Array(length) : new Float32Array(length);
export const widthOf = (box: Box): number => Math.max(0, box.right - box.left);
export const heightOf = (box: Box): number => Math.max(0, box.bottom - box.top);
export const isEmpty = (box: Box): boolean => widthOf(box) === 0 || heightOf(box) === 0;
export const meet = (one: Box, other: Box): Box => ({
  left: Math.max(one.left, other.left),
  top: Math.max(one.top, other.top),
  right: Math.min(one.right, other.right),
  bottom: Math.min(one.bottom, other.bottom),
});

/** A part of a plane; nothing (0) beyond it. */
export function cut(plane: Plane, box: Box): Plane {
  const { channels } = plane;
  const length = widthOf(box) * heightOf(box) * channels;
  const data = plane.data.slice(0, 0).constructor as new (length: number) => Store;
  const out = new data(length);
  const both = meet(plane.box, box);
  if (isEmpty(both)) return { box, channels, data: out };
  for (let y = both.top; y < both.bottom; y++) {
    const from = ((y - plane.box.top) * widthOf(plane.box) + both.left - plane.box.left) * channels;
    const to = ((y - box.top) * widthOf(box) + both.left - box.left) * channels;
    out.set(plane.data.subarray(from, from + widthOf(both) * channels), to);
  }
  return { box, channels, data: out };
}

/** Where a plane's channel is not 0; null: nowhere. */
export function contentBox(plane: Plane, channel: number): Box | null {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  const width = widthOf(plane.box);
  for (let at = channel, pixel = 0; at < plane.data.length; at += plane.channels, pixel++) {
    if (plane.data[at] === 0) continue;
    const x = plane.box.left + (pixel % width);
    const y = plane.box.top + Math.floor(pixel / width);
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = y + 1;
  }
  return left === Infinity ? null : { left, top, right, bottom };
}

/** Puts a plane into another, which grows as needed. */
export function merged(below: Plane | null, above: Plane): Plane {
  if (below === null) return above;
  const box = {
    left: Math.min(below.box.left, above.box.left),
    top: Math.min(below.box.top, above.box.top),
    right: Math.max(below.box.right, above.box.right),
    bottom: Math.max(below.box.bottom, above.box.bottom),
  };
  const out = cut(below, box);
  for (let y = above.box.top; y < above.box.bottom; y++) {
    const from = (y - above.box.top) * widthOf(above.box) * above.channels;
    const to = ((y - box.top) * widthOf(box) + above.box.left - box.left) * above.channels;
    out.data.set(above.data.subarray(from, from + widthOf(above.box) * above.channels), to);
  }
  return out;
}

/** Every node, from the top down, with the ids of its groups. */
export function* nodes(layers: readonly LayerNode[]): Generator<LayerNode> {
  for (const layer of layers) {
    yield layer;
    if (layer.children !== null) yield* nodes(layer.children);
  }
}

export function changed(
  layers: readonly LayerNode[],
  id: number,
  change: (layer: LayerNode) => readonly LayerNode[],
): LayerNode[] {
  return layers.flatMap((layer) => {
    if (layer.id === id) return change(layer);
    return layer.children === null ? [layer] : [{ ...layer, children: changed(layer.children, id, change) }];
  });
}

/** Premultiplied, 0..1 alpha, colours in the document's own scale. */
interface Float {
  readonly colour: Float64Array;
  readonly alpha: Float64Array;
}

/** What the document shows: colours and straight alpha of the canvas. */
export function flattened(state: DocumentState, depth: Depth, colours: number): Plane {
  const box = { left: 0, top: 0, right: state.width, bottom: state.height };
  const sum = composite(state.layers, box, depth, colours);
  const data = store(depth, state.width * state.height * (colours + 1));
  const white = whiteOf(depth);
  const round = (value: number) => (depth === 32 ? value : Math.round(value));
  for (let pixel = 0; pixel < sum.alpha.length; pixel++) {
    const alpha = sum.alpha[pixel]!;
    for (let channel = 0; channel < colours; channel++) {
      data[pixel * (colours + 1) + channel] = alpha > 0 ? round(sum.colour[pixel * colours + channel]! / alpha) : 0;
    }
    data[pixel * (colours + 1) + colours] = round(alpha * white);
  }
  return { box, channels: colours + 1, data };
}

function composite(layers: readonly LayerNode[], box: Box, depth: Depth, colours: number): Float {
  const count = widthOf(box) * heightOf(box);
  const out: Float = { colour: new Float64Array(count * colours), alpha: new Float64Array(count) };
  for (let index = layers.length - 1; index >= 0; index--) {
    const base = layers[index]!;
    const clipped: LayerNode[] = [];
    while (index > 0 && layers[index - 1]!.clipped) clipped.push(layers[--index]!);
    if (!base.visible) continue;
    const own = contentOf(base, box, depth, colours);
    for (const layer of clipped) {
      if (layer.visible) lay(own, contentOf(layer, box, depth, colours), layer.opacity / 100, colours, true);
    }
    lay(out, own, base.opacity / 100, colours, false);
  }
  return out;
}

function contentOf(layer: LayerNode, box: Box, depth: Depth, colours: number): Float {
  const count = widthOf(box) * heightOf(box);
  let own: Float = { colour: new Float64Array(count * colours), alpha: new Float64Array(count) };
  if (layer.children !== null) own = composite(layer.children, box, depth, colours);
  const pixels = layer.text === null ? layer.pixels : renderText(layer.text, depth, colours);
  if (layer.children === null && pixels !== null) {
    const white = whiteOf(depth);
    const plane = cut(pixels, box);
    for (let pixel = 0; pixel < count; pixel++) {
      const alpha = plane.channels > colours ? plane.data[pixel * plane.channels + colours]! / white : 1;
      own.alpha[pixel] = alpha;
      for (let channel = 0; channel < colours; channel++) {
        own.colour[pixel * colours + channel] = plane.data[pixel * plane.channels + channel]! * alpha;
      }
    }
  }
  if (layer.mask !== null && layer.maskEnabled) {
    const mask = cut(layer.mask, box);
    for (let pixel = 0; pixel < count; pixel++) {
      const shown = mask.data[pixel]! / 255;
      own.alpha[pixel]! *= shown;
      for (let channel = 0; channel < colours; channel++) own.colour[pixel * colours + channel]! *= shown;
    }
  }
  return own;
}

function lay(below: Float, above: Float, opacity: number, colours: number, clipped: boolean): void {
  for (let pixel = 0; pixel < below.alpha.length; pixel++) {
    const base = below.alpha[pixel]!;
    const factor = clipped ? base * opacity : opacity;
    const alpha = above.alpha[pixel]! * opacity;
    if (alpha === 0) continue;
    for (let channel = 0; channel < colours; channel++) {
      const at = pixel * colours + channel;
      below.colour[at] = above.colour[at]! * factor + below.colour[at]! * (1 - alpha);
    }
    if (!clipped) below.alpha[pixel] = alpha + base * (1 - alpha);
  }
}
