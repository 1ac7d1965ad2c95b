/** Typed arrays, and documents made of them, on their way between Node and the page. */

import type { Box, Store } from "./model.ts";
import type { DocumentSpec, LayerSpec } from "./spec.ts";

/** Typed arrays travel as their bytes. */
export interface Bytes {
  readonly type: "u8" | "u16" | "f32";
  readonly base64: string;
}

export function toBytes(data: Store): Bytes {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 8192) parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  const type = data instanceof Uint8Array ? "u8" : data instanceof Uint16Array ? "u16" : "f32";
  return { type, base64: btoa(parts.join("")) };
}

export function fromBytes({ type, base64 }: Bytes): Store {
  const { buffer } = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  return type === "u8" ? new Uint8Array(buffer) : type === "u16" ? new Uint16Array(buffer) : new Float32Array(buffer);
}

export interface Sent extends Omit<DocumentSpec, "layers"> {
  readonly layers: readonly SentLayer[];
}

export interface SentLayer extends Omit<LayerSpec, "pixels" | "mask" | "layers"> {
  readonly pixels?: Bytes;
  readonly mask?: { readonly box: Box; readonly data: Bytes };
  readonly layers?: readonly SentLayer[];
}

export function sent(spec: DocumentSpec): Sent {
  const layer = ({ pixels, mask, layers, ...rest }: LayerSpec): SentLayer => ({
    ...rest,
    ...(pixels === undefined ? {} : { pixels: toBytes(pixels) }),
    ...(mask === undefined ? {} : { mask: { box: mask.box, data: toBytes(mask.data) } }),
    ...(layers === undefined ? {} : { layers: layers.map(layer) }),
  });
  return { ...spec, layers: spec.layers.map(layer) };
}

export function revived(spec: Sent): DocumentSpec {
  const layer = ({ pixels, mask, layers, ...rest }: SentLayer): LayerSpec => ({
    ...rest,
    ...(pixels === undefined ? {} : { pixels: fromBytes(pixels) }),
    ...(mask === undefined ? {} : { mask: { box: mask.box, data: fromBytes(mask.data) as Uint8Array } }),
    ...(layers === undefined ? {} : { layers: layers.map(layer) }),
  });
  return { ...spec, layers: spec.layers.map(layer) };
}
