/** Commands on the page: what is selected, the edit that runs, what came of it, and what others' edits are doing. */

import { BridgeError, Lost, Refused } from "../../../../plugins/shared/src/bridge/errors.ts";
import type { Link } from "../../../../plugins/shared/src/bridge/link.ts";
import { newId, type Platform } from "../../../../plugins/shared/src/bridge/platform.ts";
import type { Problem } from "../../../../plugins/shared/src/app/state.ts";
import { Store } from "../../../../plugins/shared/src/app/store.ts";
import type { Size } from "../../../../plugins/shared/src/pixels/rect.ts";
import type { EditPreview, ServerMessage } from "../../../../plugins/shared/src/protocol/messages.ts";
import type { Mode } from "./comparing.ts";
import { type Order, Run } from "./run.ts";
import { cleared, type Kind, maskOf, nothing, type Selection } from "./selection.ts";
import type { Box, PageState } from "./state.ts";

/** A first look, as it came: 8 bit RGB or straight RGBA of `rect_px` at 1/`scale`. */
export interface FirstLook {
  readonly rect_px: Box;
  readonly scale: number;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly encoding: EditPreview["encoding"];
  readonly data: Uint8Array;
}

/** An edit that runs, one's own or somebody's. */
export interface Running {
  readonly edit_id: string;
  readonly text: string;
  /** Somebody else; null: oneself, on this page. */
  readonly by: string | null;
  readonly person_id: string | null;
  readonly layer_id: string;
  /** The version that it goes on from: first looks lie over that one. */
  readonly version_id: string;
  readonly says: readonly string[];
  readonly position: number;
  /** 0..1 of all its results. */
  readonly fraction: number;
  readonly stage: string;
  readonly rect_px: Box | null;
  readonly look: FirstLook | null;
  readonly cancelling: boolean;
  readonly away: boolean;
}

/** What came of the last edit, until it is put away or another begins. */
export interface Outcome {
  readonly text: string;
  readonly layer_id: string;
  readonly notes: readonly string[];
  readonly version_ids: readonly string[];
  /** The version before, to go back to. */
  readonly before_id: string;
}

export interface CommandState {
  /** null until a layer is shown. */
  readonly selection: Selection | null;
  readonly variations: number;
  /** What is typed; it stays when it was refused. */
  readonly text: string;
  readonly typed: readonly string[];
  readonly mine: Running | null;
  readonly others: readonly Running[];
  readonly outcome: Outcome | null;
  /** What the bridge asks back, or could not do. */
  readonly problem: Problem | null;
  /** Heard by those who do not see: “Done.” */
  readonly said: string;
}

const INITIAL: CommandState = {
  selection: null,
  variations: 1,
  text: "",
  typed: [],
  mine: null,
  others: [],
  outcome: null,
  problem: null,
  said: "",
};
const MOST_TYPED = 30;
const MOST_CHARS = 2000;
/** Others' edits of which at most so many are shown. */
const MOST_OTHERS = 50;

/** What commands need of the page. */
export interface CommandsNeeds {
  readonly store: Store<PageState>;
  readonly platform: Platform;
  readonly comparer: { setMode(mode: Mode): void };
  arrived(layer_id: string, version_id: string): void;
}

export class Commands {
  readonly store = new Store<CommandState>(INITIAL);
  private link: Link | null = null;
  private run: Run | null = null;

  constructor(private readonly review: CommandsNeeds) {}

  // ── the connection ───────────────────────────────────────────────────────────────────────────────────────────

  ready(link: Link): void {
    this.link = link;
    void this.run?.resume(link);
    this.change({ away: false });
  }

  lost(): void {
    this.link = null;
    this.run?.detach();
    this.change({ away: true });
    // What runs is told anew at the next connection.
    this.store.set({ others: [] });
  }

  /** Whether it was about an edit. */
  receive(message: ServerMessage): boolean {
    if (this.run?.take(message) === true) return true;
    // One's own is told as others' are after a reconnect; its end would not be, so it would stay for ever.
    const isWatched = message.type === "edit.watched" || message.type === "edit.watched.preview";
    if (isWatched && message.edit_id === this.run?.order.edit_id) return true;
    if (message.type === "edit.watched") {
      const { edit_id, by, person_id, layer_id, base_version_id, text, says, state, position, fraction, stage } =
        message;
      const before = this.store.get().others.find((one) => one.edit_id === edit_id);
      const others = this.store.get().others.filter((one) => one.edit_id !== edit_id);
      if (state !== "preparing" && state !== "waiting" && state !== "running") {
        this.store.set({ others });
        return true;
      }
      const one: Running = {
        edit_id,
        text,
        by,
        person_id,
        layer_id,
        version_id: base_version_id,
        says,
        position,
        fraction,
        stage,
        rect_px: message.rect_px,
        look: before?.look ?? null,
        cancelling: false,
        away: false,
      };
      this.store.set({ others: [...others, one].slice(-MOST_OTHERS) });
      return true;
    }
    if (message.type === "edit.watched.preview") {
      if (message.candidate > 0) return true;
      const others = this.store.get().others;
      this.store.set({
        others: others.map((one) => (one.edit_id === message.edit_id ? { ...one, look: lookOf(message) } : one)),
      });
      return true;
    }
    return false;
  }

  // ── what is selected ─────────────────────────────────────────────────────────────────────────────────────────

  /** The layer that is shown has this size; what was drawn on one of another is drawn no more. */
  shows(size: Size): void {
    const { selection } = this.store.get();
    if (selection?.size.width === size.width && selection.size.height === size.height) return;
    this.store.set({ selection: nothing(size, selection?.kind) });
  }

