/** What the frame asks the main thread, what the main thread tells the frame. Plain data; bytes go beside it. */

import type { MaskSource, NoTarget, Shown } from "../../../shared/src/host.ts";
import type { VersionInfo } from "../../../shared/src/protocol/messages.ts";
import type { Rect, Size } from "../../../shared/src/pixels/rect.ts";
import type { Affine, Point } from "./affine.ts";
import type { Change } from "./regrow.ts";

/** A piece of an overlay: its picture's pixel (0, 0) is the layer's pixel (x, y). */
export interface Piece {
  readonly hash: string;
  readonly x: number;
  readonly y: number;
}

/** What lies over the source, lowest first: pictures of patches, or nodes that must be rendered to be seen. */
export type Over =
  | { readonly kind: "pixels"; readonly pieces: readonly Piece[] }
  | { readonly kind: "nodes"; readonly ids: readonly string[] };

export interface SourceInfo {
  readonly documentKey: string;
  readonly documentTitle: string;
  readonly layerKey: string;
  readonly layerName: string;
  readonly imageHash: string;
  readonly size: Size;
  readonly shown: readonly Shown[];
  readonly over: readonly Over[];
  readonly revision: string;
  /** Why patches cannot lie above the source, for people; null: they can. */
  readonly noOverlay: string | null;
  /** The image is repeated: a patch must be a picture of the whole image. */
  readonly whole: boolean;
}

/** The selection: an image, and what marks a part of it. */
export interface SelectedInfo {
  readonly source: SourceInfo;
  /** None or one. */
  readonly masks: readonly Shapes[];
}

/** The shapes over an image, with their nodes' ids: the mask is made of what was offered, whatever is selected by then. */
export interface Shapes extends MaskSource {
  readonly kind: "shapes";
  readonly marks: readonly string[];
}

/** Something drawn over the image: an outline in page space, or the picture of a node (the n-th of the bytes). */
export type MaskPart =
  | { readonly kind: "outline"; readonly points: readonly Point[] }
  | { readonly kind: "picture"; readonly toPicture: Affine };

export interface MaskParts {
  readonly size: Size;
  /** Image px → page, for every repetition that can be seen. */
  readonly toPage: readonly Affine[];
  readonly parts: readonly MaskPart[];
}

/** A node's picture. */
export interface Rendered {
  /** Image px → pixels of the picture. */
  readonly toPicture: Affine;
}

export interface PutInfo {
  readonly version_id: string;
  readonly parent_id: string | null;
  readonly text: string;
  /** `layer`: the bytes are PNGs of these places · `merge`, `canvas`: one PNG, the whole image. */
  readonly as: "layer" | "merge" | "canvas";
  readonly places: readonly { readonly x: number; readonly y: number; readonly size: Size }[];
  readonly canvas: Change | null;
  /** To be set as native nodes instead of the pixels; pictures are bytes after those of `places`. */
  readonly layers: VersionInfo["layers"];
}

export interface PlaceInfo {
  readonly layerKey: string;
  /** How the layer was when the patch was made for it. */
  readonly revision: string;
  readonly remove: readonly string[];
  readonly put: PutInfo | null;
}

export interface PlacedInfo {
  readonly notes: readonly string[];
  /** The native layers could not be set; nothing was changed, the picture must be placed. */
  readonly failedNative: boolean;
}

export type Asks = {
  readonly hello: { ask: null; answer: { readonly run: Run } };
  readonly selected: { ask: null; answer: { readonly selected: SelectedInfo } | { readonly none: NoTarget } };
  /** As it is now, and as it would be without these versions. */
  readonly source: { ask: { readonly layerKey: string; readonly without: readonly string[] }; answer: SourceInfo };
  readonly image: { ask: { readonly hash: string }; answer: Size };
  readonly render: { ask: { readonly layerKey: string; readonly id: string }; answer: Rendered | null };
  readonly mask: { ask: { readonly layerKey: string; readonly marks: readonly string[] }; answer: MaskParts };
  /** An edit begins that these shapes mark; its result hides them. */
  readonly edits: { ask: { readonly layerKey: string; readonly marks: readonly string[] }; answer: null };
  readonly place: { ask: PlaceInfo; answer: PlacedInfo };
  readonly preview: {
    ask: { readonly layerKey: string; readonly rect_px: Rect | null };
    answer: null;
  };
  readonly references: { ask: { readonly layerKey: string }; answer: readonly { name: string; hash: string }[] };
  readonly load: { ask: { readonly key: string }; answer: string | null };
  readonly save: { ask: { readonly key: string; readonly value: string | null }; answer: null };
  readonly notify: {
    ask: { readonly text: string; readonly error: boolean; readonly sticky: boolean };
    answer: null;
  };
  readonly open: { ask: { readonly url: string }; answer: null };
  /** Shows a panel that was hidden. */
  readonly show: { ask: null; answer: null };
  readonly close: { ask: { readonly say: string | null; readonly error: boolean }; answer: null };
};

/** Why the plugin was opened. `hidden`: no panel, a quick action with words. */
export interface Run {
  readonly command: "open" | "edit" | "remove" | "undo" | "history";
  readonly text: string;
  readonly hidden: boolean;
}

/** Where the panel's storage keeps what was typed: a JSON array, newest first; suggested in quick actions. */
export const TYPED_KEY = "typed";

/** The main thread asks nothing. */
export type NoAsks = Readonly<Record<string, { ask: never; answer: never }>>;
