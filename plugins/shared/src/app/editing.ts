/** An edit from the typed words to the placed result; one at a time. */

import { BridgeError, Lost, Refused } from "../bridge/errors.ts";
import type { EditEnd, EditListener, EditRun } from "../bridge/edit.ts";
import type { Patch } from "../bridge/inbox.ts";
import { newId } from "../bridge/platform.ts";
import { HostError, type Picture, type Reference, type Target } from "../host.ts";
import { type Mask, type Raster, trimmed } from "../pixels/raster.ts";
import { inPlace, small } from "../pixels/small.ts";
import { type Context, problemFrom } from "./context.ts";
import { keyOf, type Layers, type OpenTarget, texts } from "./layers.ts";
import type { Placing } from "./placing.ts";
import type { References } from "./references.ts";
import type { Candidate, Problem, RunningEdit } from "./state.ts";

const MOST_TYPED = 30;
/** Longer side of the pictures that candidates are chosen by, and of previews on the panel. */
const CANDIDATE_PX = 320;
const RUNNING = "running";
/** The bridge's words for an edit that lost its client before all of it was there; nothing was changed. */
const WAS_CUT_OFF: ReadonlySet<string> = new Set(["client_left", "not_found"]);

/** What came of the last edit, with all that is needed to show another of its results. */
interface Kept {
  readonly target: Target;
  readonly text: string;
  readonly patches: ReadonlyMap<string, Patch>;
  readonly references: readonly Reference[];
}

export class Editing {
  private run: EditRun | null = null;
  private kept: Kept | null = null;
  /** What the running edit saw of the layer: results are shown in it. */
  private seen: Raster | null = null;

  constructor(
    private readonly context: Context,
    private readonly layers: Layers,
    private readonly placing: Placing,
    private readonly references: References,
  ) {}

  async loadTyped(): Promise<void> {
    this.context.store.set({ typed: texts(await this.context.host.load("typed")) });
  }

  /** Carries out a command on the selected layer. Rejects with what kept it from beginning; the rest is in the state. */
  async command(typed: string, isSecondTry = false): Promise<void> {
    const { store, host, bridge, platform, turns } = this.context;
    const text = typed.trim();
    if (text === "") throw new BridgeError("empty", "There is nothing to do yet.", "Type what should change.");
    if (this.run !== null) {
      throw new BridgeError("busy", "An edit is running.", "Wait for it, or cancel it with Esc.");
    }
    store.set({ problem: null, said: null });
    const began = platform.now();
    const edit_id = newId(platform);
    const references = this.references.list;
    const { target, mask, open } = await turns.take(async () => {
      const selected = await this.layers.refresh();
      if ("none" in selected) throw new BridgeError("no_target", selected.none.reason, selected.none.hint);
      bridge.connected();
      await this.remember(text);
      const mask = await this.mask(selected.target);
      return { target: selected.target, mask, open: await this.layers.open(selected.target) };
    });
    store.set({ outcome: null, edit: begun(edit_id, text, target.layerName) });
    await host.save(RUNNING, JSON.stringify([edit_id, keyOf(target), text]));
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
    const again = isSecondTry ? null : () => this.command(text, true);
    await this.follow(run, { target, text, references, began, again });
  }

  /** Goes on with an edit that an earlier session of the plugin began, if the bridge still has it. */
  async resume(): Promise<void> {
    const { host, store, bridge, platform, turns } = this.context;
    const [edit_id, key, text] = texts(await host.load(RUNNING));
    if (edit_id === undefined || key === undefined || text === undefined || this.run !== null) return;
    const target = await turns.take(async () => {
      const selected = await this.layers.refresh();
      if ("none" in selected || keyOf(selected.target) !== key) return null;
      await this.layers.open(selected.target); // so that the format of what comes is known
      return selected.target;
    });
    if (target === null) {
      // Its layer is not selected; it is in the history, and will be offered as a newer version there.
      await host.save(RUNNING, null);
      return;
    }
    store.set({ edit: begun(edit_id, text, target.layerName) });
    const run = bridge.resume(edit_id, this.listener(edit_id, target));
    const again = () => this.command(text, true);
    await this.follow(run, { target, text, references: [], began: platform.now(), again });
  }

  async cancel(): Promise<void> {
    const { store } = this.context;
    const { edit } = store.get();
    if (this.run === null || edit === null) return;
    store.set({ edit: { ...edit, cancelling: true } });
    await this.run.cancel();
  }

  /** The connection was lost, or is there again. */
  away(away: boolean): void {
    const { edit } = this.context.store.get();
    if (edit !== null) this.context.store.set({ edit: { ...edit, away } });
  }

