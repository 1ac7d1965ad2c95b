/**
 * Where the layer's pixels are on the screen. No framework: whoever draws over the picture asks or subscribes.
 *
 * Layer pixels have fractions here: a pixel's upper left corner is at whole numbers, its middle at halves. Screen points
 * are CSS pixels from the upper left corner of the pane.
 */

import type { Box } from "./state.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Extent {
  readonly width: number;
  readonly height: number;
}

/** A moment's view. */
export interface View {
  /** Of the pane, in CSS pixels. */
  readonly pane: Extent;
  /** CSS pixels a layer pixel. */
  readonly scale: number;
  /** Where the layer's upper left corner is in the pane. */
  readonly origin: Point;
}

/** What the pointer does on the picture instead of moving it. Points are in layer pixels, and may be beyond the layer. */
export interface Tool {
  /** As CSS names it. */
  readonly cursor: string;
  down(at: Point, event: PointerEvent): void;
  move(at: Point, event: PointerEvent): void;
  up(at: Point, event: PointerEvent): void;
  /** The gesture was taken away: a second finger, another window. */
  cancel(): void;
}

/** How the picture is moved; the pane's own part of a viewport. */
export interface Movable {
  /** Shows this box of layer pixels, all of it and in the middle. */
  show(box: Box, immediately: boolean): void;
  /** So many CSS pixels a layer pixel, with this layer point staying where it is (the middle when there is none). */
  zoom(scale: number, around: Point | null): void;
  pan(by: Point): void;
}

const NOWHERE: View = { pane: { width: 0, height: 0 }, scale: 1, origin: { x: 0, y: 0 } };

export class Viewport {
  private view = NOWHERE;
  private inUse: Tool | null = null;
  private readonly watchers = new Set<(view: View) => void>();
  private readonly pointers = new Set<(at: Point | null) => void>();
  private readonly tools = new Set<(tool: Tool | null) => void>();

  /**
   * @param extent the layer's size in the version that is shown
   * @param moves the pane that shows it
   */
  constructor(
    private extent: Extent,
    private readonly moves: Movable,
  ) {}

  /** The layer's size in the version that is shown. */
  get layer(): Extent {
    return this.extent;
  }

  get(): View {
    return this.view;
  }

  /** Called at once, and in each frame in which the view is another. Returns how to end it. */
  subscribe(watcher: (view: View) => void): () => void {
    this.watchers.add(watcher);
    watcher(this.view);
    return () => void this.watchers.delete(watcher);
  }

  toScreen({ x, y }: Point): Point {
    const { scale, origin } = this.view;
    return { x: x * scale + origin.x, y: y * scale + origin.y };
  }

  toLayer({ x, y }: Point): Point {
    const { scale, origin } = this.view;
    return { x: (x - origin.x) / scale, y: (y - origin.y) / scale };
  }

  /** The layer pixel that a point is in; null beyond the layer. */
  pixelAt(at: Point): Point | null {
    const [x, y] = [Math.floor(at.x), Math.floor(at.y)];
    const isInside = x >= 0 && y >= 0 && x < this.layer.width && y < this.layer.height;
    return isInside ? { x, y } : null;
  }

  /** What is in sight, in layer pixels, within the layer; fractions included. */
  visible(): Box {
    const { pane } = this.view;
    const [start, end] = [this.toLayer({ x: 0, y: 0 }), this.toLayer({ x: pane.width, y: pane.height })];
    const within = (value: number, most: number): number => Math.min(most, Math.max(0, value));
    const { width, height } = this.layer;
    return [within(start.x, width), within(start.y, height), within(end.x, width), within(end.y, height)];
  }

  show(box: Box, immediately = false): void {
    this.moves.show(box, immediately);
  }

  zoom(scale: number, around: Point | null = null): void {
    this.moves.zoom(scale, around);
  }

  pan(by: Point): void {
    this.moves.pan(by);
  }

  /** The tool in use; null: the pointer moves the picture. */
  get tool(): Tool | null {
    return this.inUse;
  }

  /** From now on the pointer does this; null: it moves the picture again. */
  use(tool: Tool | null): void {
    if (tool === this.inUse) return;
    this.inUse = tool;
    for (const watcher of this.tools) watcher(tool);
  }

  subscribeTool(watcher: (tool: Tool | null) => void): () => void {
    this.tools.add(watcher);
    watcher(this.inUse);
    return () => void this.tools.delete(watcher);
  }

  /** Where the pointer is, in layer pixels, whatever it does; null when it has left the pane. */
  subscribePointer(watcher: (at: Point | null) => void): () => void {
    this.pointers.add(watcher);
    return () => void this.pointers.delete(watcher);
  }

  // ── for the pane ─────────────────────────────────────────────────────────────────────────────────────────────

  resized(layer: Extent): void {
    this.extent = layer;
  }

  moved(view: View): void {
    this.view = view;
    for (const watcher of this.watchers) watcher(view);
  }

  pointed(at: Point | null): void {
    for (const watcher of this.pointers) watcher(at);
  }
}
