/** All that the panel shows, as one immutable value. `App` makes a new one at each change; views only read it. */

import type { ApprovalInfo, CommentInfo, VersionInfo } from "../protocol/messages.ts";
import type { MaskSource, NoTarget, Picture, Target } from "../host.ts";
import type { Mask } from "../pixels/raster.ts";
import type { Rect } from "../pixels/rect.ts";

/** Something that went wrong: what happened, and what to do next. `code` is the bridge's, or one of ours. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** offline: no bridge (`problem` says why; `retryInS`: seconds to the next try) · pairing: it wants a code · ready. */
export type Connection =
  | { readonly state: "connecting"; readonly again: boolean }
  | { readonly state: "offline"; readonly problem: Problem; readonly retryInS: number | null }
  | { readonly state: "pairing"; readonly problem: Problem | null; readonly busy: boolean }
  | { readonly state: "ready"; readonly person: string; readonly bridge: string };

export interface RunningEdit {
  readonly edit_id: string;
  readonly text: string;
  readonly layerName: string;
  /** The plan in plain words; empty until it is there. */
  readonly says: readonly string[];
  /** Place in line; 0 is running. */
  readonly position: number;
  readonly stage: string;
  /** 0..1 of all candidates. */
  readonly fraction: number;
  readonly preview: { readonly picture: Picture; readonly rect_px: Rect } | null;
  /** The connection was lost; the edit goes on at the bridge. */
  readonly away: boolean;
  readonly cancelling: boolean;
}

/** One of several results to choose from. */
export interface Candidate {
  readonly version: VersionInfo;
  readonly picture: Picture | null;
  /** It is what the document shows now. */
  readonly shown: boolean;
}

/** The result of the last edit, until the next one or until it is put away. */
export interface Outcome {
  readonly text: string;
  readonly says: readonly string[];
  /** Remarks of the engine and the program. */
  readonly notes: readonly string[];
  readonly seconds: number;
  readonly candidates: readonly Candidate[];
  /**
   * placed: it is in the document · offered: it is not, since the layer is gone or changed meanwhile, or somebody's
   * edit meets it; `why` says which · discarded.
   */
  readonly state: "placed" | "offered" | "discarded";
  readonly why: Problem | null;
}

/** A node of the version tree, in the order in which it is drawn: newest first, branches indented. */
export interface VersionRow {
  readonly version: VersionInfo;
  /** Column of the branch, 0 for the head's own line. */
  readonly lane: number;
  readonly isHead: boolean;
  /** The document shows it, or has it beneath what it shows. */
  readonly isShown: boolean;
  readonly picture: Picture | null;
  readonly openComments: number;
  readonly approvals: readonly ApprovalInfo[];
}

/** A version looked at before and after. */
export interface Compared {
  readonly version: VersionInfo;
  readonly before: Picture | null;
  readonly after: Picture | null;
}

export interface Thread {
  readonly root: CommentInfo;
  readonly replies: readonly CommentInfo[];
}

export interface MaskChoice {
  readonly source: MaskSource;
  /** The brush's, or what was read for showing; null when it has not been read. */
  readonly mask: Mask | null;
}

export interface PanelSettings {
  /** Results as layers above the image, or merged into it. */
  readonly placeAs: "layer" | "merge";
  /** Letters and placed pictures as native layers. */
  readonly native: boolean;
  /** First looks on the canvas too. */
  readonly previewOnCanvas: boolean;
  /** Results to choose from. */
  readonly variations: number;
}

export type Page = "edit" | "history" | "comments" | "settings";

export interface PanelState {
  readonly page: Page;
  readonly connection: Connection;
  readonly target: Target | null;
  readonly noTarget: NoTarget | null;
  /** Somebody else's version that the document does not show yet, and that can be brought in. */
  readonly newer: VersionInfo | null;
  readonly mask: MaskChoice | null;
  /** The target as it looks, its longer side some 640 pixels; null until it is there. */
  readonly overview: Picture | null;
  /** What is selected as a tint over `overview` (app/tint.ts), shown before it is sent; null: all of it, or not read yet. */
  readonly maskPicture: Picture | null;
  /** Pictures that go with the next command, by name; their numbers are “image 1” and so on. */
  readonly references: readonly string[];
  /** What was typed before, newest first. */
  readonly typed: readonly string[];
  /** The one that runs; a panel runs one at a time. */
  readonly edit: RunningEdit | null;
  readonly outcome: Outcome | null;
  /** What the last action could not do. */
  readonly problem: Problem | null;
  /** A short word that something went well: “Undone.” */
  readonly said: string | null;
  readonly history: readonly VersionRow[];
  readonly historyLoading: boolean;
  /** The version that the history and the comments look at. */
  readonly selectedVersionId: string | null;
  readonly compared: Compared | null;
  readonly threads: readonly Thread[];
  /** The page of this document in the browser; null until the layer is open at the bridge. */
  readonly reviewUrl: string | null;
  /** How much of a layer's whole picture is shared by now, 0..1; null: nothing is being shared. */
  readonly sharing: number | null;
  readonly settings: PanelSettings;
}

/** All that a person can do on the panel. They do not throw: what goes wrong becomes `problem`. */
export interface Actions {
  connect(): Promise<void>;
  pair(code: string): Promise<void>;
  forget(): Promise<void>;
  go(page: Page): void;
  run(text: string): Promise<void>;
  cancel(): Promise<void>;
  again(): Promise<void>;
  undo(): Promise<void>;
  redo(): Promise<void>;
  /** Show this candidate instead. */
  apply(version_id: string): Promise<void>;
  /** Take the result away, and the versions with it from the head. */
  discard(): Promise<void>;
  /** Puts the result's card away. */
  dismiss(): void;
  /** Puts away what is said of the last action; a result stays. */
  hush(): void;
  /** Bring `newer` in. */
  bringIn(): Promise<void>;
  chooseMask(source: MaskSource): Promise<void>;
  /** The brush's mask; null clears it. */
  paint(mask: Mask | null): void;
  addReferences(): Promise<void>;
  removeReference(number: number): void;
  refreshHistory(): Promise<void>;
  selectVersion(version_id: string): Promise<void>;
  restore(version_id: string): Promise<void>;
  /** Whether it is said; a draft is kept until then. */
  comment(text: string, replyTo: string | null): Promise<boolean>;
  resolve(comment_id: string, resolved: boolean): Promise<void>;
  /** Opens the page in the browser, and shares the layer's whole picture with those who look at it there. */
  openReview(): void;
  stopSharing(): void;
  set(settings: Partial<PanelSettings>): Promise<void>;
}
