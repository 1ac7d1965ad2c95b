/**
 * One edit of pixels that the bridge has, begun on the page: the words and the mask go there, what happens comes back,
 * no pixels of the layer travel.
 */

import { BridgeError, Lost, Refused } from "../../../../plugins/shared/src/bridge/errors.ts";
import type { Link } from "../../../../plugins/shared/src/bridge/link.ts";
import type { Mask } from "../../../../plugins/shared/src/pixels/raster.ts";
import { toTuple } from "../../../../plugins/shared/src/pixels/rect.ts";
import {
  type EditDone,
  type EditPlan,
  type EditPreview,
  type EditProgress,
  type EditQueued,
  type ServerMessage,
  type Tile,
  WINDOW_FRAMES,
} from "../../../../plugins/shared/src/protocol/messages.ts";
import { cellsOf, cutMaskTile, framesOf, packTile } from "../../../../plugins/shared/src/protocol/tiles.ts";

export interface Order {
  readonly edit_id: string;
  readonly layer_id: string;
  readonly version_id: string;
  readonly text: string;
  /** null: all of the layer. */
  readonly mask: Mask | null;
  readonly variations: number;
}

export interface RunListener {
  planned(plan: EditPlan): void;
  queued(message: EditQueued): void;
  progress(message: EditProgress): void;
  preview(message: EditPreview): void;
}

export class Run {
  readonly result: Promise<EditDone>;
  private resolve: (done: EditDone) => void = () => undefined;
  private reject: (error: BridgeError) => void = () => undefined;
  private ended = false;
  private sent = 0;
  private acknowledged = 0;
  private wake: () => void = () => undefined;
  private cancelled = false;
  private link: Link | null = null;

  constructor(
    readonly order: Order,
    private readonly listener: RunListener,
  ) {
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.result.catch(() => undefined);
  }

  start(link: Link): void {
    const { edit_id, layer_id, version_id, text, mask, variations } = this.order;
    this.link = link;
    const id = link.number();
    link.answerTo(id).then(
      (answer) => {
        if (answer.type === "edit.plan") this.listener.planned(answer);
      },
      (error: unknown) => {
        // A lost connection is not the edit's end: it is asked for at the next one.
        if (error instanceof Refused) this.fail(error);
      },
    );
    link.send({
      type: "edit.start",
      id,
      edit_id,
      layer_id,
      text,
      mask_rect_px: mask === null ? null : toTuple(mask.rect_px),
      seed: null,
      variations,
      previews: true,
      base_version_id: version_id,
      references: [],
      pixels: "bridge",
      wants_patch: false,
    });
    if (mask !== null) {
      this.send(maskTiles(mask)).catch((error: unknown) => {
        if (!(error instanceof Lost)) throw error;
      });
    }
  }

  /** Whether the message was of this edit. */
  take(message: ServerMessage): boolean {
    if (!("edit_id" in message) || message.edit_id !== this.order.edit_id) return false;
    switch (message.type) {
      case "edit.ack":
        this.acknowledged = message.received;
        this.wake();
        return true;
      case "edit.queued":
        this.listener.queued(message);
        return true;
      case "edit.progress":
        this.listener.progress(message);
        return true;
      case "edit.preview":
        this.listener.preview(message);
        return true;
      case "edit.done":
        this.ended = true;
        this.resolve(message);
        this.wake();
        return true;
      case "edit.failed":
        this.fail(new Refused(message, message.version_id));
        return true;
      default:
        return false;
    }
  }

  /** The connection has ended; the edit goes on at the bridge if its mask was there. */
  detach(): void {
    this.link = null;
    this.wake();
  }

  /** On another connection: its events come here from now on. */
  async resume(link: Link): Promise<void> {
    if (this.ended) return;
    this.link = link;
    try {
      await link.request("edit.resume", { edit_id: this.order.edit_id, wants_patch: false }, "done");
      if (this.cancelled) await this.cancel();
    } catch (error) {
      if (error instanceof Refused) this.fail(error);
      else if (!(error instanceof BridgeError)) throw error;
    }
  }

  /** Asks the bridge to stop it, now or when it can be asked again. */
  async cancel(): Promise<void> {
    this.cancelled = true;
    await this.link?.request("edit.cancel", { edit_id: this.order.edit_id }, "done");
  }

  private fail(error: BridgeError): void {
    if (this.ended) return;
    this.ended = true;
    this.reject(error);
    this.wake();
  }

  private async send(tiles: Iterable<Tile>): Promise<void> {
    for (const frame of framesOf(tiles)) {
      while (this.sent - this.acknowledged >= WINDOW_FRAMES && !this.ended) {
        if (this.link === null) throw new Lost();
        await new Promise<void>((resolve) => (this.wake = resolve));
      }
      if (this.ended) return;
      if (this.link === null) throw new Lost();
      this.sent += 1;
      this.link.send({ type: "edit.tiles", edit_id: this.order.edit_id, plane: "mask", reference: 0, tiles: frame });
    }
  }
}

function* maskTiles(mask: Mask): Generator<Tile> {
  for (const cell of cellsOf(mask.rect_px)) yield packTile(cell, cutMaskTile(mask.data, mask.rect_px, cell), 1);
}
