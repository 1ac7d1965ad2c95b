/**
 * Pictures in pyramids of tiles, in one pane: OpenSeadragon fetches, keeps and draws the tiles; where they are is decided
 * here, so that every pixel of the layer lies on whole pixels of the screen and every one of its edges is hard.
 */

import OpenSeadragon from "openseadragon";
import { LOOK_TILE_PX } from "../../../../plugins/shared/src/protocol/messages.ts";
import type { Box } from "./state.ts";
import { type Extent, type Movable, type Point, Viewport } from "./viewport.ts";

/** One picture and where it lies. */
export interface Sheet {
  /** The same as long as it is the same picture at the same place. */
  readonly key: string;
  readonly size: Extent;
  readonly levels: number;
  readonly isOpaque: boolean;
  /** Its tile, level 0 at 1:1. */
  readonly url: (level: number, x: number, y: number) => string;
  /** Where its upper left corner is, in the layer's pixels, and how many of those one of its own is. */
  readonly at: Point;
  readonly scale: number;
  /** 0 … 1; what is not seen is fetched all the same. */
  readonly opacity: number;
}

/** Of that picture only what is between two places of the pane is drawn: 0 is its left side, 1 its right. */
export interface Cut {
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

/** Screen pixels a layer pixel, at most. */
const MOST_SCALE = 32;
/** How much of the pane the shown box may fill. */
const ROOM = 0.92;
/** Smaller than what fits by this much the picture never gets. */
const LEAST_OF_FIT = 0.5;
/** So much of the way is left after a frame of zooming by the wheel. */
const GLIDE = 0.62;
/** Nearer than this to where it goes it is there. */
const ARRIVED = 0.004;
/** The header without which the bridge does not read the cookie, see bridge/access/gate.py. */
const PAGE_HEADERS = { "X-Inlay-Page": "1" };
/** Tiles kept decoded: a quarter of a megabyte each. */
const TILES_KEPT = 500;
/** What was shown stays below what is coming, but no longer than this. */
const STAYS_MS = 2_500;

interface Laid {
  readonly sheet: Sheet;
  /** null: it is being laid. */
  item: OpenSeadragon.TiledImage | null;
  isWanted: boolean;
}

export class Deep implements Movable {
  readonly viewport: Viewport;
  private readonly viewer: OpenSeadragon.Viewer;
  private laid: Laid[] = [];
  private cuts: readonly Cut[] = [];
  private scale = 1;
  private origin: Point = { x: 0, y: 0 };
  /** The same before it was put on whole pixels: small movements add up. */
  private exact: Point = { x: 0, y: 0 };
  private goal: { readonly scale: number; readonly layer: Point; readonly screen: Point } | null = null;
  private frame = 0;
  /** What was to be shown, until somebody moves the picture: in a pane of another size it is shown anew. */
  private wanted: Box | null = null;
  private stopped = false;
  private readonly resizing: ResizeObserver;

  /**
   * @param failed called when a tile did not come
   * @param busy told whether tiles of what is in sight are on their way
   */
  constructor(
    private readonly element: HTMLElement,
    layer: Extent,
    failed: () => void,
    private readonly busy: (is: boolean) => void,
  ) {
    this.viewport = new Viewport(layer, this);
    keepStylesOut();
    this.viewer = new OpenSeadragon.Viewer({
      element,
      drawer: "canvas",
      showNavigationControl: false,
      mouseNavEnabled: false,
      tabIndex: -1,
      autoResize: false,
      animationTime: 0,
      blendTime: 0,
      immediateRender: true,
      smoothTileEdgesMinZoom: Infinity,
      subPixelRoundingForTransparency: { "*": OpenSeadragon.SUBPIXEL_ROUNDING_OCCURRENCES.ALWAYS },
      minPixelRatio: 0.5,
      visibilityRatio: 0,
      loadTilesWithAjax: true,
      ajaxHeaders: PAGE_HEADERS,
      ajaxWithCredentials: false,
      imageLoaderLimit: 6,
      maxImageCacheCount: TILES_KEPT,
      tileRetryMax: 2,
      tileRetryDelay: 800,
    });
    this.viewer.addHandler("tile-load-failed", failed);
    this.resizing = new ResizeObserver(() => this.resized());
    this.resizing.observe(element);
    this.resized();
  }

  stop(): void {
    this.stopped = true;
    cancelAnimationFrame(this.frame);
    this.resizing.disconnect();
    this.viewer.destroy();
  }

  /** These pictures, the first at the bottom. What was there before stays below until they are here. */
  lay(layer: Extent, sheets: readonly Sheet[]): void {
    this.viewport.resized(layer);
    for (const one of this.laid) one.isWanted = sheets.some(({ key }) => key === one.sheet.key);
    for (const sheet of sheets) {
      const known = this.laid.find((one) => one.sheet.key === sheet.key);
      if (known === undefined) this.add(sheet);
      else known.item?.setOpacity(sheet.opacity);
    }
    this.order(sheets);
    setTimeout(() => this.tidy(true), STAYS_MS);
    this.tidy(false);
  }

