/** The layer's versions on the panel: the tree, pictures, comparing, undo, restore. */

import { type ApprovalInfo, type CommentInfo, PAGE_COMMENTS, type VersionInfo } from "../protocol/messages.ts";
import { BridgeError } from "../bridge/errors.ts";
import type { Picture } from "../host.ts";
import type { Comments } from "./comments.ts";
import type { Context } from "./context.ts";
import { lanes } from "./lanes.ts";
import type { Layers, OpenTarget } from "./layers.ts";
import type { Placing } from "./placing.ts";
import type { VersionRow } from "./state.ts";
import { lineage } from "./way.ts";

const THUMB_PX = 96;
const COMPARE_PX = 640;
/** Newest rows whose pictures are asked for; older ones get theirs when they are selected. */
const MOST_THUMBS = 60;
/** Pictures kept, by version and size. */
const MOST_PICTURES = 400;

export class History {
  private readonly pictures = new Map<string, Picture | null>();
  private loading = 0;

  constructor(
    private readonly common: Context,
    private readonly layers: Layers,
    private readonly placing: Placing,
    private readonly comments: Comments,
  ) {}

  /** Reads the tree, the verdicts and how much is said of each version; pictures follow as they come. */
  async refresh(): Promise<void> {
    const { store } = this.common;
    const turn = ++this.loading;
    const selected = await this.layers.refresh();
    if ("none" in selected) return;
    store.set({ historyLoading: true });
    try {
      const open = await this.layers.open(selected.target);
      const comments = await this.comments.read(open);
      const approvals = await this.approvals(open);
      if (turn !== this.loading) return;
      this.show(open, comments, approvals);
    } finally {
      if (turn === this.loading) store.set({ historyLoading: false });
    }
    void this.thumbs(turn);
  }

  /** Looks at a version: before, after, and what was said of it. */
  async select(version_id: string): Promise<void> {
    const { store } = this.common;
    store.set({ selectedVersionId: version_id });
    const row = store.get().history.find((other) => other.version.version_id === version_id);
    if (row === undefined || row.version.kind === "source") {
      store.set({ compared: null });
      return;
    }
    const { version } = row;
    store.set({ compared: { version, before: null, after: null } });
    const before = await this.picture(version, "before", COMPARE_PX);
    const after = await this.picture(version, "after", COMPARE_PX);
    if (store.get().selectedVersionId === version_id) store.set({ compared: { version, before, after } });
  }

  /** Makes a version the head, and shows it. */
  async restore(version_id: string): Promise<void> {
    const open = await this.open();
    await this.common.bridge.restore(version_id);
    const at = open.tree.versions.find((version) => version.version_id === version_id);
    const name = at === undefined || at.kind === "source" ? "back to the original" : `restore “${at.text}”`;
    await this.placing.moved(open, version_id, name, open.tree.head_version_id);
    await this.after(at === undefined ? "Restored." : `Shown now: ${at.kind === "source" ? "the original" : at.text}.`);
  }

  async undo(): Promise<void> {
    const open = await this.open();
    const moved = await this.common.bridge.undo(open.layer_id, 1);
    await this.follow(open, moved.head_version_id, "undo");
    await this.after("Undone.");
  }

  async redo(): Promise<void> {
    const open = await this.open();
    const moved = await this.common.bridge.redo(open.layer_id, 1);
    await this.follow(open, moved.head_version_id, "redo");
    await this.after("Done again.");
  }

  /** Brings in what the head is, where somebody else moved it. */
  async bringIn(): Promise<void> {
    const { newer } = this.common.store.get();
    if (newer === null) return;
    const open = await this.open();
    const head_id = open.tree.head_version_id ?? newer.version_id;
    await this.placing.show(open, head_id, `version of ${newer.author}`);
    this.common.store.set({ newer: null });
    await this.after("Brought in.");
  }

  private async follow(open: OpenTarget, head_id: string | null, name: string): Promise<void> {
    if (head_id !== null) await this.placing.moved(open, head_id, name, open.tree.head_version_id);
  }

  private async open(): Promise<OpenTarget> {
    const selected = await this.layers.refresh();
    if ("none" in selected) throw new BridgeError("no_target", selected.none.reason, selected.none.hint);
    return this.layers.open(selected.target);
  }

  private async after(said: string): Promise<void> {
    this.common.store.set({ said, problem: null, outcome: null });
    await this.layers.refresh();
    if (this.common.store.get().page === "history") await this.refresh();
  }

  private show(open: OpenTarget, comments: readonly CommentInfo[], approvals: readonly ApprovalInfo[]): void {
    const { store } = this.common;
    const { versions, head_version_id } = open.tree;
    const shown = new Set(
      open.shown_id === null ? [] : lineage(versions, open.shown_id).map((version) => version.version_id),
    );
    const openOnes = new Map<string, number>();
    for (const { version_id, reply_to, resolved_at } of comments) {
      if (reply_to === null && resolved_at === null) openOnes.set(version_id, (openOnes.get(version_id) ?? 0) + 1);
    }
    const rows: VersionRow[] = lanes(versions, head_version_id).map(({ version, lane }) => ({
      version,
      lane,
      isHead: version.version_id === head_version_id,
      isShown: shown.has(version.version_id),
      picture: this.pictures.get(pictureKey(version, "after", THUMB_PX)) ?? null,
      openComments: openOnes.get(version.version_id) ?? 0,
      approvals: approvals.filter(
        (approval) => approval.version_id === version.version_id && approval.verdict !== "withdrawn",
      ),
    }));
    store.set({ history: rows });
  }

  private async approvals(open: OpenTarget): Promise<readonly ApprovalInfo[]> {
    const link = this.common.bridge.connected();
    const all: ApprovalInfo[] = [];
    let skip = 0;
    for (;;) {
      const page = await link.request("approval.list", { document_id: open.document.document_id, skip }, "approvals");
      all.push(...page.approvals.filter((approval) => approval.layer_id === open.layer_id));
      skip += page.approvals.length;
      if (page.approvals.length < PAGE_COMMENTS) return all;
    }
  }

  private async thumbs(turn: number): Promise<void> {
    const { store } = this.common;
    const rows = store.get().history.slice(0, MOST_THUMBS);
    for (const { version } of rows) {
      if (turn !== this.loading) return;
      if (version.kind === "source") continue;
      const picture = await this.picture(version, "after", THUMB_PX);
      if (picture === null || turn !== this.loading) continue;
      store.set({
        history: store
          .get()
          .history.map((row) => (row.version.version_id === version.version_id ? { ...row, picture } : row)),
      });
    }
  }

  /** A small picture of what a version changed; null when there is none to be had. */
  private async picture(version: VersionInfo, show: "before" | "after", side_px: number): Promise<Picture | null> {
    const key = pictureKey(version, show, side_px);
    const held = this.pictures.get(key);
    if (held !== undefined) return held;
    let picture: Picture | null = null;
    try {
      const link = this.common.bridge.connected();
      const got = await link.request("version.picture", { version_id: version.version_id, show, side_px }, "picture");
      picture = this.common.host.encoded(got.data, got.mime, got.width, got.height);
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      return null; // asked for again the next time
    }
    if (this.pictures.size >= MOST_PICTURES) this.pictures.clear();
    this.pictures.set(key, picture);
    return picture;
  }
}

function pictureKey(version: VersionInfo, show: string, side_px: number): string {
  return `${version.version_id} ${show} ${side_px}`;
}
