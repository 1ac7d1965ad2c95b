/** Made-up states of the panel, one for each thing it can show, for looking and for tests. */

import { INITIAL } from "../../shared/src/app/initial.ts";
import type { VersionInfo } from "../../shared/src/protocol/messages.ts";
import type { CommentInfo } from "../../shared/src/protocol/messages.ts";
import type { Picture, Target } from "../../shared/src/host.ts";
import type { Candidate, PanelState, Problem, RunningEdit, Thread, VersionRow } from "../../shared/src/app/state.ts";
import { lanes } from "../../shared/src/app/lanes.ts";
import { rect } from "../../shared/src/pixels/rect.ts";

/** 27 November 2026, 15:30 local time: the clock of every state. */
export const NOW_MS = new Date(2026, 10, 27, 15, 30).getTime();
const MINUTE_MS = 60_000;

export interface Pictures {
  /** A layer as it looks, the tint of what is selected in it, and with that removed. */
  readonly photo: Picture;
  readonly tint: Picture;
  readonly removed: Picture;
  /** Another layer and three ways in which its ground was filled. */
  readonly cup: Picture;
  readonly fills: readonly [Picture, Picture, Picture];
}

export function version(id: string, parent: string | null, fields: Partial<VersionInfo> = {}): VersionInfo {
  return {
    version_id: id,
    parent_id: parent,
    kind: parent === null ? "source" : "edit",
    state: "landed",
    rect_px: [980, 340, 1320, 760],
    text: parent === null ? "" : "remove this",
    says: [],
    model: parent === null ? "" : "exemplar",
    weights_hash: "",
    device: "cpu",
    seed: parent === null ? null : 48213,
    author: "Mia",
    created_at: new Date(NOW_MS - 3 * MINUTE_MS).toISOString(),
    engine_s: parent === null ? 0 : 3.2,
    notes: [],
    canvas: null,
    layers: [],
    ...fields,
  };
}

const WORDS = [
  "remove this",
  "make the sky darker",
  "fill with brick wall",
  "replace the background with a summer beach and keep the soft shadow under the table as it is now",
  "write “Summer sale” at the top in bold white",
  "blur the background",
  "another one",
] as const;
const AUTHORS = ["Mia", "Jonas", "Aleksandra Wiśniewska-Kowalczyk"] as const;

/** Versions oldest first, as the bridge lists them, with branches. */
export function versionTree(count: number): VersionInfo[] {
  const all: VersionInfo[] = [version("v0", null, { author: "Mia", created_at: ago(count * 7 + 60) })];
  for (let index = 1; index < count; index++) {
    // Each fifth leaves the line before the last one; the next goes on with the line again.
    const back = index % 5 === 4 ? 3 : index % 5 === 0 && index > 4 ? 2 : 1;
    all.push(
      version(`v${index}`, `v${Math.max(0, index - back)}`, {
        text: WORDS[index % WORDS.length] ?? "",
        says: ["Do what the words say, and leave the rest as it is."],
        state: index === 9 ? "candidate" : "landed",
        author: AUTHORS[index % 7 === 3 ? 2 : index % 3 === 1 ? 1 : 0],
        model: index % 4 === 2 ? "nano" : "exemplar",
        seed: 1000 + index * 37,
        created_at: ago((count - index) * 7),
      }),
    );
  }
  return all;
}

function ago(minutes: number): string {
  return new Date(NOW_MS - minutes * MINUTE_MS).toISOString();
}

export function rowsOf(versions: readonly VersionInfo[], headId: string, pictures: readonly Picture[]): VersionRow[] {
  const shown = new Set<string>();
  const byId = new Map(versions.map((one) => [one.version_id, one]));
  for (let at = byId.get(headId); at !== undefined; at = byId.get(at.parent_id ?? "")) shown.add(at.version_id);
  return lanes(versions, headId).map(({ version: one, lane }, index) => ({
    version: one,
    lane,
    isHead: one.version_id === headId,
    isShown: shown.has(one.version_id),
    picture: pictures[index % Math.max(1, pictures.length)] ?? null,
    openComments: index === 2 ? 2 : 0,
    approvals:
      index === 3
        ? [
            {
              approval_id: "a1",
              document_id: "d1",
              layer_id: "l1",
              version_id: one.version_id,
              person_id: "p2",
              author: "Jonas",
              verdict: "approved",
              text: "",
              created_at: ago(2),
            },
          ]
        : index === 5
          ? [
              {
                approval_id: "a2",
                document_id: "d1",
                layer_id: "l1",
                version_id: one.version_id,
                person_id: "p2",
                author: "Jonas",
                verdict: "changes_requested",
                text: "",
                created_at: ago(2),
              },
            ]
          : [],
  }));
}

