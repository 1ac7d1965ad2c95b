/** Photoshop as Inlay sees it: the layer's space is the document's canvas, patches are layers above the source. */

import {
  type Host,
  HostError,
  type MaskSource,
  type Picture,
  type Placed,
  type Placement,
  type Reference,
  type Selected,
  type Target,
} from "../../shared/src/host.ts";
import { type Mask, type Raster, trimmed } from "../../shared/src/pixels/raster.ts";
import type { Rect } from "../../shared/src/pixels/rect.ts";
import type { Photoshop, PsDocument, Uxp } from "./api.ts";
import { withAlpha } from "./composite.ts";
import { canvasOf } from "./layers.ts";
import { Memory } from "./memory.ts";
import { asHostError, type Busy, type Clock, inOneStep } from "./modal.ts";
import { laidOver, overviewOf, pictureOf, toBase64 } from "./pictures.ts";
import { carryOut } from "./place.ts";
import { plainName, profileOf } from "./profiles.ts";
import { readSelection, readShown } from "./read.ts";
import { fromFile, fromLayer } from "./references.ts";
import { Revisions } from "./revisions.ts";
import { type Stack, stackOf } from "./stack.ts";
import { chosenLayer, maskSources } from "./target.ts";

/** Events after which something else may be selected or shown. */
const EVENTS = [
  ...["select", "deselect", "selectNoLayers", "set", "make", "delete", "move", "hide", "show"],
  ...["open", "close", "save", "historyStateChanged"],
];
/** A brush stroke or a drag makes many. */
const SETTLES_MS = 150;

export interface PhotoshopHostOptions {
  readonly clock: Clock;
  /** Bytes that nobody foresees, for keys. */
  readonly random: (count: number) => Uint8Array;
  /** Told when Photoshop is busy and the change has to wait, and when that is over. */
  readonly waits?: (waiting: boolean) => void;
}

export class PhotoshopHost implements Host {
  readonly kind = "photoshop";
  readonly name: string;
  /** A smart object, text or a Background has no pixels that a patch could go into without being lost to it. */
  readonly canMerge = false;

  private readonly memory: Memory;
  private readonly revisions = new Revisions();
  private readonly watching = new Set<() => void>();
  private readonly busy: Busy;
  /** Profiles of which it was told that they are unknown: once is enough. */
  private readonly toldProfiles = new Set<string>();
  private stopListening: (() => void) | null = null;
  /** The last overview: tints are laid over it here, since the panel's pictures have no transparency. */
  private looked: { readonly layer: string; readonly pixels: Raster } | null = null;

  constructor(
    private readonly photoshop: Photoshop,
    private readonly uxp: Uxp,
    private readonly options: PhotoshopHostOptions,
  ) {
    this.name = `Photoshop ${uxp.version}`;
    this.memory = new Memory(uxp.localStorage, () => `photoshop:${hex(options.random(16))}`);
    this.busy = { clock: options.clock, waits: (waiting) => options.waits?.(waiting) };
  }

  async selected(): Promise<Selected> {
    this.memory.keepOnly(Array.from(this.photoshop.app.documents).map(({ id }) => id));
    const document = this.photoshop.app.documents.length === 0 ? null : this.photoshop.app.activeDocument;
    const chosen = chosenLayer(this.memory, document);
    if ("none" in chosen || document === null) {
      return { none: "none" in chosen ? chosen.none : { reason: "No document is open.", hint: "Open a picture." } };
    }
    const stack = stackOf(this.memory, document, chosen.source.id);
    if (stack === null) return { none: { reason: "The layer is gone.", hint: "Select another layer." } };
    return { target: await this.targetOf(stack) };
  }

  async again(target: Target): Promise<Target | null> {
    try {
      return await this.targetOf(this.find(target));
    } catch (error) {
      if (error instanceof HostError && error.code === "gone") return null;
      throw asHostError(error, "read the layer");
    }
  }

  watch(changed: () => void): () => void {
    this.watching.add(changed);
    this.stopListening ??= this.listen();
    return () => {
      this.watching.delete(changed);
      if (this.watching.size > 0) return;
      this.stopListening?.();
      this.stopListening = null;
    };
  }

  async pixels(target: Target, rect_px: Rect, passing = false): Promise<Raster> {
    return this.refusing(async () => {
      const stack = this.find(target);
      const raster = await readShown(this.photoshop, stack, rect_px);
      if (!passing) await this.revisions.took(stack, raster, (part) => readShown(this.photoshop, stack, part));
      return raster;
    });
  }

  async mask(target: Target, source: MaskSource): Promise<Mask | null> {
    if (source.kind !== "selection") return null;
    return this.refusing(async () => {
      const mask = await readSelection(this.photoshop, this.find(target).document);
      return mask === null ? null : trimmed(mask);
    });
  }

  overview(target: Target, sidePx: number): Promise<Picture> {
    return this.refusing(async () => {
      const pixels = await overviewOf(this.photoshop, this.find(target), sidePx);
      this.looked = { layer: layerOf(target), pixels };
      return pictureOf(this.photoshop, pixels);
    });
  }

  picture(pixels: Raster, over?: Target): Promise<Picture> {
    const { looked } = this;
    const shown = over !== undefined && looked?.layer === layerOf(over) ? laidOver(looked.pixels, pixels) : pixels;
    return this.refusing(() => pictureOf(this.photoshop, shown));
  }

  encoded(data: Uint8Array, mime: string, width: number, height: number): Picture {
    return { width, height, url: `data:${mime};base64,${toBase64(data)}` };
  }

