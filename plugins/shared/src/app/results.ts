/** What came of an edit: placed, offered, chosen from, discarded. */

import { Lost, type Refused } from "../bridge/errors.ts";
import type { EditEnd } from "../bridge/edit.ts";
import type { Patch } from "../bridge/inbox.ts";
import { HostError, type Picture, type Reference, type Target } from "../host.ts";
import type { Raster } from "../pixels/raster.ts";
import { inPlace, small } from "../pixels/small.ts";
import { type Context, problemFrom } from "./context.ts";
import { keyOf, type Layers, openAs } from "./layers.ts";
import type { Placing } from "./placing.ts";
import type { Candidate, Problem } from "./state.ts";

/** Longer side of the pictures that candidates are chosen by, and of previews on the panel. */
export const CANDIDATE_PX = 320;

export interface Followed {
  readonly target: Target;
  readonly text: string;
  readonly references: readonly Reference[];
  readonly began: number;
}

export interface About extends Followed {
  readonly says: readonly string[];
  readonly seconds: number;
}

/** What came of the last edit, with all that is needed to show another of its results. */
interface Kept {
  readonly target: Target;
  readonly text: string;
  readonly patches: ReadonlyMap<string, Patch>;
  readonly references: readonly Reference[];
}

export class Results {
  private kept: Kept | null = null;

  constructor(
    private readonly common: Context,
    private readonly layers: Layers,
    private readonly placing: Placing,
  ) {}

  /** Shows one of the last edit's results instead of what is shown. */
  async apply(version_id: string): Promise<void> {
    const { kept } = this;
    const { store, bridge, host } = this.common;
    const { outcome } = store.get();
    if (kept === null || outcome === null) return;
    const target = (await host.again(kept.target)) ?? (await this.sameElsewhere(kept.target));
    const open = await this.layers.open(target);
    const head_id = open.tree.head_version_id;
    if (head_id !== version_id) await bridge.restore(version_id);
    const tree = await bridge.tree(open.layer_id);
    const arrived = await this.placing.moved(
      openAs(target, open.document, open.layer_id, tree),
      version_id,
      kept.text,
      head_id,
      kept.patches,
      kept.references,
    );
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
    const { store, bridge, host } = this.common;
    const { outcome } = store.get();
    const base_id = outcome?.candidates[0]?.version.parent_id ?? null;
    if (kept === null || outcome === null || base_id === null) return;
    const target = await host.again(kept.target);
    if (target !== null && outcome.state === "placed") {
      const open = await this.layers.open(target);
      await bridge.restore(base_id);
      await this.placing.moved(open, base_id, `discard “${kept.text}”`, open.tree.head_version_id);
    } else if (outcome.why?.code !== "conflict") {
      await bridge.restore(base_id);
    }
    store.set({ outcome: { ...outcome, state: "discarded", candidates: shownAs(outcome.candidates, null) } });
    await this.layers.refresh();
  }

  /** The edit landed at the bridge: put it into the document, or offer it if that is not as it was. */
  async arrived(end: EditEnd, about: About, seen: Raster | null): Promise<void> {
    const { store } = this.common;
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
      const picture = patch === undefined ? null : await this.pictureOf(patch, seen);
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

  private pictureOf({ pixels, mask }: Patch, seen: Raster | null): Promise<Picture | null> {
    const whole = seen === null ? null : inPlace(seen, pixels, mask);
    const shown = small(whole ?? pixels, whole === null ? mask : null, CANDIDATE_PX);
    return this.common.host.picture(shown).catch(() => null);
  }

  private async place(
    version_id: string,
    about: About,
    patches: ReadonlyMap<string, Patch>,
  ): Promise<{ readonly target: Target; readonly notes: readonly string[] }> {
    const { host, bridge } = this.common;
    const now = await host.again(about.target);
    if (now === null) throw gone();
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
    return this.placing.show(
      openAs(now, document, layer.layer_id, tree),
      version_id,
      about.text,
      patches,
      about.references,
    );
  }

  /** “undo” and “redo” as words: the head has moved, the document follows. */
  private async moved(end: EditEnd, about: About): Promise<void> {
    const { store } = this.common;
    if (end.head_version_id !== null) await this.place(end.head_version_id, about, new Map());
    store.set({ said: about.says[0] ?? "Done." });
    await this.layers.refresh();
  }

  /** Somebody else's edit meets this one: the result is kept beside it, and offered. */
  async conflicted(error: Refused, version_id: string, about: About, seen: Raster | null): Promise<void> {
    const { store, bridge } = this.common;
    const patch = await bridge.fetch(version_id).catch(() => null);
    const open = await this.layers.open(about.target);
    const version = open.tree.versions.find((other) => other.version_id === version_id);
    if (version === undefined) throw error;
    this.kept = { ...about, patches: new Map(patch === null ? [] : [[version_id, patch]]) };
    const picture = patch === null ? null : await this.pictureOf(patch, seen);
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
    throw gone();
  }
}

export function gone(): HostError {
  return new HostError("gone", "The layer is not there any more.", "Undo its deletion, then apply the result.");
}

function shownAs(candidates: readonly Candidate[], version_id: string | null): readonly Candidate[] {
  return candidates.map((candidate) => ({ ...candidate, shown: candidate.version.version_id === version_id }));
}