export const TARGET: Target = {
  documentKey: "figma:1",
  documentTitle: "Launch page",
  layerKey: "1:2",
  layerName: "hero-photograph.jpg",
  size: { width: 3000, height: 2000 },
  format: { depth: "u8", channels: 3, alpha: "none" },
  profile: null,
  shown: [],
  masks: [
    { kind: "shapes", label: "2 shapes over the image", rect_px: rect(1470, 590, 1710, 1930) },
    { kind: "brush", label: "Brush", rect_px: null },
    { kind: "whole", label: "Whole image", rect_px: null },
  ],
  revision: "1",
};

const LONG = "IMG_2026-11-27_hero-photograph_final_FINAL_v12 (copy) exported for the autumn campaign.psd";

export function empty(): PanelState {
  return {
    ...INITIAL,
    connection: { state: "ready", person: "Mia", bridge: "Inlay 0.5.0" },
    noTarget: { reason: "Nothing is selected.", hint: "Select one image. Shapes drawn over it say where to edit." },
    reviewUrl: "http://localhost:9417/review",
  };
}

function offline(problem: Problem, retryInS: number | null): PanelState {
  return { ...empty(), connection: { state: "offline", problem, retryInS } };
}

const START = "Start it with `inlay serve`.";

export function running(fields: Partial<RunningEdit> = {}): RunningEdit {
  return {
    edit_id: "e1",
    text: "remove this, then make the sky a little darker",
    layerName: "hero-photograph.jpg",
    says: ["Remove what is selected and go on with what is around it.", "Darken the sky, keeping its colour."],
    position: 0,
    stage: "filling",
    fraction: 0.42,
    preview: null,
    away: false,
    cancelling: false,
    ...fields,
  };
}

export function comment(id: string, fields: Partial<CommentInfo> = {}): CommentInfo {
  return {
    comment_id: id,
    document_id: "d",
    layer_id: "l",
    version_id: "v7",
    reply_to: null,
    rect_px: null,
    text: "The left tower is a little soft where the rocket stood.",
    author: "Jonas",
    person_id: "p2",
    created_at: ago(24),
    changed_at: null,
    resolved_by: null,
    resolved_at: null,
    mentions: [],
    ...fields,
  };
}

const THREADS: readonly Thread[] = [
  {
    root: comment("c1", { rect_px: [980, 340, 1320, 760] }),
    replies: [
      comment("c2", { author: "Mia", text: "True. I will try it with a smaller selection.", created_at: ago(11) }),
    ],
  },
  {
    root: comment("c3", {
      author: "Aleksandra Wiśniewska-Kowalczyk",
      text: "Can we keep the warm light at the bottom?\nIt is what makes the picture.",
      created_at: ago(200),
    }),
    replies: [],
  },
  {
    root: comment("c4", { text: "Crop is fine.", resolved_by: "Mia", resolved_at: ago(5), created_at: ago(1500) }),
    replies: [],
  },
];

