/** A Figma document for tests: made in a few calls, changed as a person would, looked at as pixels. */

import type { FontName, ImagePaint } from "@figma/plugin-typings/plugin-api-standalone";
import { createHash } from "node:crypto";
import type { Affine, Box } from "../../../figma/src/shared/affine.ts";
import { checkPaints } from "./checks.ts";
import { draw, Pool, textSize } from "./render.ts";
import { layOut } from "./space.ts";
import { type Kind, type NodeState, Store } from "./store.ts";

/** `figma.createImage` and imports by hand refuse larger ones. */
const MOST_SIDE_PX = 4096;

export interface PagePixels {
  readonly width: number;
  readonly height: number;
  /** Straight RGBA. */
  readonly data: Uint8ClampedArray;
}

export const PAGE = "0:1";

export class FigmaDocument {
  readonly store = new Store();
  readonly pool = new Pool();
  selection: readonly string[] = [];
  /** Fonts that this Figma has. */
  fonts: readonly FontName[] = [
    { family: "Inter", style: "Regular" },
    { family: "Inter", style: "Bold" },
    { family: "DejaVu Sans", style: "Book" },
    { family: "DejaVu Sans", style: "Bold" },
  ];
  private readonly selectionListeners = new Set<() => void>();

  /** Takes an image's bytes as Figma does; returns its hash. Throws for what Figma refuses. */
  addImage(bytes: Uint8Array): string {
    const size = sizeOfImage(bytes);
    if (size === null) throw new Error("in createImage: Image type is unsupported");
    if (size.width > MOST_SIDE_PX || size.height > MOST_SIDE_PX) {
      throw new Error("in createImage: Image is too large; the largest side must be at most 4096 px");
    }
    const hash = createHash("sha1").update(bytes).digest("hex");
    this.pool.add(hash, Uint8Array.from(bytes));
    return hash;
  }

  /** An image of any size, as old files hold them. */
  addOldImage(bytes: Uint8Array): string {
    const hash = createHash("sha1").update(bytes).digest("hex");
    this.pool.add(hash, Uint8Array.from(bytes));
    return hash;
  }

  imageSize(hash: string): { width: number; height: number } {
    const bytes = this.pool.get(hash);
    const size = bytes === undefined ? null : sizeOfImage(bytes);
    if (size === null) throw new Error(`no image ${hash}`);
    return size;
  }

  /** Adds a node on top of its parent. */
  add(type: Kind, fields: Partial<NodeState> = {}, parent: string = PAGE): string {
    const node = this.store.make(type, parent);
    Object.assign(node, structuredClone(fields));
    checkPaints(node.fills);
    layOut(this.store);
    this.store.commit();
    return node.id;
  }

  /** A rectangle with an image fill. */
  addPicture(
    bytes: Uint8Array,
    fields: Partial<NodeState> & {
      readonly paint?: Partial<ImagePaint>;
      readonly x?: number;
      readonly y?: number;
    } = {},
    parent: string = PAGE,
    type: Kind = "RECTANGLE",
  ): string {
    const { paint, x = 0, y = 0, ...own } = fields;
    const hash = this.addOldImage(bytes);
    const size = this.imageSize(hash);
    const transform: Affine = [
      [1, 0, x],
      [0, 1, y],
    ];
    const fill: ImagePaint = { type: "IMAGE", scaleMode: "FILL", imageHash: hash, ...paint };
    return this.add(type, { ...size, name: "Photo", transform, fills: [fill], ...own }, parent);
  }

  node(idOrName: string): NodeState {
    const found = [...this.store.nodes.values()].find((node) => node.id === idOrName || node.name === idOrName);
    if (found === undefined) throw new Error(`no node ${idOrName}`);
    return found;
  }

  has(id: string): boolean {
    return this.store.nodes.has(id);
  }

  /** Inlay's patches, in the order of the layers. */
  patches(): readonly (NodeState & { readonly version: string })[] {
    const found: (NodeState & { readonly version: string })[] = [];
    const walk = (id: string): void => {
      const node = this.store.get(id);
      const data = node.shared["inlay/patch"];
      if (data !== undefined) found.push({ ...node, version: (JSON.parse(data) as { version: string }).version });
      node.children.forEach(walk);
    };
    walk(PAGE);
    return found;
  }

  /** The person selects. */
  select(...ids: readonly string[]): void {
    this.selection = ids;
    for (const listener of [...this.selectionListeners]) listener();
  }

  onSelect(listener: () => void): () => void {
    this.selectionListeners.add(listener);
    return () => this.selectionListeners.delete(listener);
  }

  /** The person changes something by hand: one step of undo. What a plugin left uncommitted goes into it. */
  byHand(change: (store: Store) => void): void {
    const before = structuredClone(this.store.nodes);
    change(this.store);
    layOut(this.store);
    this.store.commit();
    this.store.touchDifferent(before);
  }

  undo(): void {
    this.store.undo();
    this.selection = this.selection.filter((id) => this.has(id));
  }

  /** The page as it is seen. */
  async pixels(box: Box, scale = 1, smooth = false): Promise<PagePixels> {
    const look = { store: this.store, pool: this.pool, smooth };
    const canvas = await draw(look, this.store.get(PAGE).children, box, scale);
    const { width, height, data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return { width, height, data };
  }

  textSize(node: NodeState): { width: number; height: number } {
    return textSize(node);
  }
}

/** Of PNG, JPEG and GIF; null for anything else. */
export function sizeOfImage(bytes: Uint8Array): { width: number; height: number } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length > 24 && view.getUint32(0) === 0x89504e47)
    return { width: view.getUint32(16), height: view.getUint32(20) };
  if (bytes.length > 10 && view.getUint32(0) === 0x47494638) {
    return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
  }
  if (bytes.length < 4 || view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 9 < bytes.length;) {
    const marker = view.getUint16(at);
    const isFrame = marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker);
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}
