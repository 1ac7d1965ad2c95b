/** One placement: what lands as a layer, what is merged, what Figma sets itself; pictures made, then one question. */

import { HostError, type Placed, type PlacedPatch, type Placement, type Target } from "../../../shared/src/host.ts";
import type { Raster } from "../../../shared/src/pixels/raster.ts";
import { type Rect, rectOf } from "../../../shared/src/pixels/rect.ts";
import type { PutInfo, SourceInfo } from "../shared/asks.ts";
import { paste, sizeOf } from "./composite.ts";
import { cut, MOST_SIDE_PX } from "./cut.ts";
import type { FrameWire } from "./host.ts";
import { encodePng } from "./png.ts";

type Writable = Raster & { data: Uint8Array };

interface Parcelled {
  readonly put: PutInfo;
  readonly bytes: readonly Uint8Array[];
}

export class Placing {
  private readonly notes: string[] = [];

  /** @param below what is shown in a part of the layer */
  constructor(
    private readonly wire: FrameWire,
    private readonly below: (source: SourceInfo, rect_px: Rect, native: boolean) => Promise<Writable>,
    private readonly target: Target,
    private readonly placement: Placement,
  ) {}

  async run(): Promise<Placed> {
    const { put, native } = this.placement;
    if (put === null) return await this.send(null);
    if (native && put.canvas === null && put.layers.length > 0) {
      const done = await this.native(put);
      if (done !== null) return done;
    }
    return await this.send(await this.pixels(put));
  }

  /** Null when Figma cannot set these layers here; the picture is placed then, and the notes say why. */
  private async native(put: PlacedPatch): Promise<Placed | null> {
    if (put.references.some((reference) => tooLarge(reference.size))) {
      this.notes.push("A picture is larger than Figma takes; the result was placed as one picture.");
      return null;
    }
    const pictures = await Promise.all(
      put.references.map(({ pixels, size, profile }) =>
        encodePng(size, pixels.format.channels, pixels.data as Uint8Array, profile),
      ),
    );
    const info: PutInfo = { ...this.info(put, "layer"), layers: put.layers };
    const answer = await this.ask({ put: info, bytes: pictures });
    this.notes.push(...answer.notes);
    return answer.failedNative ? null : { notes: this.notes };
  }

  private async pixels(put: PlacedPatch): Promise<Parcelled> {
    if (put.canvas !== null) return await this.whole(put, put.pixels, "canvas");
    const { layerKey } = this.target;
    const { body: source } = await this.wire.ask("source", { layerKey, without: this.placement.remove });
    if (this.placement.as === "merge") return await this.merged(put, source);
    if (source.noOverlay !== null) {
      this.notes.push(`${source.noOverlay} The result was merged into it.`);
      return await this.merged(put, source);
    }
    const below = this.target.format.channels === 4 ? await this.below(source, put.pixels.rect_px, true) : null;
    const { pieces, thins } = cut(put.pixels, put.mask, below, source.whole ? source.size : null);
    if (thins) {
      this.notes.push(
        "The result is more transparent than the image; it was merged into it, since a layer above cannot show that.",
      );
      return await this.merged(put, source);
    }
    if (source.whole && tooLarge(source.size)) throw tooLargeToRepeat();
    const bytes = await Promise.all(pieces.map(({ size, rgba }) => encodePng(size, 4, rgba, this.target.profile)));
    const places = pieces.map(({ x, y, size }) => ({ x, y, size }));
    return { put: { ...this.info(put, "layer"), places }, bytes };
  }

  private async merged(put: PlacedPatch, source: SourceInfo): Promise<Parcelled> {
    if (tooLarge(source.size)) throw tooLargeToMerge(source.size);
    const onto = withAlpha(await this.below(source, rectOf(source.size), false), put.pixels);
    paste(onto, put.pixels, put.mask);
    return await this.whole(put, onto, "merge");
  }

  private async whole(put: PlacedPatch, pixels: Raster, as: "merge" | "canvas"): Promise<Parcelled> {
    const size = sizeOf(pixels.rect_px);
    if (tooLarge(size)) throw tooLargeToMerge(size);
    const data = pixels.data as Uint8Array;
    const bytes = [await encodePng(size, pixels.format.channels, data, this.target.profile)];
    return { put: { ...this.info(put, as), places: [{ x: 0, y: 0, size }] }, bytes };
  }

  private info(put: PlacedPatch, as: PutInfo["as"]): PutInfo {
    const { version_id, parent_id, text, canvas } = put;
    const change = canvas === null ? null : { size: canvas.size, x0: canvas.x0, y0: canvas.y0, scale: canvas.scale };
    return { version_id, parent_id, text, as, places: [], canvas: change, layers: [] };
  }

  private async send(parcelled: Parcelled | null): Promise<Placed> {
    const { notes } = await this.ask(parcelled);
    return { notes: [...this.notes, ...notes] };
  }

  private async ask(parcelled: Parcelled | null): Promise<{ notes: readonly string[]; failedNative: boolean }> {
    const { layerKey, revision } = this.target;
    const { remove } = this.placement;
    const ask = { layerKey, revision, remove, put: parcelled?.put ?? null };
    return (await this.wire.ask("place", ask, parcelled?.bytes ?? [])).body;
  }
}

/** A patch with transparency makes an opaque image one with alpha. */
function withAlpha(onto: Writable, patch: Raster): Writable {
  if (onto.format.channels === 4 || patch.format.channels !== 4) return onto;
  const data = new Uint8Array((onto.data.length / 3) * 4);
  for (let from = 0, to = 0; from < onto.data.length; from += 3, to += 4) {
    data.set(onto.data.subarray(from, from + 3), to);
    data[to + 3] = 255;
  }
  return { rect_px: onto.rect_px, format: { depth: "u8", channels: 4, alpha: "straight" }, data };
}

function tooLarge(size: { readonly width: number; readonly height: number }): boolean {
  return size.width > MOST_SIDE_PX || size.height > MOST_SIDE_PX;
}

function tooLargeToMerge(size: { readonly width: number; readonly height: number }): HostError {
  return new HostError(
    "too_large",
    `Figma takes pictures of up to ${MOST_SIDE_PX} px a side; this one is ${size.width} × ${size.height}.`,
    "Place results as layers (in the settings), or ask for a smaller size.",
  );
}

function tooLargeToRepeat(): HostError {
  return new HostError(
    "too_large",
    `A repeated image of more than ${MOST_SIDE_PX} px a side cannot have a layer above it.`,
    "Set the fill to “Fill” or “Crop” first.",
  );
}
