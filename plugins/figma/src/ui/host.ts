/** Figma as a `Host`: pixels are decoded and put together here, the document is asked through the wire. */

import { HostError } from "../../../shared/src/host.ts";
import type {
  Host,
  MaskSource,
  Picture,
  Placed,
  Placement,
  Reference,
  Selected,
  Target,
} from "../../../shared/src/host.ts";
import type { Mask, Raster } from "../../../shared/src/pixels/raster.ts";
import { contains, type Rect, rectOf } from "../../../shared/src/pixels/rect.ts";
import type { Asks, NoAsks, Shapes, SourceInfo } from "../shared/asks.ts";
import type { Wire } from "../shared/wire.ts";
import { layOver, partOf, rasterOf, sampleOver, sizeOf } from "./composite.ts";
import { cover } from "./cover.ts";
import { Images } from "./images.ts";
import { pickFiles } from "./files.ts";
import { encodedPicture, pictureOf } from "./pictures.ts";
import { Placing } from "./placing.ts";
import { type Decoded, decodePng, encodePng } from "./png.ts";

export type FrameWire = Wire<NoAsks, Asks>;

export class FigmaHost implements Host {
  readonly kind = "figma";
  readonly name = "Figma";
  readonly canMerge = true;
  private readonly images: Images;
  private readonly changed = new Set<() => void>();
  private looks = 0;
  private lastOverview: { key: string; picture: Promise<Picture> } | null = null;

  constructor(private readonly wire: FrameWire) {
    this.images = new Images(async (hash) => {
      const { body, bytes } = await wire.ask("image", { hash });
      return { size: body, bytes: bytes[0] ?? new Uint8Array(0) };
    });
    wire.hear("changed", () => {
      for (const tell of [...this.changed]) tell();
    });
  }

  async selected(): Promise<Selected> {
    try {
      const { body } = await this.wire.ask("selected", null);
      if ("none" in body) return { none: body.none };
      const { source, masks } = body.selected;
      const image = await this.images.get(source.imageHash);
      return { target: targetOf(source, image, masks) };
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      return { none: { reason: error.message, hint: error.hint } };
    }
  }

  async again(target: Target): Promise<Target | null> {
    try {
      const { body: source } = await this.wire.ask("source", { layerKey: target.layerKey, without: [] });
      return targetOf(source, await this.images.get(source.imageHash), []);
    } catch (error) {
      if (error instanceof HostError && error.code === "gone") return null;
      throw error;
    }
  }

  watch(changed: () => void): () => void {
    this.changed.add(changed);
    return () => this.changed.delete(changed);
  }

  async pixels(target: Target, rect_px: Rect): Promise<Raster> {
    const { body: source } = await this.wire.ask("source", { layerKey: target.layerKey, without: [] });
    if (!contains(rectOf(source.size), rect_px)) {
      throw new HostError("changed", "The image has another size now.", "Try again.");
    }
    return await this.shown(source, rect_px, true);
  }

  /** The source and what is over it. `native`: letters and placed pictures too, as Figma draws them. */
  private async shown(source: SourceInfo, rect_px: Rect, native: boolean): Promise<Raster & { data: Uint8Array }> {
    const part = partOf(await this.images.get(source.imageHash), rect_px);
    for (const over of source.over) {
      if (over.kind === "pixels") {
        for (const { hash, x, y } of over.pieces) layOver(part, await this.images.get(hash), x, y);
      } else if (native) {
        for (const id of over.ids) {
          const { body, bytes } = await this.wire.ask("render", { layerKey: source.layerKey, id });
          const picture = bytes[0];
          if (body !== null && picture !== undefined) sampleOver(part, await decodePng(picture), body.toPicture);
        }
      }
    }
    return part;
  }

  async mask(target: Target, source: MaskSource): Promise<Mask | null> {
    const marks = marksOf(source);
    const { body, bytes } = await this.wire.ask("mask", { layerKey: target.layerKey, marks });
    return cover(body, await Promise.all(bytes.map(decodePng)));
  }

