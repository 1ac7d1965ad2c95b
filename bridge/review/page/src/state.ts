/** All that the page shows, as one immutable value. */

import type { Connection, Problem } from "../../../../plugins/shared/src/app/state.ts";
import type {
  ApprovalInfo,
  DocumentInfo,
  InviteInfo,
  LayerInfo,
  MemberInfo,
  ModelInfo,
  PlaceInfo,
  PresentInfo,
  StateIs,
} from "../../../../plugins/shared/src/protocol/messages.ts";
import { NOTHING_TAKEN, type TakeState } from "./take.ts";
import { type Comparing, NOT_YET } from "./comparing.ts";
import { SILENCE, type Talk } from "./threads.ts";
import type { Numbered } from "./versions.ts";

export type Box = readonly [number, number, number, number];

/** An encoded picture and the part of the layer that it shows. */
export interface Shot {
  readonly url: string;
  readonly width: number;
  readonly height: number;
  readonly rect_px: Box;
}

export interface PageState {
  readonly connection: Connection;
  /** Why nothing can be shown: not let in, or no such document. */
  readonly refused: Problem | null;
  readonly me: string | null;
  readonly document: DocumentInfo | null;
  readonly layers: readonly LayerInfo[];
  readonly layer_id: string | null;
  /** Of the layer, oldest first: the newest are here first, at last all `version_total`. */
  readonly versions: readonly Numbered[];
  readonly version_total: number;
  readonly head_id: string | null;
  readonly version_id: string | null;
  readonly comparing: Comparing;
  readonly talk: Talk;
  /** Where comments that are shown are in the chosen version, by comment. */
  readonly places: ReadonlyMap<string, PlaceInfo>;
  readonly approvals: readonly ApprovalInfo[];
  readonly stands: StateIs | null;
  readonly members: readonly MemberInfo[];
  /** The open models that Inlay knows, on the bridge's machine or not; null: not told yet. */
  readonly models: readonly ModelInfo[] | null;
  /** null: not the owner's to see. */
  readonly invites: readonly InviteInfo[] | null;
  /** A place that is marked for the next comment, in the chosen version. */
  readonly mark: Box | null;
  readonly pinning: boolean;
  /** Who is here now, oneself too. */
  readonly here: readonly PresentInfo[];
  /** Whom one follows: what they look at is shown. */
  readonly following: string | null;
  readonly thread_id: string | null;
  readonly take: TakeState;
  /** The keys of the page are shown. */
  readonly helping: boolean;
  readonly problem: Problem | null;
  /** A short word on what happened: “Connected again.” */
  readonly said: string | null;
}

export const INITIAL: PageState = {
  connection: { state: "connecting", again: false },
  refused: null,
  me: null,
  document: null,
  layers: [],
  layer_id: null,
  versions: [],
  version_total: 0,
  head_id: null,
  version_id: null,
  comparing: NOT_YET,
  talk: SILENCE,
  places: new Map(),
  approvals: [],
  stands: null,
  members: [],
  models: null,
  invites: null,
  mark: null,
  pinning: false,
  here: [],
  following: null,
  thread_id: null,
  take: NOTHING_TAKEN,
  helping: false,
  problem: null,
  said: null,
};
