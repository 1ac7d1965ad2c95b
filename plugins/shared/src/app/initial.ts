/** What the panel shows before anything is known. */

import type { PanelSettings, PanelState } from "./state.ts";

export const DEFAULT_SETTINGS: PanelSettings = {
  placeAs: "layer",
  native: true,
  previewOnCanvas: false,
  variations: 1,
};

export const INITIAL: PanelState = {
  page: "edit",
  connection: { state: "connecting", again: false },
  target: null,
  noTarget: null,
  newer: null,
  mask: null,
  overview: null,
  maskPicture: null,
  references: [],
  typed: [],
  edit: null,
  outcome: null,
  problem: null,
  said: null,
  history: [],
  historyLoading: false,
  selectedVersionId: null,
  compared: null,
  threads: [],
  reviewUrl: null,
  sharing: null,
  settings: DEFAULT_SETTINGS,
};
