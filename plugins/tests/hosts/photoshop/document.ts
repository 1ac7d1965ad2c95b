/** A document of the stand-in: its state, its history, and the handles that plugins hold. */

import type { PsDocument, PsLayer } from "../../../photoshop/src/api.ts";
import {
  type Box,
  changed,
  contentBox,
  cut,
  type Depth,
  type DocumentState,
  flattened,
  type LayerNode,
  nodes,
  type Plane,
  type Store,
} from "./model.ts";
import { handleOf, layerHandle } from "./handles.ts";
import { renderText } from "./letters.ts";
import type { FakePhotoshop } from "./photoshop.ts";
import { HostFailure } from "./rules.ts";
import type { DocumentSpec, LayerSpec } from "./spec.ts";

interface HistoryEntry {
  readonly id: number;
  readonly name: string;
  readonly state: DocumentState;
}

export class FakeDocument {
  readonly depth: Depth;
  readonly mode: PsDocument["mode"];
  readonly colours: number;
  readonly profileName: string;
  readonly isManaged: boolean;
  readonly handle: PsDocument;
  title: string;
  path: string | null;
  isClosed = false;
  state: DocumentState;
  history: HistoryEntry[];
  /** Place in `history` of what is seen. */
  at = 0;
  suspension: { readonly id: number; readonly name: string; readonly before: DocumentState } | null = null;
  private nextLayer = 2;
  private nextState = 1;
  private readonly handles = new Map<number, PsLayer>();

  constructor(
    readonly host: FakePhotoshop,
    readonly id: number,
    spec: DocumentSpec,
  ) {
    this.depth = spec.depth ?? 8;
    this.mode = spec.mode ?? "RGBColorMode";
    this.colours = this.mode === "grayscaleMode" ? 1 : 3;
    this.isManaged = spec.profile !== null;
    const named = spec.profile ?? (this.colours === 1 ? "Gray Gamma 2.2" : "sRGB IEC61966-2.1");
    this.profileName = !this.isManaged ? "None" : this.depth === 32 ? `${named} (Linear RGB Profile)` : named;
    this.title = spec.title ?? `Untitled-${id}`;
    this.path = spec.path ?? null;
    const canvas = { left: 0, top: 0, right: spec.width, bottom: spec.height };
    const layers = spec.layers.map((layer) => this.made(layer, canvas));
    const active = layers[layers.length - 1];
    this.state = {
      width: spec.width,
      height: spec.height,
      layers,
      active: active === undefined ? [] : [active.id],
      selection: null,
    };
    this.history = [{ id: this.nextState++, name: "Open", state: this.state }];
    this.handle = handleOf(this);
  }

  private made(spec: LayerSpec, canvas: Box): LayerNode {
    const background = spec.kind === "background";
    const box = spec.box ?? canvas;
    return {
      id: this.nextLayer++,
      name: spec.name,
      kind: background ? "pixel" : (spec.kind ?? "pixel"),
      background,
      visible: spec.visible ?? true,
      opacity: spec.opacity ?? 100,
      blendMode: spec.blendMode ?? "normal",
      clipped: spec.clipped ?? false,
      allLocked: spec.locked ?? false,
      positionLocked: false,
      pixels:
        spec.pixels === undefined ? null : { box, channels: this.colours + (background ? 0 : 1), data: spec.pixels },
      mask: spec.mask === undefined ? null : { box: spec.mask.box, channels: 1, data: spec.mask.data },
      maskEnabled: true,
      text: null,
      children: spec.layers?.map((layer) => this.made(layer, canvas)) ?? null,
    };
  }

  newLayerId(): number {
    return this.nextLayer++;
  }

  node(id: number): LayerNode {
    if (this.isClosed) throw new HostFailure("the document is closed");
    for (const node of nodes(this.state.layers)) if (node.id === id) return node;
    throw new HostFailure(`there is no layer ${id}`);
  }

  has(id: number): boolean {
    return [...nodes(this.state.layers)].some((node) => node.id === id);
  }

  named(name: string): LayerNode {
    const found = [...nodes(this.state.layers)].find((node) => node.name === name);
    if (found === undefined) throw new HostFailure(`there is no layer ${name}`);
    return found;
  }

  layer(id: number): PsLayer {
    const known = this.handles.get(id) ?? layerHandle(this, id);
    this.handles.set(id, known);
    return known;
  }

  /** A layer's own pixels as Photoshop renders them; null: it has none. */
  rendered(id: number): Plane | null {
    const node = this.node(id);
    if (node.children !== null) throw new HostFailure("getPixels: a group has no pixels");
    return node.text === null ? node.pixels : renderText(node.text, this.depth, this.colours);
  }

  /** Bounds of what a layer shows, without effects. */
  boundsOf(node: LayerNode): Box {
    const none = { left: 0, top: 0, right: 0, bottom: 0 };
    if (node.children !== null) {
      const boxes = node.children.map((child) => this.boundsOf(child)).filter((box) => box.right > box.left);
      if (boxes.length === 0) return none;
      return {
        left: Math.min(...boxes.map((box) => box.left)),
        top: Math.min(...boxes.map((box) => box.top)),
        right: Math.max(...boxes.map((box) => box.right)),
        bottom: Math.max(...boxes.map((box) => box.bottom)),
      };
    }
    const plane = node.text === null ? node.pixels : renderText(node.text, this.depth, this.colours);
    if (plane === null) return none;
    return plane.channels > this.colours ? (contentBox(plane, this.colours) ?? none) : plane.box;
  }