  async place(target: Target, placement: Placement): Promise<Placed> {
    const { document } = this.find(target);
    const notes: string[] = [];
    await inOneStep(this.photoshop, this.busy, document.id, placement.name, async () => {
      // Looked up again: while we waited for Photoshop the layer may have gone or changed.
      const stack = this.find(target);
      if ((await this.revisionOf(stack)) !== target.revision) {
        const hint = "Apply the result to the layer as it is now, or run the command again.";
        throw new HostError("changed", `The layer “${target.layerName}” was changed meanwhile.`, hint);
      }
      const record = await carryOut(this.photoshop, stack, placement, notes);
      this.memory.remember(document, stack.source.id, record);
    });
    this.tellProfile(document, notes);
    // Photoshop is silent about what a plugin does itself.
    this.changed();
    return { notes };
  }

  /**
   * Does nothing: every way to show pixels on the canvas makes a history state and a changed document, even when it is
   * taken back. First looks are shown on the panel.
   */
  preview(): Promise<void> {
    return Promise.resolve();
  }

  async references(target: Target): Promise<readonly Reference[]> {
    return this.refusing(async () => {
      const { document, format } = this.find(target);
      const chosen = chosenLayer(this.memory, document);
      const found: Reference[] = [];
      for (const layer of "none" in chosen ? [] : chosen.others) {
        const own = await fromLayer(this.photoshop, document, layer, withAlpha(format), profileFor(document));
        if (own !== null) found.push(own);
      }
      if (found.length > 0) return found;
      for (const file of await this.uxp.chooseFiles()) found.push(await fromFile(this.photoshop, this.busy, file));
      return found;
    });
  }

  async load(key: string): Promise<string | null> {
    if (!isSecret(key)) return this.uxp.localStorage.getItem(key);
    // What is not there, or was wiped with the user's keychain, may also be an error: then one pairs again.
    const bytes = await this.uxp.secureStorage.getItem(key).catch(() => null);
    // Tokens are plain ASCII.
    return bytes === null || bytes === undefined || bytes.length === 0 ? null : String.fromCharCode(...bytes);
  }

  async save(key: string, value: string | null): Promise<void> {
    if (isSecret(key)) {
      if (value === null) await this.uxp.secureStorage.removeItem(key);
      else await this.uxp.secureStorage.setItem(key, value);
    } else if (value === null) this.uxp.localStorage.removeItem(key);
    else this.uxp.localStorage.setItem(key, value);
  }

  /** Photoshop has no passing messages, only dialogs: what goes well is told on the panel alone. */
  notify(text: string, error: boolean): void {
    if (error) void this.photoshop.core.showAlert({ message: text });
  }

  openUrl(url: string): void {
    void this.uxp.openExternal(url);
  }

  /** The target's layer as it is now. Throws `HostError`. */
  private find(target: Target): Stack {
    const document = Array.from(this.photoshop.app.documents).find(
      (one) => this.memory.of(one).key === target.documentKey,
    );
    if (document === undefined) {
      throw new HostError("gone", `“${target.documentTitle}” is closed.`, "Open it again, then apply the result.");
    }
    const stack = stackOf(this.memory, document, Number(target.layerKey));
    if (stack === null) {
      const hint = "Step back in Photoshop's History panel, or apply it to another layer.";
      throw new HostError("gone", `The layer “${target.layerName}” is gone.`, hint);
    }
    return stack;
  }

  private async targetOf(stack: Stack): Promise<Target> {
    const { document, source } = stack;
    return {
      documentKey: this.memory.of(document).key,
      documentTitle: document.title,
      layerKey: String(source.id),
      layerName: source.name,
      size: { width: canvasOf(document).x1, height: canvasOf(document).y1 },
      format: stack.format,
      profile: profileFor(document),
      shown: stack.shown.map(({ record: { version_id, parent_id } }) => ({ version_id, parent_id })),
      masks: maskSources(document),
      revision: await this.revisionOf(stack),
    };
  }

  private revisionOf(stack: Stack): Promise<string> {
    return this.revisions.of(stack, (part) => readShown(this.photoshop, stack, part));
  }

  private tellProfile(document: PsDocument, notes: string[]): void {
    if (document.colorProfileType === "none" || profileFor(document) !== null) return;
    const name = plainName(document.colorProfileName);
    if (this.toldProfiles.has(name)) return;
    this.toldProfiles.add(name);
    notes.push(`Inlay does not know the colour profile “${name}”: light and colour were computed as in sRGB.`);
  }

  private listen(): () => void {
    let stop: (() => void) | null = null;
    const settle = () => {
      stop?.();
      stop = this.options.clock.timer(SETTLES_MS, () => {
        stop = null;
        this.changed();
      });
    };
    void this.photoshop.action.addNotificationListener(EVENTS, settle);
    return () => {
      stop?.();
      void this.photoshop.action.removeNotificationListener(EVENTS, settle);
    };
  }

  private changed(): void {
    for (const tell of [...this.watching]) tell();
  }

  private async refusing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw asHostError(error, "read the layer");
    }
  }
}

function layerOf({ documentKey, layerKey }: Target): string {
  return `${documentKey}/${layerKey}`;
}

function profileFor(document: PsDocument): Uint8Array | null {
  if (document.colorProfileType === "none") return null;
  return profileOf(document.colorProfileName, document.bitsPerChannel === "bitDepth32");
}

function isSecret(key: string): boolean {
  return /token/i.test(key);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