  /** Shows one of the last edit's results instead of what is shown. */
  async apply(version_id: string): Promise<void> {
    const { kept } = this;
    const { store, bridge, host } = this.context;
    const { outcome } = store.get();
    if (kept === null || outcome === null) return;
    const target = (await host.again(kept.target)) ?? (await this.sameElsewhere(kept.target));
    const open = await this.layers.open(target);
    if (open.tree.head_version_id !== version_id) await bridge.restore(version_id);
    const tree = await bridge.tree(open.layer_id);
    const arrived = await this.placing.show({ ...open, tree }, version_id, kept.text, kept.patches, kept.references);
    this.kept = { ...kept, target: arrived.target };
    store.set({
      newer: null,
      outcome: {
        ...outcome,
        state: "placed",
        why: null,
        notes: [...outcome.notes, ...arrived.notes],
        candidates: shownAs(outcome.candidates, version_id),
      },
    });
    await this.layers.refresh();
  }

  /** Takes the last result away again. */
  async discard(): Promise<void> {
    const { kept } = this;
    const { store, bridge, host } = this.context;
    const { outcome } = store.get();
    const base_id = outcome?.candidates[0]?.version.parent_id ?? null;
    if (kept === null || outcome === null || base_id === null) return;
    const target = await host.again(kept.target);
    if (target !== null && outcome.state === "placed") {
      const open = await this.layers.open(target);
      await bridge.restore(base_id);
      await this.placing.show(open, base_id, `discard “${kept.text}”`);
    } else if (outcome.why?.code !== "conflict") {
      await bridge.restore(base_id);
    }
    store.set({ outcome: { ...outcome, state: "discarded", candidates: shownAs(outcome.candidates, null) } });
    await this.layers.refresh();
  }

  private async remember(text: string): Promise<void> {
    const typed = [text, ...this.context.store.get().typed.filter((other) => other !== text)].slice(0, MOST_TYPED);
    this.context.store.set({ typed });
    await this.context.host.save("typed", JSON.stringify(typed));
  }

  private async mask(target: Target): Promise<Mask | null> {
    const choice = this.context.store.get().mask;
    if (choice === null || choice.source.kind === "whole") return null;
    const mask = choice.source.kind === "brush" ? choice.mask : await this.context.host.mask(target, choice.source);
    const box = mask === null ? null : trimmed(mask);
    if (box === null && choice.source.kind !== "brush") {
      throw new BridgeError(
        "empty_selection",
        "Nothing of this layer is selected.",
        "Select a part of it, or choose the whole layer.",
      );
    }
    return box;
  }

