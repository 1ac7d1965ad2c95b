/** An edit from the typed words to the placed result; one at a time. */

import { BridgeError, Lost, Refused } from "../bridge/errors.ts";
import type { EditEnd, EditListener, EditRun } from "../bridge/edit.ts";
import { newId } from "../bridge/platform.ts";
import type { Reference, Target } from "../host.ts";
import { type Mask, type Raster, trimmed } from "../pixels/raster.ts";
import { shift } from "../pixels/rect.ts";
import { small } from "../pixels/small.ts";
import { type Context, ready } from "./context.ts";
import { keyOf, type Layers, texts } from "./layers.ts";
import type { References } from "./references.ts";
import { CANDIDATE_PX, type Followed, gone, type Results } from "./results.ts";
import type { RunningEdit } from "./state.ts";

const MOST_TYPED = 30;
const RUNNING = "running";
/** The bridge's words for an edit that lost its client before all of it was there; nothing was changed. */
const WAS_CUT_OFF: ReadonlySet<string> = new Set(["client_left", "not_found"]);

export class Editing {
  private run: EditRun | null = null;
  private isBusy = false;
  /** The layer is being opened: the edit is not at the bridge yet. */
  private isOpening = false;
  /** What the running edit saw of the layer: results are shown in it. */
  private seen: Raster | null = null;

  constructor(
    private readonly common: Context,
    private readonly layers: Layers,
    private readonly results: Results,
    private readonly references: References,
  ) {}

  async loadTyped(): Promise<void> {
    this.common.store.set({ typed: texts(await this.common.host.load("typed")) });
  }

  /** Carries out a command on the selected layer. Rejects with what kept it from beginning; the rest is in the state. */
  async command(typed: string): Promise<void> {
    const text = typed.trim();
    if (text === "") throw new BridgeError("empty", "There is nothing to do yet.", "Type what should change.");
    await this.remember(text); // refused or not: the arrow keys bring the words back
    await this.alone(async () => {
      const { bridge, store, turns } = this.common;
      store.set({ problem: null, said: null });
      const order = await turns.take(async () => {
        const selected = await this.layers.refresh();
        if ("none" in selected) throw new BridgeError("no_target", selected.none.reason, selected.none.hint);
        bridge.connected();
        const { target } = selected;
        const source = store.get().mask?.source ?? null;
        const mask = await this.mask(target);
        this.common.host.edits?.(target, mask === null ? null : source);
        return { text, target, mask, references: this.references.list };
      });
      if (await this.launch(order).catch(lostMeansAgain)) return;
      await ready(this.common);
      // Cut off before the bridge had all of its pixels: once more, with the same selection, on the same layer.
      const now = await this.common.host.again(order.target);
      if (now === null) throw gone();
      if (!(await this.launch({ ...order, target: now }))) throw cutOff(text);
    });
  }

  /** Goes on with an edit that an earlier session of the plugin began, if the bridge still has it. */
  async resume(): Promise<void> {
    const { host, store, bridge, platform, turns } = this.common;
    const [edit_id, key, text] = texts(await host.load(RUNNING));
    if (edit_id === undefined || key === undefined || text === undefined || this.isBusy) return;
    await this.alone(async () => {
      const target = await turns.take(async () => {
        const selected = await this.layers.refresh();
        return "none" in selected || keyOf(selected.target) !== key ? null : selected.target;
      });
      if (target === null) {
        // Its layer is not selected; it is in the history, and will be offered as a newer version there.
        await this.running(null);
        return;
      }
      store.set({ edit: begun(edit_id, text, target.layerName) });
      const run = bridge.resume(edit_id, this.listener(edit_id, target));
      if (await this.follow(run, { target, text, references: [], began: platform.now() })) return;
      // What was selected then is not known any more: nothing is begun that nobody asked for now.
      throw cutOff(text);
    });
  }

  /** One edit at a time, from its first step to its last. */
  private async alone(work: () => Promise<void>): Promise<void> {
    if (this.isBusy) throw new BridgeError("busy", "An edit is running.", "Wait for it, or cancel it with Esc.");
    this.isBusy = true;
    try {
      await work();
    } finally {
      this.isBusy = false;
      this.isOpening = false;
      this.run = null;
      this.seen = null;
      this.common.store.set({ edit: null });
    }
  }

  /** Sends the edit off and follows it to its end. False: it was cut off, and nothing of it happened. */
  private async launch({ text, target, mask, references }: Order): Promise<boolean> {
    const { store, host, bridge, platform, turns } = this.common;
    const began = platform.now();
    const edit_id = newId(platform);
    store.set({ outcome: null, edit: begun(edit_id, text, target.layerName) });
    this.isOpening = true;
    await this.running([edit_id, keyOf(target), text]);
    const open = await turns.take(() => this.layers.open(target));
    const run = bridge.edit(
      {
        edit_id,
        layer_id: open.layer_id,
        text,
        size: target.size,
        mask,
        seed: null,
        variations: store.get().settings.variations,
        previews: true,
        base_version_id: open.shown_id,
        references,
        read: async (rect_px) => (this.seen = await host.pixels(target, rect_px)),
      },
      this.listener(edit_id, target),
    );
    this.isOpening = false;
    // Esc while the layer was opened; the bridge has heard of the edit by now.
    if (store.get().edit?.cancelling) run.cancel().catch(() => undefined);
    return this.follow(run, { target, text, references, began });
  }

