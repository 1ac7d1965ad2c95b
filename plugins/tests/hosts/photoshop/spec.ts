/** How tests say what a document of the stand-in is. */

import type { Box, Depth, Store } from "./model.ts";

export interface DocumentSpec {
  readonly title?: string;
  /** Null: never saved. */
  readonly path?: string | null;
  readonly width: number;
  readonly height: number;
  readonly depth?: Depth;
  readonly mode?: "RGBColorMode" | "grayscaleMode" | "CMYKColorMode" | "labColorMode" | "indexedColorMode";
  /** Name; null: not colour managed. */
  readonly profile?: string | null;
  /** From the top down. */
  readonly layers: readonly LayerSpec[];
}

export interface LayerSpec {
  readonly name: string;
  /** `pixel` when it is not said; `background`: the Background layer. */
  readonly kind?: "pixel" | "background" | "smartObject" | "text" | "group" | "curves" | "solidColor";
  readonly visible?: boolean;
  readonly opacity?: number;
  readonly blendMode?: "normal" | "multiply";
  readonly clipped?: boolean;
  readonly locked?: boolean;
  /** Where `pixels` lie; the canvas when it is not said. */
  readonly box?: Box;
  /** Colours and alpha (the Background: colours), in Photoshop's own range; 16 bit is 0..32768. */
  readonly pixels?: Store;
  readonly mask?: { readonly box: Box; readonly data: Uint8Array };
  readonly layers?: readonly LayerSpec[];
}