  private listener(edit_id: string, target: Target): EditListener {
    const { store, host } = this.context;
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
          const { width, height } = { width: pixels.rect_px.x1, height: pixels.rect_px.y1 };
          const { x0, y0 } = rect_px;
          const placed = { ...pixels, rect_px: { x0, y0, x1: x0 + width, y1: y0 + height } };
          host.preview(target, placed, scale).catch(() => undefined);
        }
      },
    };
  }

  private async follow(
    run: EditRun,
    about: {
      readonly target: Target;
      readonly text: string;
      readonly references: readonly Reference[];
      readonly began: number;
      /** Begins it once more, where the connection was lost before the bridge had all of its pixels. */
      readonly again: (() => Promise<void>) | null;
    },
  ): Promise<void> {
    const { store, host, platform } = this.context;
    this.run = run;
    let end: EditEnd | null = null;
    let failed: unknown = null;
    try {
      end = await run.result;
    } catch (error) {
      failed = error;
    }
    const again = await this.context.turns.take(async () => {
      this.run = null;
      await host.save(RUNNING, null);
      if (store.get().settings.previewOnCanvas) await host.preview(about.target, null, 1).catch(() => undefined);
      const says = store.get().edit?.says ?? [];
      const seconds = (platform.now() - about.began) / 1000;
      try {
        if (end !== null) await this.arrived(end, { ...about, says, seconds });
        else if (failed instanceof Refused && failed.version_id !== null) {
          await this.conflicted(failed, failed.version_id, { ...about, says, seconds });
        } else if (failed instanceof Refused && WAS_CUT_OFF.has(failed.code) && about.again !== null) {
          return about.again;
        } else if (failed instanceof Refused && failed.code === "cancelled") {
          store.set({ said: "Cancelled. Nothing was changed." });
        } else if (!(failed instanceof Lost)) throw failed;
      } finally {
        this.seen = null;
        store.set({ edit: null });
      }
      return null;
    });
    await again?.();
  }

  /** The edit landed at the bridge: put it into the document, or offer it if that is not as it was. */
  private async arrived(end: EditEnd, about: About): Promise<void> {
    const { store } = this.context;
    const first = end.versions[0];
    if (first === undefined) {
      await this.moved(end, about);
      return;
    }
    const patches = new Map(end.patches.map((patch) => [patch.version_id, patch]));
    this.kept = { ...about, patches };
    const candidates: Candidate[] = [];
    for (const version of end.versions) {
      const patch = patches.get(version.version_id);
      const picture = patch === undefined ? null : await this.pictureOf(patch);
      candidates.push({ version, picture, shown: false });
    }
    const outcome = { text: about.text, says: first.says, notes: first.notes, seconds: about.seconds, candidates };
    let why: Problem | null = null;
    let notes: readonly string[] = [];
    try {
      const arrived = await this.place(end.head_version_id ?? first.version_id, about, patches);
      this.kept = { ...this.kept, target: arrived.target };
      notes = arrived.notes;
    } catch (error) {
      why = problemFrom(error);
    }
    store.set({
      outcome: {
        ...outcome,
        notes: [...outcome.notes, ...notes],
        state: why === null ? "placed" : "offered",
        why,
        candidates: why === null ? shownAs(candidates, first.version_id) : candidates,
      },
      edit: null,
    });
    await this.layers.refresh();
  }

  private pictureOf({ pixels, mask }: Patch): Promise<Picture | null> {
    const whole = this.seen === null ? null : inPlace(this.seen, pixels, mask);
    const shown = whole === null ? small(pixels, mask, CANDIDATE_PX) : small(whole, null, CANDIDATE_PX);
    return this.context.host.picture(shown).catch(() => null);
  }

  private async place(
    version_id: string,
    about: About,
    patches: ReadonlyMap<string, Patch>,
  ): Promise<{ readonly target: Target; readonly notes: readonly string[] }> {
    const { host, bridge } = this.context;
    const now = await host.again(about.target);
    if (now === null) {
      throw new HostError("gone", "The layer is not there any more.", "Undo its deletion, then apply the result.");
    }
    if (now.revision !== about.target.revision) {
      throw new HostError(
        "changed",
        "The layer was changed while the edit ran.",
        "Apply it anyway: only what was selected is replaced.",
      );
    }
    // Not `layers.open`: the head is a step ahead of the document here, which is no undo.
    const { document, layers } = await bridge.openDocument(now);
    const layer = layers.find((other) => other.key === now.layerKey);
    if (layer === undefined) throw new Lost();
    const tree = await bridge.tree(layer.layer_id);
    const open: OpenTarget = { target: now, document, layer_id: layer.layer_id, tree, shown_id: null };
    return this.placing.show(open, version_id, about.text, patches, about.references);
  }

  /** “undo” and “redo” as words: the head has moved, the document follows. */
  private async moved(end: EditEnd, about: About): Promise<void> {
    const { store } = this.context;
    if (end.head_version_id !== null) await this.place(end.head_version_id, about, new Map());
    store.set({ said: about.says[0] ?? "Done." });
    await this.layers.refresh();
  }

  /** Somebody else's edit meets this one: the result is kept beside it, and offered. */
  private async conflicted(error: Refused, version_id: string, about: About): Promise<void> {
    const { store, bridge } = this.context;
    const patch = await bridge.fetch(version_id).catch(() => null);
    const open = await this.layers.open(about.target);
    const version = open.tree.versions.find((other) => other.version_id === version_id);
    if (version === undefined) throw error;
    this.kept = { ...about, patches: new Map(patch === null ? [] : [[version_id, patch]]) };
    const picture = patch === null ? null : await this.pictureOf(patch);
    store.set({
      outcome: {
        text: about.text,
        says: version.says,
        notes: version.notes,
        seconds: about.seconds,
        candidates: [{ version, picture, shown: false }],
        state: "offered",
        why: problemFrom(error),
      },
    });
  }

  /** The layer is gone; what is selected now may be the same one brought back. */
  private async sameElsewhere(lost: Target): Promise<Target> {
    const selected = await this.layers.refresh();
    if ("target" in selected && keyOf(selected.target) === keyOf(lost)) return selected.target;
    throw new HostError("gone", "The layer is not there any more.", "Undo its deletion, then apply the result.");
  }
}

interface About {
  readonly target: Target;
  readonly text: string;
  readonly references: readonly Reference[];
  readonly says: readonly string[];
  readonly seconds: number;
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

function shownAs(candidates: readonly Candidate[], version_id: string | null): readonly Candidate[] {
  return candidates.map((candidate) => ({ ...candidate, shown: candidate.version.version_id === version_id }));
}