  /** Notes which edit runs, for a plugin that is loaded anew. Without room for it that is all that is lost. */
  private async running(about: readonly string[] | null): Promise<void> {
    await this.common.host.save(RUNNING, about === null ? null : JSON.stringify(about)).catch(() => undefined);
  }

  async cancel(): Promise<void> {
    const { store } = this.common;
    const { edit } = store.get();
    if (edit === null || (this.run === null && !this.isOpening)) return;
    store.set({ edit: { ...edit, cancelling: true } });
    try {
      await this.run?.cancel();
    } catch (error) {
      const now = store.get().edit;
      if (now !== null && !(error instanceof Lost)) store.set({ edit: { ...now, cancelling: false } });
      if (!(error instanceof Lost)) throw error; // else it is asked for at the next connection
    }
  }

  /** The connection was lost, or is there again. */
  away(away: boolean): void {
    const { edit } = this.common.store.get();
    if (edit !== null) this.common.store.set({ edit: { ...edit, away } });
  }

  private async remember(text: string): Promise<void> {
    const typed = [text, ...this.common.store.get().typed.filter((other) => other !== text)].slice(0, MOST_TYPED);
    this.common.store.set({ typed });
    await this.common.host.save("typed", JSON.stringify(typed)).catch(() => undefined);
  }

  private async mask(target: Target): Promise<Mask | null> {
    const choice = this.common.store.get().mask;
    if (choice === null || choice.source.kind === "whole") return null;
    const mask = choice.source.kind === "brush" ? choice.mask : await this.common.host.mask(target, choice.source);
    const box = mask === null ? null : trimmed(mask);
    if (box === null) {
      const what = choice.source.kind === "brush" ? "Nothing is painted yet." : "Nothing of this layer is selected.";
      const hint = choice.source.kind === "brush" ? "Paint where" : "Select a part of it";
      throw new BridgeError("empty_selection", what, `${hint}, or choose the whole layer.`);
    }
    return box;
  }

  private listener(edit_id: string, target: Target): EditListener {
    const { store, host } = this.common;
    const change = (fields: Partial<RunningEdit>): void => {
      const { edit } = store.get();
      if (edit?.edit_id === edit_id) store.set({ edit: { ...edit, ...fields } });
    };
    return {
      planned: (plan) => change({ says: plan.says, stage: "sending pixels" }),
      queued: ({ position }) => change({ position, stage: position > 0 ? "waiting in line" : "starting" }),
      progress: ({ candidate, fraction, stage }) => {
        const count = Math.max(1, store.get().settings.variations);
        change({ position: 0, stage, fraction: Math.min(1, (candidate + fraction) / count) });
      },
      preview: (pixels, rect_px, scale, candidate) => {
        host.picture(small(pixels, null, CANDIDATE_PX)).then(
          (picture) => change({ preview: { picture, rect_px } }),
          () => undefined, // a preview that cannot be shown is not worth a word
        );
        if (store.get().settings.previewOnCanvas && candidate === 0) {
          const placed = { ...pixels, rect_px: shift(pixels.rect_px, rect_px.x0, rect_px.y0) };
          host.preview(target, placed, scale).catch(() => undefined);
        }
      },
    };
  }

  /** To the end of an edit. False: it was cut off before the bridge had all of it, and nothing happened. */
  private async follow(run: EditRun, about: Followed): Promise<boolean> {
    const { store, host, platform } = this.common;
    this.run = run;
    let end: EditEnd | null = null;
    let failed: unknown = null;
    try {
      end = await run.result;
    } catch (error) {
      failed = error;
    }
    return this.common.turns.take(async () => {
      this.run = null;
      await this.running(null);
      if (store.get().settings.previewOnCanvas) await host.preview(about.target, null, 1).catch(() => undefined);
      const full = { ...about, says: store.get().edit?.says ?? [], seconds: (platform.now() - about.began) / 1000 };
      if (end !== null) await this.results.arrived(end, full, this.seen);
      else if (failed instanceof Refused && failed.version_id !== null) {
        await this.results.conflicted(failed, failed.version_id, full, this.seen);
      } else if (failed instanceof Refused && WAS_CUT_OFF.has(failed.code)) return false;
      else if (failed instanceof Refused && failed.code === "cancelled") {
        host.edits?.(about.target, null);
        store.set({ said: "Cancelled. Nothing was changed." });
      } else if (!(failed instanceof Lost)) {
        host.edits?.(about.target, null);
        throw failed;
      }
      return true;
    });
  }
}

function cutOff(text: string): BridgeError {
  const hint = "Run it again: the arrow keys bring the words back.";
  return new BridgeError("cut_off", `“${text}” was cut off. Nothing was changed.`, hint);
}

/** Lost before the edit was sent: nothing of it happened. */
function lostMeansAgain(error: unknown): false {
  if (error instanceof Lost) return false;
  throw error;
}

/** What is asked for, on which layer, where. */
interface Order {
  readonly text: string;
  readonly target: Target;
  readonly mask: Mask | null;
  readonly references: readonly Reference[];
}

function begun(edit_id: string, text: string, layerName: string): RunningEdit {
  return {
    edit_id,
    text,
    layerName,
    says: [],
    position: 0,
    stage: "reading the words",
    fraction: 0,
    preview: null,
    away: false,
    cancelling: false,
  };
}