/** Every state by name. */
export function states(pictures: Pictures): Readonly<Record<string, PanelState>> {
  const { photo, tint, removed, cup, fills } = pictures;
  const base = empty();
  const shapes = TARGET.masks[0];
  const whole = TARGET.masks[2];
  if (shapes === undefined || whole === undefined) throw new Error("The target has masks.");
  const ready: PanelState = {
    ...base,
    target: TARGET,
    noTarget: null,
    mask: { source: shapes, mask: null },
    overview: photo,
    maskPicture: tint,
    typed: ["make the sky darker", "remove the sign on the left"],
  };
  const candidate = (id: string, picture: Picture | null, shown: boolean): Candidate => ({
    version: version(id, "v0", { model: "nano", state: shown ? "landed" : "candidate", text: "fill with marble" }),
    picture,
    shown,
  });
  const four = [cup, ...fills].map((picture, index) => candidate(`c${index}`, picture, index === 1));
  const done: PanelState = {
    ...ready,
    outcome: {
      text: "remove this",
      says: ["Remove what is selected and go on with what is around it."],
      notes: [],
      seconds: 3.24,
      candidates: [{ version: version("v1", "v0"), picture: removed, shown: true }],
      state: "placed",
      why: null,
    },
  };
  const tree = versionTree(14);
  const history = rowsOf(tree, "v12", [removed, photo, fills[0], fills[1], cup, fills[2]]);
  const inHistory: PanelState = { ...ready, page: "history", history };
  const third = history[2]?.version ?? version("v1", "v0");
  const chosen: PanelState = {
    ...inHistory,
    selectedVersionId: third.version_id,
    compared: { version: third, before: photo, after: removed },
  };
  return {
    connecting: { ...base, connection: { state: "connecting", again: false } },
    "offline-not-running": offline({ code: "not_running", message: "The bridge is not running.", hint: START }, 8),
    "offline-port": offline(
      {
        code: "port_taken",
        message: "Another program holds port 9417, which is Inlay's.",
        hint: "`inlay doctor` says which. End it, then start `inlay serve`.",
      },
      30,
    ),
    "offline-blocked": offline(
      {
        code: "blocked",
        message: "The browser does not let this page talk to programs on your machine.",
        hint: "Allow “Local network access” for this site in the browser's site settings, or use the Figma desktop app.",
      },
      15,
    ),
    "offline-versions": offline(
      {
        code: "version",
        message: "This plugin and the bridge speak different versions.",
        hint: "Update Inlay: `python -m pip install --upgrade inlay`.",
      },
      null,
    ),
    pairing: { ...base, connection: { state: "pairing", problem: null, busy: false } },
    "pairing-wrong": {
      ...base,
      connection: {
        state: "pairing",
        problem: {
          code: "pairing_failed",
          message: "This code is not the right one.",
          hint: "Look at it again: it changes after ten minutes.",
        },
        busy: false,
      },
    },
    empty: base,
    ready,
    "ready-long": {
      ...ready,
      target: {
        ...TARGET,
        layerName: LONG,
        format: { depth: "u16", channels: 4, alpha: "straight" },
        size: { width: 16384, height: 12288 },
      },
      mask: { source: whole, mask: null },
      maskPicture: null,
      references: ["logo.png", "a-very-long-name-of-a-picture-for-the-autumn-campaign.png"],
      newer: version("v9", "v1", { author: "Jonas", text: "blur the background" }),
    },
    "ready-said": { ...ready, said: "Undone.", typed: [] },
    "ready-brush": {
      ...ready,
      mask: { source: { kind: "brush", label: "Brush", rect_px: null }, mask: null },
      maskPicture: null,
    },
    brush: {
      ...ready,
      mask: { source: { kind: "brush", label: "Brush", rect_px: null }, mask: null },
      maskPicture: null,
    },
    running: { ...ready, edit: running() },
    "running-queued": { ...ready, edit: running({ position: 2, fraction: 0, says: [], stage: "" }) },
    "running-preview": {
      ...ready,
      edit: running({
        preview: { picture: removed, rect_px: rect(0, 0, 3000, 2000) },
        fraction: 0.78,
        stage: "painting",
      }),
    },
    "running-elsewhere": { ...base, edit: running() },
    "running-away": {
      ...ready,
      connection: { state: "connecting", again: true },
      edit: running({ away: true }),
    },
    done,
    candidates: {
      ...ready,
      overview: cup,
      maskPicture: null,
      outcome: {
        text: "fill with marble",
        says: ["Fill the ground with marble."],
        notes: ["the font Inter Bold is not here; the text was placed as a picture"],
        seconds: 12.6,
        candidates: four,
        state: "placed",
        why: null,
      },
    },
    offered: {
      ...done,
      outcome: {
        text: "remove this",
        says: ["Remove what is selected and go on with what is around it."],
        notes: [],
        seconds: 3.24,
        candidates: [{ version: version("v1", "v0"), picture: removed, shown: false }],
        state: "offered",
        why: {
          code: "changed",
          message: "The layer was changed while the edit ran.",
          hint: "Look at the result, then apply it or start again.",
        },
      },
    },
    problem: {
      ...ready,
      problem: {
        code: "selection_needed",
        message: "“remove this” needs a selection.",
        hint: "Select the thing to change, then type the words again, or try `inlay doctor`.",
      },
    },
    "history-empty": { ...ready, page: "history" },
    history: inHistory,
    "history-chosen": chosen,
    "history-head": { ...chosen, selectedVersionId: "v12", compared: null },
    comments: { ...chosen, page: "comments", threads: THREADS, sharing: 0.42 },
    "comments-empty": { ...chosen, page: "comments" },
    settings: { ...ready, page: "settings" },
  };
}
