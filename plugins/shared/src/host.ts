/**
 * What Inlay needs of a design program. The Figma plugin and the Photoshop plugin each give one `Host`; all else
 * (talking to the bridge, deciding what is sent, the panel) is shared and knows only this.
 *
 * Pixels are in the layer's own space: the image at its original resolution in Figma, the document's canvas in
 * Photoshop. What the program shows is the source with Inlay's patches above it; each patch is native (a rectangle,
 * a layer) and says which version it shows. The program is the truth: before each edit it is read anew.
 */

import type { VersionInfo } from "./protocol/messages.ts";
import type { Format, Mask, Raster } from "./pixels/raster.ts";
import type { Rect, Size } from "./pixels/rect.ts";

/** One way to say where: with what is drawn or selected in the program, by hand on the panel, or everywhere. */
export interface MaskSource {
  /** `selection`: the program's own (Photoshop); `shapes`: drawn over the image (Figma); `brush`: painted on the panel. */
  readonly kind: "selection" | "shapes" | "brush" | "whole";
  /** For people: “2 shapes over the image”. */
  readonly label: string;
  /** Where it is, when that is known without reading it. */
  readonly rect_px: Rect | null;
}

/** A patch that the program shows above the source, and the version that the layer shows with it. */
export interface Shown {
  readonly version_id: string;
  /** The version that the layer showed beneath it. */
  readonly parent_id: string | null;
}

/** The layer that the next command is for. Values, not handles: it may be gone when it is used again. */
export interface Target {
  /** The document's key at the bridge; the same in every session. */
  readonly documentKey: string;
  readonly documentTitle: string;
  /** The layer's key at the bridge; the same in every session. */
  readonly layerKey: string;
  readonly layerName: string;
  readonly size: Size;
  readonly format: Format;
  /** ICC profile; null: sRGB. */
  readonly profile: Uint8Array | null;
  /** Lowest first; empty: the source alone is shown. */
  readonly shown: readonly Shown[];
  /** What may be the mask now, the likeliest first. */
  readonly masks: readonly MaskSource[];
  /** Other when the source's pixels or Inlay's patches of it have changed. */
  readonly revision: string;
}

/** Why there is nothing to edit, in words for people: “Select one image.” */
export interface NoTarget {
  readonly reason: string;
  readonly hint: string;
}

export type Selected = { readonly target: Target } | { readonly none: NoTarget };

/** A version's pixels, ready to be shown. */
export interface PlacedPatch {
  readonly version_id: string;
  readonly parent_id: string | null;
  /** For names in the layers panel: the words of the edit. */
  readonly text: string;
  /**
   * The pixels of `pixels.rect_px` as the layer shows them in this version; where `mask` is 0 they are not meant and
   * must not be shown. Feathers are in the pixels already: a mask of 1 or more shows them fully. With `canvas` the
   * pixels are the whole layer in its new size and format, and mask is null.
   */
  readonly pixels: Raster;
  readonly mask: Mask | null;
  readonly canvas: Canvas | null;
  /** What the program can set itself instead of pixels (letters, placed pictures), lowest first; may be empty. */
  readonly layers: VersionInfo["layers"];
  /** The pictures that `layers` place, by their number from 1. */
  readonly references: readonly Reference[];
}

/** What the layer is from this version on: old pixel (x, y) is now at (x0 + scale·x, y0 + scale·y). */
export interface Canvas {
  readonly size: Size;
  readonly format: Format;
  readonly x0: number;
  readonly y0: number;
  readonly scale: number;
}

/** A picture that goes with a command. */
export interface Reference {
  readonly name: string;
  readonly size: Size;
  readonly format: Format;
  readonly profile: Uint8Array | null;
  readonly pixels: Raster;
}

/** One change of the document: patches to take away, then one to put on top. One step of the program's own undo. */
export interface Placement {
  /** Name of the undo step: “Inlay: remove this”. */
  readonly name: string;
  /** Versions whose patches go. */
  readonly remove: readonly string[];
  readonly put: PlacedPatch | null;
  /** `layer`: a native layer above the source. `merge`: into the source itself, where the program can (Figma). */
  readonly as: "layer" | "merge";
  /** Set letters and placed pictures as native layers. */
  readonly native: boolean;
}

