/**
 * The selected layer, at the bridge: opened, described, and its head where the document is.
 *
 * The document is the truth. When it shows another version than the bridge's head, either somebody undid or brought
 * back in the program itself (then the head goes there), or somebody else's edit landed (then it is offered).
 */

import type { DocumentInfo, VersionInfo } from "../protocol/messages.ts";
import type { Selected, Shown, Target } from "../host.ts";
import type { Mask } from "../pixels/raster.ts";
import type { Size } from "../pixels/rect.ts";
import type { Context } from "./context.ts";
import type { Tree } from "../bridge/bridge.ts";
import type { MaskChoice } from "./state.ts";
import { rootOf } from "./way.ts";

/** A target that the bridge knows. */
export interface OpenTarget {
  readonly target: Target;
  readonly document: DocumentInfo;
  readonly layer_id: string;
  readonly tree: Tree;
  /** The patches that count: those of the tree that the head is in. What is below belongs to the source. */
  readonly shown: readonly Shown[];
  /** The version that the document shows. */
  readonly shown_id: string | null;
}

interface Painted {
  readonly mask: Mask;
  /** Of the layer, then. */
  readonly size: Size;
}

/** Versions placed in a document that are remembered, to tell an undo from somebody else's edit. */
const MOST_PLACED = 200;

export class Layers {
  private readonly placed = new Map<string, string[]>();
  /** By layer: what this document showed when it last agreed with the head. Other since: somebody undid in it. */
  private readonly agreed = new Map<string, string | null>();
  /** What was painted, by layer. */
  private readonly painted = new Map<string, Painted>();
  private reading = 0;

  constructor(private readonly common: Context) {}

  /** Reads anew what is selected. */
  async refresh(): Promise<Selected> {
    const turn = ++this.reading;
    const selected = await this.common.host.selected();
    if (turn !== this.reading) return selected; // another reading began later and knows better
    const { store } = this.common;
    const old = store.get();
    if ("none" in selected) {
      store.set({ target: null, noTarget: selected.none, mask: null, newer: null });
      return selected;
    }
    const { target } = selected;
    const same = old.target !== null && keyOf(old.target) === keyOf(target);
    store.set({
      target,
      noTarget: null,
      mask: this.withPaint(target, chosenMask(target, same ? old.target : null, same ? old.mask : null)),
      ...(same
        ? {}
        : { newer: null, history: [], selectedVersionId: null, compared: null, threads: [], reviewUrl: null }),
    });
    return selected;
  }

  /** Keeps what was painted on a layer, also while another one is selected; null: nothing. */
  paint(target: Target, mask: Mask | null): void {
    if (mask === null) this.painted.delete(keyOf(target));
    else this.painted.set(keyOf(target), { mask, size: target.size });
  }

  /** Opens the target at the bridge, with its tree. Rejects with a `BridgeError`. */
  async open(target: Target): Promise<OpenTarget> {
    const { bridge, store, port } = this.common;
    const key = keyOf(target);
    const { document, layers } = await bridge.openDocument(target);
    store.set({ reviewUrl: `http://localhost:${port}/d/${document.document_id}` });
    let known = layers.find((layer) => layer.key === target.layerKey);
    let tree: Tree | null = null;
    if (known !== undefined) {
      tree = await bridge.tree(known.layer_id);
      const shown_id = shownOf(target, tree);
      const head_id = tree.head_version_id;
      if (shown_id !== null && shown_id !== head_id) {
        const undone = this.agreed.get(key) !== shown_id;
        if (head_id === null || (undone && (await this.wasPlaced(target, head_id)))) {
          await bridge.restore(shown_id);
          tree = { ...tree, head_version_id: shown_id };
        } else {
          // To describe the layer as it is here would end the tree that it goes on in there.
          store.set({ newer: versionOf(tree, head_id) });
          return openAs(target, document, known.layer_id, tree);
        }
      }
    }
    known = await bridge.describe(document.document_id, target);
    if (tree === null || known.head_version_id !== tree.head_version_id) tree = await bridge.tree(known.layer_id);
    store.set({ newer: null });
    const open = openAs(target, document, known.layer_id, tree);
    this.agreed.set(key, open.shown_id);
    return open;
  }