  /** How one selects from now on; what is drawn is drawn on this version alone. */
  select(kind: Kind): void {
    if (kind !== "whole") this.review.comparer.setMode("alone");
    this.draw({ kind });
  }

  draw(fields: Partial<Selection>): void {
    const { selection } = this.store.get();
    if (selection !== null) this.store.set({ selection: { ...selection, ...fields } });
  }

  clear(): void {
    const { selection } = this.store.get();
    if (selection !== null) this.store.set({ selection: cleared(selection) });
  }

  undoStroke(): void {
    const { selection } = this.store.get();
    if (selection !== null) this.draw({ strokes: selection.strokes.slice(0, -1) });
  }

  write(text: string): void {
    this.store.set({ text: text.slice(0, MOST_CHARS) });
  }

  vary(variations: number): void {
    this.store.set({ variations });
  }

  // ── what is done ─────────────────────────────────────────────────────────────────────────────────────────────

  /** Carries out a command on the version that is shown. */
  async command(typed: string): Promise<void> {
    const text = typed.trim();
    const { selection, mine, variations } = this.store.get();
    const { layer_id, version_id } = this.review.store.get();
    if (text === "" || mine !== null || layer_id === null || version_id === null) return;
    const mask = selection === null ? "whole" : maskOf(selection);
    const refused = mask === "empty" || mask === "too_large" ? WHY_NOT[mask] : this.link === null ? LOST : null;
    this.store.set({ problem: refused, outcome: null, said: "" });
    if (refused !== null || this.link === null || mask === "empty" || mask === "too_large") return;
    this.remember(text);
    const edit_id = newId(this.review.platform);
    await this.follow({
      edit_id,
      layer_id,
      version_id,
      text,
      mask: mask === "whole" ? null : mask,
      variations,
    });
  }

  async cancel(): Promise<void> {
    if (this.run === null) return;
    this.change({ cancelling: true });
    try {
      await this.run.cancel();
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      if (!(error instanceof Lost)) this.change({ cancelling: false });
    }
  }

  /** Puts the last edit's result, or what was asked back, away. */
  dismiss(): void {
    this.store.set({ outcome: null, problem: null });
  }

  private async follow(order: Order): Promise<void> {
    const { link } = this;
    if (link === null) return;
    const { edit_id, text, layer_id, version_id, variations } = order;
    const rect_px = order.mask === null ? null : boxOf(order.mask.rect_px);
    this.store.set({
      mine: {
        edit_id,
        text,
        by: null,
        person_id: this.review.store.get().me,
        layer_id,
        version_id,
        says: [],
        position: 0,
        fraction: 0,
        stage: "reading the words",
        rect_px,
        look: null,
        cancelling: false,
        away: false,
      },
    });
    const run = new Run(order, {
      planned: ({ says }) => this.change({ says, stage: "preparing" }),
      queued: ({ position }) => this.change({ position, stage: position > 0 ? "waiting in line" : "starting" }),
      progress: ({ candidate, fraction, stage }) =>
        this.change({ position: 0, stage, fraction: Math.min(1, (candidate + fraction) / variations) }),
      preview: (message) => {
        if (message.candidate === 0) this.change({ look: lookOf(message) });
      },
    });
    this.run = run;
    run.start(link);
    try {
      const done = await run.result;
      const first = done.versions[0];
      this.store.set({
        text: "",
        said: first === undefined ? "Done." : "Done. The result is shown.",
        outcome:
          first === undefined
            ? null
            : {
                text,
                layer_id,
                notes: first.notes,
                version_ids: done.versions.map((version) => version.version_id),
                before_id: first.parent_id ?? version_id,
              },
      });
      this.clear();
      if (done.head_version_id !== null) this.review.arrived(layer_id, done.head_version_id);
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      if (error instanceof Refused && error.code === "cancelled") {
        this.store.set({ said: "Cancelled. Nothing was changed." });
      } else {
        this.store.set({ problem: problemOf(error), said: "" });
        if (error instanceof Refused && error.version_id !== null) this.review.arrived(layer_id, error.version_id);
      }
    } finally {
      this.run = null;
      this.store.set({ mine: null });
    }
  }

  private remember(text: string): void {
    const { typed } = this.store.get();
    this.store.set({ typed: [text, ...typed.filter((other) => other !== text)].slice(0, MOST_TYPED) });
  }

  private change(fields: Partial<Running>): void {
    const { mine } = this.store.get();
    if (mine !== null) this.store.set({ mine: { ...mine, ...fields } });
  }
}

const WHY_NOT: Readonly<Record<"empty" | "too_large", Problem>> = {
  empty: {
    code: "empty_selection",
    message: "Nothing is selected yet.",
    hint: "Draw on the picture where it should change, or choose the whole layer.",
  },
  too_large: {
    code: "selection_too_large",
    message: "That selection is too large to be drawn here.",
    hint: "Choose the whole layer, or draw smaller parts one after another.",
  },
};
const LOST: Problem = new Lost();

function lookOf({ rect_px, scale, width, height, channels, encoding, data }: FirstLook): FirstLook {
  return { rect_px, scale, width, height, channels, encoding, data };
}

function boxOf({ x0, y0, x1, y1 }: { x0: number; y0: number; x1: number; y1: number }): Box {
  return [x0, y0, x1, y1];
}

function problemOf({ code, message, hint }: BridgeError): Problem {
  return { code, message, hint };
}

/** What is suggested in words between “ and ”, without what was typed; to be chosen instead of it. */
export function suggestedIn({ message, hint }: Problem, typed: string): readonly string[] {
  const quoted = [...`${message} ${hint}`.matchAll(/“([^”]+)”/g)].map(([, words]) => words ?? "");
  return [...new Set(quoted)].filter((words) => words !== "" && words !== typed.trim());
}
