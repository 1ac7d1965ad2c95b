/** Patches as they come in: frames of tiles, each acknowledged, put together to pixels and mask. */

import type { PatchBegin, PatchTiles } from "../protocol/messages.ts";
import { Unreadable } from "../protocol/codec.ts";
import { cellsOf, pasteTile, tileBytes, tileRect, unpackTile } from "../protocol/tiles.ts";
import type { Canvas } from "../host.ts";
import { blank, bytesPerPixel, type Format, type Mask, type Raster } from "../pixels/raster.ts";
import { areaOf, fromTuple, heightOf, type Rect, widthOf } from "../pixels/rect.ts";

/** What a version looks like where it differs, complete. */
export interface Patch {
  readonly version_id: string;
  readonly candidate: number;
  readonly rect_px: Rect;
  readonly pixels: Raster;
  /** Where the pixels are meant; null with a canvas: all of them are. */
  readonly mask: Mask | null;
  readonly canvas: Canvas | null;
}

/** Collects one patch. */
export class Inbox {
  private readonly pixels: Raster;
  private readonly mask: Uint8Array | null;
  private readonly given = new Set<string>();
  private readonly canvas: Canvas | null;
  private frames = 0;
  /** A frame of it could not be read: what is here is not the patch. */
  isBroken = false;

  constructor(readonly begin: PatchBegin) {
    const rect_px = fromTuple(begin.rect_px);
    const { depth, channels, alpha } = begin;
    this.canvas = begin.canvas === null ? null : canvasFrom(begin.canvas);
    this.pixels = blank(rect_px, { depth, channels, alpha });
    this.mask = begin.mask ? new Uint8Array(areaOf(rect_px)) : null;
  }

  get complete(): boolean {
    return this.frames >= this.begin.frames;
  }

  /** Takes one frame; returns how many have been taken, for the acknowledgement. */
  take(message: PatchTiles): number {
    try {
      this.read(message);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.isBroken = true;
    }
    return ++this.frames;
  }

  private read(message: PatchTiles): void {
    const { rect_px, format } = this.pixels;
    for (const tile of message.tiles) {
      if (message.plane === "layer") {
        const bytes = unpackTile(tile, tileBytes(tile.cell, rect_px, format), bytesPerPixel(format));
        pasteTile(this.pixels, tile.cell, bytes);
        this.given.add(tile.cell.join());
      } else if (this.mask !== null) {
        const part_px = tileRect(tile.cell, rect_px);
        const bytes = unpackTile(tile, areaOf(part_px), 1);
        pasteTile({ rect_px, format: MASK, data: this.mask }, tile.cell, bytes);
      }
    }
  }

  patch(): Patch {
    const { rect_px } = this.pixels;
    return {
      version_id: this.begin.version_id,
      candidate: this.begin.candidate,
      rect_px,
      pixels: this.pixels,
      mask: this.canvas === null ? { rect_px, data: this.meant() } : null,
      canvas: this.canvas,
    };
  }

  /** The mask, and 0 in the cells whose pixels were not sent: there nothing changes. */
  private meant(): Uint8Array {
    const { rect_px } = this.pixels;
    const meant = this.mask ?? new Uint8Array(areaOf(rect_px)).fill(255);
    for (const cell of cellsOf(rect_px)) {
      if (this.given.has(cell.join())) continue;
      const part_px = tileRect(cell, rect_px);
      for (let y = part_px.y0 - rect_px.y0; y < part_px.y0 - rect_px.y0 + heightOf(part_px); y++) {
        const start = y * widthOf(rect_px) + part_px.x0 - rect_px.x0;
        meant.fill(0, start, start + widthOf(part_px));
      }
    }
    return meant;
  }
}

const MASK: Format = { depth: "u8", channels: 1, alpha: "none" };

export function canvasFrom(info: NonNullable<PatchBegin["canvas"]>): Canvas {
  const { width, height, depth, channels, alpha, x0, y0, scale } = info;
  return { size: { width, height }, format: { depth, channels, alpha }, x0, y0, scale };
}
