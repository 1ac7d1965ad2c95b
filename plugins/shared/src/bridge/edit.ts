/** One edit as this side sees it: sends what the bridge asks for, tells what happens, keeps what came of it. */

import type {
  EditDone,
  EditFailed,
  EditPlan,
  EditPreview,
  EditProgress,
  EditQueued,
  EditWant,
  Tile,
  VersionInfo,
} from "../protocol/messages.ts";
import { WINDOW_FRAMES } from "../protocol/messages.ts";
import { cellsOf, cutMaskTile, framesOf, packTile, unpackTile } from "../protocol/tiles.ts";
import type { Reference } from "../host.ts";
import type { Mask, Raster } from "../pixels/raster.ts";
import { align, fromTuple, intersect, rectOf, type Rect, type Size, toTuple } from "../pixels/rect.ts";
import { TILE_PX } from "../protocol/messages.ts";
import { BridgeError, Lost, Refused } from "./errors.ts";
import type { Patch } from "./inbox.ts";
import type { Link } from "./link.ts";
import type { Platform } from "./platform.ts";
import { hashesOf, tilesOf } from "./sending.ts";

/** Hashes of one message: far below a frame. */
const HASHES_A_MESSAGE = 16_384;

export interface EditOrder {
  readonly edit_id: string;
  readonly layer_id: string;
  readonly text: string;
  readonly size: Size;
  readonly mask: Mask | null;
  readonly seed: number | null;
  readonly variations: number;
  readonly previews: boolean;
  readonly base_version_id: string | null;
  readonly references: readonly Reference[];
  /** The layer's pixels as they are shown; asked once, for the reach. */
  read(rect_px: Rect): Promise<Raster>;
}

export interface EditListener {
  planned(plan: EditPlan): void;
  queued(message: EditQueued): void;
  progress(message: EditProgress): void;
  /** 8 bit RGB or straight RGBA at 1/`scale` of `rect_px`. */
  preview(pixels: Raster, rect_px: Rect, scale: number, candidate: number): void;
}

export interface EditEnd {
  readonly versions: readonly VersionInfo[];
  /** In the order of the versions; for “undo” and “redo” the one that moves the layer. */
  readonly patches: readonly Patch[];
  readonly head_version_id: string | null;
}

export class EditRun {
  readonly result: Promise<EditEnd>;
  private resolve: (end: EditEnd) => void = () => undefined;
  private reject: (error: Error) => void = () => undefined;
  private ended = false;
  private sent = 0;
  private acknowledged = 0;
  /** Who waits for room in the window; more than one plane may be under way. */
  private waiters: (() => void)[] = [];
  private isCancelled = false;
  private patches: Patch[] = [];
  private reach: Raster | null = null;
  private link: Link | null;

  /** @param order null for an edit that was begun by an earlier session */
  constructor(
    private readonly platform: Platform,
    link: Link,
    readonly edit_id: string,
    private readonly order: EditOrder | null,
    private readonly listener: EditListener,
  ) {
    this.link = link;
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whoever does not wait for it is told by the listener.
    this.result.catch(() => undefined);
  }

  get isOver(): boolean {
    return this.ended;
  }

  /** Says what is to be done, and sends the selection. */
  start(): void {
    const { link, order } = this;
    if (link === null || order === null) return;
    const id = link.number();
    link.answerTo(id).then(
      (answer) => {
        if (answer.type === "edit.plan") this.beside(this.planned(answer));
      },
      (error: unknown) => {
        // A lost connection is not the edit's end: it is asked for at the next one.
        if (error instanceof Refused) this.fail(error);
      },
    );
    link.send({
      type: "edit.start",
      id,
      edit_id: order.edit_id,
      layer_id: order.layer_id,
      text: order.text,
      mask_rect_px: order.mask === null ? null : toTuple(order.mask.rect_px),
      seed: order.seed,
      variations: order.variations,
      previews: order.previews,
      base_version_id: order.base_version_id,
      references: order.references.map(({ size, format, profile }) => ({ ...size, ...format, profile })),
    });
    const mask = order.mask;
    if (mask !== null) this.beside(this.sendTiles("mask", maskTiles(mask)));
  }

  /** One message of this edit. */
  take(message: EditWant | EditQueued | EditProgress | EditPreview | EditDone | EditFailed): void {
    switch (message.type) {
      case "edit.want":
        this.beside(this.sendWanted(message));
        break;
      case "edit.queued":
        this.listener.queued(message);
        break;
      case "edit.progress":
        this.listener.progress(message);
        break;
      case "edit.preview":
        this.preview(message);
        break;
      case "edit.done":
        this.finish({
          versions: message.versions,
          patches: [...this.patches].sort((one, other) => one.candidate - other.candidate),
          head_version_id: message.head_version_id,
        });
        break;
      case "edit.failed":
        this.fail(new Refused(message, message.version_id));
        break;
    }
  }

