/** Sharing the selected layer's whole picture with everybody in the document: asked for, and beside all else. */

import { OFFERED_TILES, TILE_PX, WINDOW_FRAMES } from "../protocol/messages.ts";
import { cellsOf, framesOf } from "../protocol/tiles.ts";
import { Lost } from "../bridge/errors.ts";
import { hashesOf, tilesOf } from "../bridge/sending.ts";
import { HostError, type Target } from "../host.ts";
import { bytesPerPixel } from "../pixels/raster.ts";
import { intersect, rect, rectOf } from "../pixels/rect.ts";
import { type Context, ready } from "./context.ts";
import type { Layers } from "./layers.ts";
import { gone } from "./results.ts";

/** Of a layer in memory at once. */
const STRIP_BYTES = 16 << 20;
/** A layer that changes while it is read is read again, so often. */
const MOST_TIMES = 4;

export class Sharing {
  /** Which sharing goes on; one that is not the last any more was stopped. */
  private turn = 0;

  constructor(
    private readonly common: Context,
    private readonly layers: Layers,
  ) {}

  /** Shares the target, unless something is being shared. What the bridge has by then is not sent again. */
  async share(target: Target | null): Promise<void> {
    const { store, host } = this.common;
    if (target === null || store.get().sharing !== null) return;
    const turn = ++this.turn;
    store.set({ sharing: 0 });
    try {
      for (let times = 0; times < MOST_TIMES && turn === this.turn; times++) {
        try {
          if (await this.read(target, turn)) return;
        } catch (error) {
          if (!(error instanceof Lost)) throw error;
          await ready(this.common);
        }
        const now = await host.again(target);
        if (now === null) throw gone();
        target = now;
      }
      if (turn === this.turn)
        throw new HostError("changed", "The layer changes while it is shared.", "Share it later.");
    } finally {
      if (turn === this.turn) this.stop();
    }
  }

  stop(): void {
    this.turn += 1;
    this.common.store.set({ sharing: null });
  }

  /** All of it, strip by strip. False: the layer is not what it was, or it was stopped. */
  private async read(target: Target, turn: number): Promise<boolean> {
    const { store, host, platform, bridge, turns } = this.common;
    const { shown_id: version_id } = await turns.take(() => this.layers.open(target));
    if (version_id === null) return false;
    const link = bridge.connected();
    const whole_px = rectOf(target.size);
    const { width, height } = target.size;
    const across = Math.ceil(width / TILE_PX);
    const rowBytes = across * TILE_PX * TILE_PX * bytesPerPixel(target.format);
    const rows = Math.max(1, Math.min(Math.floor(STRIP_BYTES / rowBytes), Math.floor(OFFERED_TILES / across)));
    for (let row = 0; row * TILE_PX < height; row += rows) {
      const strip_px = intersect(rect(0, row * TILE_PX, width, (row + rows) * TILE_PX), whole_px);
      const raster = await host.pixels(target, strip_px, true);
      const hashes = await hashesOf(platform, raster, cellsOf(strip_px), whole_px);
      if (turn !== this.turn) return false;
      const { cells } = await link.request("source.offer", { version_id, first: row * across, hashes }, "source.want");
      const sent: Promise<unknown>[] = [];
      for (const tiles of framesOf(tilesOf(raster, cells, whole_px))) {
        if (sent.length >= WINDOW_FRAMES) await sent[sent.length - WINDOW_FRAMES];
        if (turn !== this.turn) return false;
        const stored = link.request("source.tiles", { version_id, tiles }, "done");
        stored.catch(() => undefined); // it is waited for below
        sent.push(stored);
      }
      await Promise.all(sent);
      if (turn !== this.turn) return false;
      store.set({ sharing: strip_px.y1 / height });
    }
    if ((await host.again(target))?.revision !== target.revision) return false;
    await link.request("source.finish", { version_id }, "source.is");
    return true;
  }
}
