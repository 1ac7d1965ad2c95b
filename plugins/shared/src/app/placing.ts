/** Brings a document to a version of its layer's tree: patches go and come, each finished change one undo step. */

import { BridgeError } from "../bridge/errors.ts";
import type { Patch } from "../bridge/inbox.ts";
import type { PlacedPatch, Reference, Target } from "../host.ts";
import { HostError } from "../host.ts";
import type { VersionInfo } from "../protocol/messages.ts";
import type { Context } from "./context.ts";
import type { Layers, OpenTarget } from "./layers.ts";
import { versionOf } from "./layers.ts";
import { wayTo } from "./way.ts";

/** More own patches than this are not put one by one: the bridge makes one of them all. */
const MOST_STEPS = 6;

export interface Arrived {
  readonly target: Target;
  readonly notes: readonly string[];
}

export class Placing {
  constructor(
    private readonly common: Context,
    private readonly layers: Layers,
  ) {}

  /**
   * Shows a version that the bridge's head is at already.
   *
   * @param name of the undo step, without “Inlay: ”
   * @param made patches that are at hand, by version; others are fetched
   */
  async show(
    open: OpenTarget,
    version_id: string,
    name: string,
    made: ReadonlyMap<string, Patch> = new Map(),
    references: readonly Reference[] = [],
  ): Promise<Arrived> {
    const { bridge } = this.common;
    const way = wayTo(open.tree.versions, open.shown, version_id);
    if (way === null) {
      throw new BridgeError(
        "other_tree",
        "The layer was another image then, or had another size.",
        "Step back in the program first.",
      );
    }
    let steps = way.put.map((id) => ({ id, patch: made.get(id) ?? null }));
    if (steps.length > MOST_STEPS) {
      const from = way.from ?? versionOf(open.tree, way.put[0] ?? null)?.parent_id ?? null;
      if (from !== null) {
        await bridge.restore(from);
        steps = [{ id: version_id, patch: await bridge.restoreWithPatch(version_id) }];
      }
    }
    let { target } = open;
    const notes: string[] = [];
    if (steps.length === 0 && way.remove.length > 0) {
      notes.push(...(await this.place(target, name, way.remove, null)));
      target = await this.now(target);
    }
    let remove = way.remove;
    let below = way.from;
    for (const { id, patch } of steps) {
      const version = versionOf(open.tree, id);
      const put = placed(version, patch ?? (await bridge.fetch(id)), below ?? version?.parent_id ?? null, references);
      below = id;
      notes.push(...(await this.place(target, name, remove, put)));
      await this.layers.notePlaced(target, id);
      target = await this.now(target);
      remove = [];
    }
    this.layers.agree(target, version_id);
    return { target, notes };
  }

  /** As `show`, after the head was moved for it: goes the program not along, the head goes back to `head_id`. */
  async moved(
    open: OpenTarget,
    version_id: string,
    name: string,
    head_id: string | null,
    made?: ReadonlyMap<string, Patch>,
    references?: readonly Reference[],
  ): Promise<Arrived> {
    try {
      return await this.show(open, version_id, name, made, references);
    } catch (error) {
      // What went wrong is told; that the head cannot go back either adds nothing to it.
      if (head_id !== null) await this.common.bridge.restore(head_id).catch(() => undefined);
      throw error;
    }
  }

  private async place(
    target: Target,
    name: string,
    remove: readonly string[],
    put: PlacedPatch | null,
  ): Promise<readonly string[]> {
    const { settings } = this.common.store.get();
    const as = this.common.host.canMerge ? settings.placeAs : "layer";
    const done = await this.common.host.place(target, {
      name: `Inlay: ${name}`.slice(0, 120),
      remove,
      put,
      as,
      native: settings.native,
    });
    return done.notes;
  }

  private async now(target: Target): Promise<Target> {
    const now = await this.common.host.again(target);
    if (now === null) throw new HostError("gone", "The layer is not there any more.", "Undo its deletion.");
    return now;
  }
}

function placed(
  version: VersionInfo | null,
  patch: Patch,
  parent_id: string | null,
  references: readonly Reference[],
): PlacedPatch {
  return {
    version_id: patch.version_id,
    parent_id,
    text: version?.text ?? "",
    pixels: patch.pixels,
    mask: patch.mask,
    canvas: patch.canvas,
    layers: version?.layers ?? [],
    references,
  };
}