  acknowledge(received: number): void {
    this.acknowledged = received;
    this.wake();
  }

  takePatch(patch: Patch): void {
    this.patches = [...this.patches.filter((other) => other.candidate !== patch.candidate), patch];
  }

  /** The connection has ended; the edit goes on at the bridge if its pixels were there. */
  detach(): void {
    this.link = null;
    this.wake();
  }

  /** Follow it on another connection. Rejects nothing: an edit that the bridge does not know fails. */
  async resume(link: Link): Promise<void> {
    this.link = link;
    this.patches = [];
    try {
      await link.request("edit.resume", { edit_id: this.edit_id }, "done");
      if (this.isCancelled) await this.cancel();
    } catch (error) {
      if (error instanceof Refused) this.fail(error);
      else if (!(error instanceof BridgeError)) throw error;
    }
  }

  /** Asks the bridge to stop it, now or when it can be asked again; the end comes as any other. */
  async cancel(): Promise<void> {
    this.isCancelled = true;
    await this.link?.request("edit.cancel", { edit_id: this.edit_id }, "done");
  }

  fail(error: Error): void {
    if (this.ended) return;
    this.ended = true;
    this.reach = null;
    this.reject(error);
    this.wake();
  }

  private finish(end: EditEnd): void {
    if (this.ended) return;
    this.ended = true;
    this.reach = null;
    this.resolve(end);
    this.wake();
  }

  private wake(): void {
    for (const waiter of this.waiters.splice(0)) waiter();
  }

  /** Work that waits for acknowledgements must not keep them from being read. */
  private beside(work: Promise<void>): void {
    work.catch((error: unknown) => {
      // Pixels that the program cannot give end the edit here, and there.
      if (error instanceof Lost) return;
      this.fail(error instanceof Error ? error : new Error(String(error)));
      this.cancel().catch(() => undefined);
    });
  }

  private async planned(plan: EditPlan): Promise<void> {
    this.listener.planned(plan);
    const { order } = this;
    if (order === null) return;
    if (plan.reach_px !== null) await this.sayHashes(fromTuple(plan.reach_px), order);
    for (const number of plan.references) {
      const reference = order.references[number - 1];
      if (reference === undefined) continue;
      const { rect_px } = reference.pixels;
      await this.sendTiles("reference", tilesOf(reference.pixels, cellsOf(rect_px), rect_px), number);
    }
  }

  private async sayHashes(reach_px: Rect, order: EditOrder): Promise<void> {
    const whole_px = rectOf(order.size);
    this.reach = await order.read(intersect(align(reach_px, TILE_PX), whole_px));
    const hashes = await hashesOf(this.platform, this.reach, cellsOf(reach_px), whole_px);
    for (let first = 0; first < hashes.length; first += HASHES_A_MESSAGE) {
      this.link?.send({
        type: "edit.have",
        edit_id: this.edit_id,
        rect_px: toTuple(reach_px),
        first,
        hashes: hashes.slice(first, first + HASHES_A_MESSAGE),
      });
    }
  }

  private async sendWanted(message: EditWant): Promise<void> {
    const { reach, order } = this;
    if (reach === null || order === null) return;
    await this.sendTiles("layer", tilesOf(reach, message.cells, rectOf(order.size)));
    this.reach = null;
  }

  private async sendTiles(plane: "mask" | "layer" | "reference", tiles: Iterable<Tile>, reference = 0): Promise<void> {
    for (const frame of framesOf(tiles)) {
      while (this.sent - this.acknowledged >= WINDOW_FRAMES && !this.ended) {
        if (this.link === null) throw new Lost();
        await new Promise<void>((resolve) => this.waiters.push(resolve));
      }
      if (this.ended) return;
      if (this.link === null) throw new Lost();
      this.sent += 1;
      this.link.send({ type: "edit.tiles", edit_id: this.edit_id, plane, reference, tiles: frame });
    }
  }

  private preview(message: EditPreview): void {
    const { width, height, channels } = message;
    const bytes = unpackTile(message, width * height * channels, channels);
    const pixels: Raster = {
      rect_px: { x0: 0, y0: 0, x1: width, y1: height },
      format: { depth: "u8", channels, alpha: channels === 4 ? "straight" : "none" },
      data: bytes.slice(),
    };
    this.listener.preview(pixels, fromTuple(message.rect_px), message.scale, message.candidate);
  }
}

function* maskTiles(mask: Mask): Generator<Tile> {
  for (const cell of cellsOf(mask.rect_px)) yield packTile(cell, cutMaskTile(mask.data, mask.rect_px, cell), 1);
}