/** What happened that people should know: “The font Inter Bold is not here; the text was placed as a picture.” */
export interface Placed {
  readonly notes: readonly string[];
}

/** A small picture for the panel. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** For <img src>. */
  readonly url: string;
}

export interface Host {
  readonly kind: "figma" | "photoshop";
  /** Name for the bridge: “Figma”, “Photoshop 26.1”. */
  readonly name: string;
  /** Whether `place` can merge into the source. */
  readonly canMerge: boolean;

  /** What is selected now. Never throws for what people can do: that is a `NoTarget`. */
  selected(): Promise<Selected>;
  /** The same layer as it is now, whatever is selected; null when it is gone. */
  again(target: Target): Promise<Target | null>;
  /** Calls back, not too often, when another thing is selected or the layer changed. Returns how to stop. */
  watch(changed: () => void): () => void;

  /**
   * The layer as it is shown (source and Inlay's patches) in a part of it, exactly. Throws `HostError`. `passing`: nothing
   * that is placed later is made of it, so whether it changes need not be known.
   */
  pixels(target: Target, rect_px: Rect, passing?: boolean): Promise<Raster>;
  /** The mask that a source gives, cut to its box; null when it selects nothing. Not called for `brush` and `whole`. */
  mask(target: Target, source: MaskSource): Promise<Mask | null>;
  /**
   * An edit of the target begins with this mask, one of the target's `masks` as it was given; null: without what is
   * drawn or selected, or the edit has ended with nothing to place. Programs in which marks are nodes (Figma) hide these,
   * and no others, with the first placement that puts a version which the layer has not shown before.
   */
  edits?(target: Target, source: MaskSource | null): void;
  /** A picture of the layer for the panel, its longer side at most `sidePx`. */
  overview(target: Target, sidePx: number): Promise<Picture>;
  /**
   * Raw 8 bit RGB or RGBA as something that <img> shows. `over`: it is laid over this target's overview; where the
   * program's pictures cannot be transparent, the overview shows through because it is in the picture too.
   */
  picture(pixels: Raster, over?: Target): Promise<Picture>;
  /** Encoded bytes (JPEG, PNG) as something that <img> shows. */
  encoded(data: Uint8Array, mime: string, width: number, height: number): Picture;

  /**
   * Changes the document in one undo step, or not at all. Throws `HostError`; `changed` when the layer is not as
   * `target.revision` says any more: what was made is offered then, not forced.
   */
  place(target: Target, placement: Placement): Promise<Placed>;
  /**
   * Shows a first look above the layer, in place, without an undo step; null takes it away. 8 bit RGB or straight RGBA;
   * `rect_px` begins where it belongs in the layer, and each sample stands for `scale` × `scale` of its pixels.
   */
  preview(target: Target, pixels: Raster | null, scale: number): Promise<void>;

  /** Asks for pictures to go with a command: what is selected beside the target, or files. */
  references(target: Target): Promise<readonly Reference[]>;

  /** The plugin's own small storage. Values survive the program's restart. */
  load(key: string): Promise<string | null>;
  save(key: string, value: string | null): Promise<void>;

  /** Says something outside the panel, where the program can (Figma's notification); `error`: as something wrong. */
  notify(text: string, error: boolean): void;
  /** Opens an address in the browser. */
  openUrl(url: string): void;
}

/** What a program refused, in words for people. */
export class HostError extends Error {
  /**
   * @param code `gone` (the layer is not there any more), `changed`, `modal` (the program is in a dialog), `too_large`,
   *   `locked`, `font`, `failed`.
   */
  constructor(
    readonly code: "gone" | "changed" | "modal" | "too_large" | "locked" | "font" | "failed",
    message: string,
    readonly hint: string,
  ) {
    super(message);
    this.name = "HostError";
  }
}