  // ── changes ────────────────────────────────────────────────────────────────────────────────────────────────

  /** One change, by a plugin or a person: a history state, unless history is suspended. */
  become(name: string, wanted: DocumentState): void {
    const state = { ...wanted, active: stillActive(this.state, wanted) };
    this.state = state;
    if (this.suspension !== null) return;
    this.history = [...this.history.slice(0, this.at + 1), { id: this.nextState++, name, state }];
    this.at = this.history.length - 1;
    this.host.tell("historyStateChanged");
  }

  change(name: string, id: number, change: (layer: LayerNode) => LayerNode | LayerNode[]): void {
    this.node(id);
    const layers = changed(this.state.layers, id, (layer) => [change(layer)].flat());
    this.become(name, { ...this.state, layers });
  }

  /** What Photoshop does not count as history: eyes in the Layers panel. */
  changeSilently(id: number, change: (layer: LayerNode) => LayerNode): void {
    this.state = { ...this.state, layers: changed(this.state.layers, id, (layer) => [change(layer)]) };
  }

  suspend(name: string): number {
    if (this.suspension !== null) throw new HostFailure("the history is suspended already");
    this.suspension = { id: this.nextState++, name, before: this.state };
    return this.suspension.id;
  }

  resume(commit: boolean): void {
    const { suspension } = this;
    if (suspension === null) throw new HostFailure("the history is not suspended");
    this.suspension = null;
    if (!commit) this.state = suspension.before;
    else if (this.state !== suspension.before) this.become(suspension.name, this.state);
  }

  // ── what a person does ─────────────────────────────────────────────────────────────────────────────────────

  undo(): void {
    this.goTo(this.at - 1);
  }

  redo(): void {
    this.goTo(this.at + 1);
  }

  private goTo(at: number): void {
    const entry = this.history[at];
    if (entry === undefined) throw new HostFailure("there is nothing to step to");
    this.at = at;
    this.state = entry.state;
    this.host.tell("historyStateChanged");
  }

  /** Layers become the selected ones in the Layers panel: no history state. */
  activate(...ids: number[]): void {
    this.state = { ...this.state, active: ids };
    this.host.tell("select");
  }

  /** 0..255 in a box; null deselects. A history state, as in Photoshop. */
  select(box: Box | null, data?: Uint8Array): void {
    const size = box === null ? 0 : (box.right - box.left) * (box.bottom - box.top);
    const selection = box === null ? null : { box, channels: 1, data: data ?? new Uint8Array(size).fill(255) };
    this.become(box === null ? "Deselect" : "Marquee", { ...this.state, selection });
    this.host.tell("set");
  }

  /** A brush stroke: one colour (with alpha, unless it is the Background) in a box. */
  paint(id: number, box: Box, colour: readonly number[]): void {
    this.change("Brush", id, (layer) => {
      if (layer.pixels === null) throw new HostFailure("cannot paint here");
      const pixels = cut(layer.pixels, layer.pixels.box);
      const { channels, data } = pixels;
      const width = pixels.box.right - pixels.box.left;
      for (let y = box.top; y < box.bottom; y++) {
        for (let x = box.left; x < box.right; x++) {
          data.set(colour, ((y - pixels.box.top) * width + x - pixels.box.left) * channels);
        }
      }
      return { ...layer, pixels };
    });
  }

  remove(id: number): void {
    this.change("Delete Layer", id, () => []);
    this.host.tell("delete");
  }

  save(path: string): void {
    this.path = path;
    this.title = path.split("/").pop() ?? path;
    this.host.tell("save");
  }

  close(): void {
    this.host.closeDocument(this);
  }

  // ── what tests look at ─────────────────────────────────────────────────────────────────────────────────────

  /** Colours and alpha of the canvas as it is seen, in Photoshop's own range. */
  flattened(): Store {
    return flattened(this.state, this.depth, this.colours).data;
  }

  flattenedOf(state: DocumentState): Store {
    return flattened(state, this.depth, this.colours).data;
  }

  /** The layers panel as text: indented, from the top down. */
  panel(): string[] {
    const line = (node: LayerNode, depth: number): string[] => [
      `${"  ".repeat(depth)}${node.clipped ? "↳ " : ""}${node.name}${node.mask === null ? "" : " ◧"}${node.visible ? "" : " (hidden)"}`,
      ...(node.children ?? []).flatMap((child) => line(child, depth + 1)),
    ];
    return this.state.layers.flatMap((node) => line(node, 0));
  }

  /** What the text layers say, from the top down. */
  letters(): string[] {
    return [...nodes(this.state.layers)].flatMap(({ text }) => (text === null ? [] : [text.contents]));
  }

  get historyNames(): string[] {
    return this.history.slice(0, this.at + 1).map(({ name }) => name);
  }
}

/** When the active layer goes, the next one below becomes active, or the one above. */
function stillActive(before: DocumentState, after: DocumentState): number[] {
  const there = new Set([...nodes(after.layers)].map(({ id }) => id));
  const kept = after.active.filter((id) => there.has(id));
  if (kept.length > 0 || after.active.length === 0) return kept;
  const order = [...nodes(before.layers)].map(({ id }) => id);
  const gone = order.indexOf(after.active[0]!);
  const next =
    order.slice(gone).find((id) => there.has(id)) ??
    order
      .slice(0, gone)
      .reverse()
      .find((id) => there.has(id));
  return next === undefined ? [] : [next];
}
