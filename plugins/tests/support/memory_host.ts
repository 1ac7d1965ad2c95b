/** A design program of one image, in memory: the plainest true `Host`, for tests of what the plugins share. */

import type {
  Host,
  MaskSource,
  Picture,
  Placed,
  PlacedPatch,
  Placement,
  Reference,
  Selected,
  Target,
} from "../../shared/src/host.ts";
import { HostError } from "../../shared/src/host.ts";
import { blank, copyRows, crop, type Format, type Mask, type Raster } from "../../shared/src/pixels/raster.ts";
import { areaOf, type Rect, rectOf, type Size, widthOf } from "../../shared/src/pixels/rect.ts";

export const RGB8: Format = { depth: "u8", channels: 3, alpha: "none" };

/** A smooth picture with grain, the same for the same seed. */
export function photograph(size: Size, format: Format = RGB8, seed = 1): Raster {
  const raster = blank(rectOf(size), format);
  let state = seed >>> 0;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const white = format.depth === "u8" ? 255 : format.depth === "u16" ? 65535 : 1;
  for (let i = 0; i < raster.data.length; i++) {
    const pixel = Math.floor(i / format.channels);
    const [x, y] = [pixel % size.width, Math.floor(pixel / size.width)];
    const isAlpha = format.alpha !== "none" && i % format.channels === format.channels - 1;
    const light = 0.45 + 0.25 * Math.sin(x / 37 + (i % format.channels)) + 0.15 * Math.cos(y / 23) + 0.1 * random();
    raster.data[i] = isAlpha ? white : format.depth === "f32" ? light : Math.round(light * white);
  }
  return raster;
}

/** A mask that is fully on in a rectangle. */
export function box(rect_px: Rect): Mask {
  return { rect_px, data: new Uint8Array(areaOf(rect_px)).fill(255) };
}

export class MemoryHost implements Host {
  readonly kind = "figma";
  name = "Memory";
  documentTitle = "A document";
  readonly canMerge = false;
  /** What is above the source, lowest first. */
  patches: PlacedPatch[] = [];
  selection: Mask | null = null;
  isThere = true;
  isSelected = true;
  edition = 0;
  placements: Placement[] = [];
  readonly storage = new Map<string, string>();
  readonly said: string[] = [];
  /** Pixels read, by rectangle. */
  readonly read: Rect[] = [];
  given: readonly Reference[] = [];
  private listener: () => void = () => undefined;

  constructor(
    public source: Raster,
    readonly documentKey = "memory-document",
  ) {}

  get size(): Size {
    const canvas = this.patches.findLast((patch) => patch.canvas !== null)?.canvas;
    return canvas?.size ?? { width: this.source.rect_px.x1, height: this.source.rect_px.y1 };
  }

  /** All that is shown. */
  shown(): Raster {
    let out = crop(this.source, this.source.rect_px);
    for (const patch of this.patches) {
      if (patch.canvas !== null) {
        out = crop(patch.pixels, patch.pixels.rect_px);
        continue;
      }
      const { rect_px } = patch.pixels;
      const { channels } = out.format;
      for (let y = rect_px.y0; y < rect_px.y1; y++) {
        for (let x = rect_px.x0; x < rect_px.x1; x++) {
          const at = (y - rect_px.y0) * widthOf(rect_px) + x - rect_px.x0;
          if (patch.mask !== null && patch.mask.data[at] === 0) continue;
          const target = (y * widthOf(out.rect_px) + x) * channels;
          for (let c = 0; c < channels; c++) out.data[target + c] = patch.pixels.data[at * channels + c] ?? 0;
        }
      }
    }
    return out;
  }

  /** As a person who selects something, or changes the layer. */
  touch(): void {
    this.listener();
  }

  selected(): Promise<Selected> {
    if (!this.isThere || !this.isSelected) {
      return Promise.resolve({ none: { reason: "Nothing is selected.", hint: "Select an image." } });
    }
    return Promise.resolve({ target: this.target() });
  }

  again(): Promise<Target | null> {
    return Promise.resolve(this.isThere ? this.target() : null);
  }

  watch(changed: () => void): () => void {
    this.listener = changed;
    return () => (this.listener = () => undefined);
  }

  pixels(_target: Target, rect_px: Rect): Promise<Raster> {
    this.read.push(rect_px);
    const shown = this.shown();
    const out = blank(rect_px, shown.format);
    copyRows(shown.data, shown.rect_px, out.data, rect_px, rect_px, shown.format.channels);
    return Promise.resolve(out);
  }

  mask(): Promise<Mask | null> {
    return Promise.resolve(this.selection);
  }

  overview(): Promise<Picture> {
    return Promise.resolve({ ...this.size, url: "data:," });
  }

  picture(pixels: Raster): Promise<Picture> {
    return Promise.resolve({ width: pixels.rect_px.x1, height: pixels.rect_px.y1, url: "data:," });
  }

  encoded(data: Uint8Array, mime: string, width: number, height: number): Picture {
    return { width, height, url: `data:${mime};${data.length}` };
  }

  place(target: Target, placement: Placement): Promise<Placed> {
    if (!this.isThere) return Promise.reject(new HostError("gone", "The layer is gone.", "Bring it back."));
    if (target.revision !== this.target().revision) {
      return Promise.reject(new HostError("changed", "The layer was changed.", "Apply it anyway."));
    }
    this.placements.push(placement);
    this.patches = this.patches.filter((patch) => !placement.remove.includes(patch.version_id));
    if (placement.put !== null) this.patches.push(placement.put);
    return Promise.resolve({ notes: [] });
  }

  preview(): Promise<void> {
    return Promise.resolve();
  }

  references(): Promise<readonly Reference[]> {
    return Promise.resolve(this.given);
  }

  load(key: string): Promise<string | null> {
    return Promise.resolve(this.storage.get(key) ?? null);
  }

  save(key: string, value: string | null): Promise<void> {
    if (value === null) this.storage.delete(key);
    else this.storage.set(key, value);
    return Promise.resolve();
  }

  notify(text: string): void {
    this.said.push(text);
  }

  openUrl(url: string): void {
    this.said.push(url);
  }

  private target(): Target {
    const sources: MaskSource[] = [
      { kind: "brush", label: "Brush", rect_px: null },
      { kind: "whole", label: "The whole layer", rect_px: rectOf(this.size) },
    ];
    if (this.selection !== null) {
      sources.unshift({ kind: "selection", label: "Selection", rect_px: this.selection.rect_px });
    } else sources.reverse();
    return {
      documentKey: this.documentKey,
      documentTitle: this.documentTitle,
      layerKey: "layer-1",
      layerName: "Photograph",
      size: this.size,
      format: this.patches.findLast((patch) => patch.canvas !== null)?.canvas?.format ?? this.source.format,
      profile: null,
      shown: this.patches.map(({ version_id, parent_id }) => ({ version_id, parent_id })),
      masks: sources,
      revision: `${this.edition} ${this.patches.map((patch) => patch.version_id).join()}`,
    };
  }
}