  /** The document shows that version now, and the head is there. */
  agree(target: Target, version_id: string): void {
    this.agreed.set(keyOf(target), version_id);
  }

  /** Notes that a version has been placed in the target's document. */
  async notePlaced(target: Target, version_id: string): Promise<void> {
    const list = [...(await this.placedIn(target)).filter((id) => id !== version_id), version_id].slice(-MOST_PLACED);
    this.placed.set(keyOf(target), list);
    await this.common.host.save(`placed:${keyOf(target)}`, JSON.stringify(list));
  }

  /** The brush with what was painted on that layer, as long as it has its size. */
  withPaint(target: Target, choice: MaskChoice | null): MaskChoice | null {
    if (choice?.source.kind !== "brush") return choice;
    const kept = this.painted.get(keyOf(target));
    const fits = kept?.size.width === target.size.width && kept.size.height === target.size.height;
    return { source: choice.source, mask: fits ? kept.mask : null };
  }

  private async wasPlaced(target: Target, version_id: string): Promise<boolean> {
    return (await this.placedIn(target)).includes(version_id);
  }

  private async placedIn(target: Target): Promise<readonly string[]> {
    const held = this.placed.get(keyOf(target));
    if (held !== undefined) return held;
    const list = texts(await this.common.host.load(`placed:${keyOf(target)}`));
    this.placed.set(keyOf(target), list);
    return list;
  }
}

export function keyOf(target: Target): string {
  return `${target.documentKey}/${target.layerKey}`;
}

/** A list of texts that was saved as JSON; empty for anything else. */
export function texts(json: string | null): string[] {
  if (json === null) return [];
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  } catch {
    return [];
  }
}

/** A target at the bridge, with what of its patches counts. */
export function openAs(target: Target, document: DocumentInfo, layer_id: string, tree: Tree): OpenTarget {
  return { target, document, layer_id, tree, shown: shownIn(target, tree), shown_id: shownOf(target, tree) };
}

/**
 * The topmost patches that are of the head's own tree. What lies below them is the source, as far as the bridge knows:
 * patches from before the layer had another size, or of another bridge.
 */
function shownIn(target: Target, tree: Tree): readonly Shown[] {
  const root = rootOf(tree.versions, tree.head_version_id);
  let from = target.shown.length;
  while (from > 0 && rootOf(tree.versions, target.shown[from - 1]?.version_id ?? null) === root) from -= 1;
  return target.shown.slice(from);
}

/** The version whose patch is the topmost; without any, the source of the tree that the head is in. */
function shownOf(target: Target, tree: Tree): string | null {
  return shownIn(target, tree).at(-1)?.version_id ?? rootOf(tree.versions, tree.head_version_id);
}

/** The version, of a tree. */
export function versionOf(tree: Tree, version_id: string | null): VersionInfo | null {
  return tree.versions.find((version) => version.version_id === version_id) ?? null;
}

/**
 * The mask that stays chosen: the kind that was, as long as it is offered and nothing else has been selected since;
 * else the likeliest.
 */
function chosenMask(target: Target, before: Target | null, choice: MaskChoice | null): MaskChoice | null {
  const likeliest = target.masks[0];
  if (likeliest === undefined) return null;
  const kept = choice === null ? undefined : target.masks.find((source) => source.kind === choice.source.kind);
  if (before === null || choice === null || kept === undefined || drawn(before) !== drawn(target)) {
    return { source: likeliest, mask: null };
  }
  return { source: kept, mask: null };
}

/** What is selected in the program itself, to see whether it has changed. */
function drawn(target: Target): string {
  return JSON.stringify(target.masks.filter(({ kind }) => kind === "selection" || kind === "shapes"));
}