  /** Pictures of which only a part is drawn. */
  cut(cuts: readonly Cut[]): void {
    this.cuts = cuts;
    this.applyCuts();
  }

  // ── movement ─────────────────────────────────────────────────────────────────────────────────────────────────

  show(box: Box, immediately: boolean): void {
    const { width, height } = this.pane();
    this.wanted = box;
    if (width === 0 || height === 0) return;
    const [x0, y0, x1, y1] = box;
    const fits = Math.min((width * ROOM) / Math.max(1, x1 - x0), (height * ROOM) / Math.max(1, y1 - y0));
    const layer = { x: (x0 + x1) / 2, y: (y0 + y1) / 2 };
    const screen = { x: width / 2, y: height / 2 };
    const scale = this.within(fits);
    if (immediately || this.isStill()) this.place(scale, layer, screen);
    else {
      // On the way the middle moves too: begin with what is there now.
      this.place(this.scale, layer, screen);
      this.glide({ scale, layer, screen });
    }
  }

  zoom(scale: number, around: Point | null): void {
    this.wanted = null;
    const screen = around === null ? this.middle() : this.viewport.toScreen(around);
    this.glide({ scale: this.within(scale), layer: this.viewport.toLayer(screen), screen });
  }

  /** By the wheel, around a place of the pane. */
  zoomBy(factor: number, screen: Point): void {
    this.wanted = null;
    const from = this.goal?.scale ?? this.scale;
    this.glide({ scale: this.within(from * factor), layer: this.viewport.toLayer(screen), screen });
  }

  /** By two fingers: at once. */
  pinch(scale: number, layer: Point, screen: Point): void {
    this.wanted = null;
    this.place(this.within(scale), layer, screen);
  }

  pan(by: Point): void {
    this.goal = null;
    this.wanted = null;
    this.put(this.scale, { x: this.exact.x + by.x, y: this.exact.y + by.y });
  }

  /** As another pane shows it. */
  follow(scale: number, layer: Point): void {
    this.wanted = null;
    this.place(scale, layer, this.middle());
  }

  /** Of the device: at 1, a layer pixel is one of the screen's. */
  private ratio(): number {
    return window.devicePixelRatio;
  }

  private pane(): Extent {
    return { width: this.element.clientWidth, height: this.element.clientHeight };
  }

  private middle(): Point {
    const { width, height } = this.pane();
    return { x: width / 2, y: height / 2 };
  }