  edits(target: Target, source: MaskSource | null): void {
    this.wire.ask("edits", { layerKey: target.layerKey, marks: marksOf(source) }).catch(() => undefined);
  }

  async overview(target: Target, sidePx: number): Promise<Picture> {
    const key = `${target.layerKey} ${target.revision} ${sidePx}`;
    if (this.lastOverview?.key !== key) {
      const picture = this.pixels(target, rectOf(target.size)).then((pixels) => pictureOf(pixels, sidePx));
      this.lastOverview = { key, picture };
      // A picture that failed is asked for anew.
      picture.catch(() => (this.lastOverview = null));
    }
    return await this.lastOverview.picture;
  }

  picture(pixels: Raster): Promise<Picture> {
    return pictureOf(pixels);
  }

  encoded(data: Uint8Array, mime: string, width: number, height: number): Picture {
    return encodedPicture(data, mime, width, height);
  }

  place(target: Target, placement: Placement): Promise<Placed> {
    const below = (source: SourceInfo, rect_px: Rect, native: boolean) => this.shown(source, rect_px, native);
    return new Placing(this.wire, below, target, placement).run();
  }

  async preview(target: Target, pixels: Raster | null, scale: number): Promise<void> {
    const turn = ++this.looks;
    const { layerKey } = target;
    if (pixels === null) {
      await this.wire.ask("preview", { layerKey, rect_px: null });
      return;
    }
    const size = sizeOf(pixels.rect_px);
    const png = await encodePng(size, pixels.format.channels, pixels.data as Uint8Array, target.profile);
    // A later one, or the end of them, came while this one was encoded.
    if (turn !== this.looks) return;
    const { x0, y0 } = pixels.rect_px;
    const rect_px = { x0, y0, x1: x0 + size.width * scale, y1: y0 + size.height * scale };
    await this.wire.ask("preview", { layerKey, rect_px }, [png]);
  }

  async references(target: Target): Promise<readonly Reference[]> {
    const { body } = await this.wire.ask("references", { layerKey: target.layerKey });
    if (body.length === 0) return await pickFiles();
    return await Promise.all(body.map(async ({ name, hash }) => referenceOf(name, await this.images.get(hash))));
  }

  async load(key: string): Promise<string | null> {
    return (await this.wire.ask("load", { key })).body;
  }

  async save(key: string, value: string | null): Promise<void> {
    await this.wire.ask("save", { key, value });
  }

  notify(text: string, error: boolean): void {
    this.say(text, error, false);
  }

  /** `sticky`: stays until the next one. */
  say(text: string, error: boolean, sticky: boolean): void {
    this.wire.ask("notify", { text, error, sticky }).catch(() => undefined);
  }

  openUrl(url: string): void {
    this.wire.ask("open", { url }).catch(() => undefined);
  }

  /** Shows a panel that was hidden. */
  async show(): Promise<void> {
    await this.wire.ask("show", null);
  }

  async close(say: string | null, error: boolean): Promise<void> {
    await this.wire.ask("close", { say, error });
  }
}

/** Sources come back as they were offered, so shapes still have their nodes' ids; other kinds have none. */
function marksOf(source: MaskSource | null): readonly string[] {
  return (source as Partial<Shapes> | null)?.marks ?? [];
}

function targetOf(source: SourceInfo, image: Decoded, shapes: readonly Shapes[]): Target {
  const whole: MaskSource = { kind: "whole", label: "The whole image", rect_px: rectOf(source.size) };
  const brush: MaskSource = { kind: "brush", label: "Brush", rect_px: null };
  return {
    documentKey: source.documentKey,
    documentTitle: source.documentTitle,
    layerKey: source.layerKey,
    layerName: source.layerName,
    size: source.size,
    format: rasterOf(image).format,
    profile: image.profile,
    shown: source.shown,
    masks: [...shapes, whole, brush],
    revision: source.revision,
  };
}

export function referenceOf(name: string, image: Decoded): Reference {
  const pixels = rasterOf(image);
  return { name, size: image.size, format: pixels.format, profile: image.profile, pixels };
}