  private isStill(): boolean {
    return matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  private within(scale: number): number {
    const { layer } = this.viewport;
    const { width, height } = this.pane();
    const fits = Math.min(width / layer.width, height / layer.height);
    const one = 1 / this.ratio();
    const least = Math.min(fits * LEAST_OF_FIT, one);
    return Math.min(MOST_SCALE * one, Math.max(least, scale));
  }

  private glide(goal: NonNullable<Deep["goal"]>): void {
    this.goal = goal;
    if (this.isStill()) {
      this.place(goal.scale, goal.layer, goal.screen);
      return;
    }
    cancelAnimationFrame(this.frame);
    const step = (): void => {
      if (this.stopped || this.goal !== goal) return;
      const left = Math.log(goal.scale / this.scale) * GLIDE;
      const scale = Math.abs(left) < ARRIVED ? goal.scale : goal.scale * Math.exp(-left);
      this.place(scale, goal.layer, goal.screen, goal);
      if (scale !== goal.scale) this.frame = requestAnimationFrame(step);
    };
    step();
  }

  /** This layer point at this place of the pane; `keep`: the way that this is a step of. */
  private place(scale: number, layer: Point, screen: Point, keep: Deep["goal"] = null): void {
    const snapped = this.snapped(scale);
    this.put(snapped, { x: screen.x - layer.x * snapped, y: screen.y - layer.y * snapped });
    this.goal = keep !== null && scale !== keep.scale ? keep : null;
  }

  /**
   * The nearest scale at which every tile is a whole number of screen pixels wide: then no two tiles have a seam, and
   * pixels of one column are equally wide in all tiles.
   */
  private snapped(scale: number): number {
    const device = scale * this.ratio();
    const level = Math.max(0, Math.floor(Math.log2(1 / device)));
    const step = 1 / (LOOK_TILE_PX * 2 ** level);
    return (Math.max(1, Math.round(device / step)) * step) / this.ratio();
  }

  private put(scale: number, origin: Point): void {
    const pane = this.pane();
    const { layer } = this.viewport;
    const ratio = this.ratio();
    // Some of the layer stays in the pane's middle half, and its corner on a whole pixel of the screen.
    const held = (at: number, side: number, room: number): number =>
      Math.min(room * 0.75, Math.max(room * 0.25 - side * scale, at));
    this.scale = scale;
    this.exact = { x: held(origin.x, layer.width, pane.width), y: held(origin.y, layer.height, pane.height) };
    this.origin = { x: Math.round(this.exact.x * ratio) / ratio, y: Math.round(this.exact.y * ratio) / ratio };
    this.draw();
  }

  private draw(): void {
    const pane = this.pane();
    if (pane.width === 0 || pane.height === 0) return;
    const { scale, origin } = this;
    const { viewport, drawer } = this.viewer;
    const centre = new OpenSeadragon.Point((pane.width / 2 - origin.x) / scale, (pane.height / 2 - origin.y) / scale);
    viewport.zoomTo(scale / pane.width, undefined, true);
    viewport.panTo(centre, true);
    drawer.setImageSmoothingEnabled(scale * this.ratio() < 1);
    this.viewport.moved({ pane, scale, origin });
    this.applyCuts();
    this.viewer.forceRedraw();
  }

  private resized(): void {
    const pane = this.pane();
    if (pane.width === 0 || pane.height === 0 || this.stopped) return;
    const before = this.viewport.get().pane;
    this.viewer.viewport.resize(new OpenSeadragon.Point(pane.width, pane.height), false);
    if (this.wanted !== null) this.show(this.wanted, true);
    else {
      const moved = { x: (pane.width - before.width) / 2, y: (pane.height - before.height) / 2 };
      this.put(this.scale, { x: this.exact.x + moved.x, y: this.exact.y + moved.y });
    }
  }

  // ── pictures ─────────────────────────────────────────────────────────────────────────────────────────────────

  private add(sheet: Sheet): void {
    const { size, levels, url } = sheet;
    const source = new OpenSeadragon.TileSource({
      width: size.width,
      height: size.height,
      tileSize: LOOK_TILE_PX,
      tileOverlap: 0,
      minLevel: 0,
      maxLevel: levels - 1,
    });
    // Theirs counts from the top, ours from 1:1.
    source.getTileUrl = (level, x, y) => url(levels - 1 - level, x, y);
    source.hasTransparency = () => !sheet.isOpaque;
    const laid: Laid = { sheet, item: null, isWanted: true };
    this.laid.push(laid);
    this.viewer.addTiledImage({
      tileSource: source,
      x: sheet.at.x,
      y: sheet.at.y,
      width: size.width * sheet.scale,
      opacity: sheet.opacity,
      preload: true,
      success: (event) => {
        const { item } = event as unknown as { item: OpenSeadragon.TiledImage };
        laid.item = item;
        if (this.stopped) return;
        item.addHandler("fully-loaded-change", () => this.tidy(false));
        this.order(this.laid.filter((one) => one.isWanted).map((one) => one.sheet));
        this.applyCuts();
        this.draw();
      },
    });
  }

  /** Those that are wanted lie over those that are not, in their order. */
  private order(sheets: readonly Sheet[]): void {
    const { world } = this.viewer;
    const place = new Map(sheets.map((sheet, index) => [sheet.key, index]));
    this.laid.sort((one, other) => (place.get(one.sheet.key) ?? -1) - (place.get(other.sheet.key) ?? -1));
    this.laid.forEach(({ item }, index) => {
      if (item !== null && world.getIndexOfItem(item) >= 0) {
        world.setItemIndex(item, Math.min(index, world.getItemCount() - 1));
      }
    });
  }

  private tidy(now: boolean): void {
    if (this.stopped) return;
    const wanted = this.laid.filter((one) => one.isWanted);
    const here = wanted.every(({ item }) => item?.getFullyLoaded() === true);
    this.busy(!here);
    if (!here && !now) return;
    for (const { item, isWanted } of this.laid) if (!isWanted && item !== null) this.viewer.world.removeItem(item);
    this.laid = this.laid.filter((one) => one.isWanted || one.item === null);
  }

  private applyCuts(): void {
    const { width } = this.pane();
    for (const { sheet, item } of this.laid) {
      if (item === null) continue;
      const cut = this.cuts.find(({ key }) => key === sheet.key);
      if (cut === undefined) {
        if (item.getClip() !== null) item.setClip(null);
        continue;
      }
      const inSheet = (part: number): number => {
        const at = ((part * width - this.origin.x) / this.scale - sheet.at.x) / sheet.scale;
        return Math.min(sheet.size.width, Math.max(0, at));
      };
      const from = inSheet(cut.from);
      item.setClip(new OpenSeadragon.Rect(from, 0, inSheet(cut.to) - from, sheet.size.height));
    }
  }
}

/**
 * OpenSeadragon puts a style element into the document unless it finds its own there; our policy allows none, and says so
 * on the console. One of no namespace is found, and is no style.
 */
function keepStylesOut(): void {
  const mark = "data-openseadragon-mobile-css";
  if (document.querySelector(`style[${mark}]`) !== null) return;
  const none = document.createElementNS("", "style");
  none.setAttribute(mark, "");
  document.head.append(none);
}
