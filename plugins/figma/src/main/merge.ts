/** Changes of the image fill itself: patches merged into a copy of it, another size, and the way back. */

import { HostError } from "../../../shared/src/host.ts";
import type { Size } from "../../../shared/src/pixels/rect.ts";
import { chain, inverse, translation } from "../shared/affine.ts";
import { sizeBox } from "../shared/fit.ts";
import { type Change, regrow } from "../shared/regrow.ts";
import type { Changes } from "./changes.ts";
import { type FillState, type Merged, type OverlayRecord, readLayer, writeLayer } from "./data.ts";
import { type Layout, mergedOf } from "./patches.ts";
import { fitOf, plain, repaint, type Source } from "./source.ts";

/** The source as it is without some merged versions. */
export interface Before {
  readonly state: FillState | null;
  /** Patches that were merged together with what goes, and stay: they are put above the image again. */
  readonly restored: readonly OverlayRecord[];
  readonly left: readonly Merged[];
}

/** Merged versions can be taken back in the order in which they came. `all`: the image is replaced anyway. */
export function beforeMerges(source: Source, remove: ReadonlySet<string>, all: boolean): Before {
  const left = [...mergedOf(source)];
  let state = null as FillState | null;
  const restored: OverlayRecord[] = [];
  for (;;) {
    const last = left[left.length - 1];
    const own = last?.versions[last.versions.length - 1];
    if (last === undefined || own === undefined || !remove.has(own.version_id)) break;
    left.pop();
    // A canvas change that was taken back before this one keeps its node's size for the whole way.
    state = { ...last.before, node: last.before.node ?? state?.node ?? null };
    restored.unshift(...last.overlays.filter((record) => !remove.has(record.version)));
  }
  const stuck = left.some((merged) => merged.versions.some((version) => remove.has(version.version_id)));
  if (stuck && !all) {
    throw new HostError(
      "failed",
      "That version was merged into the image, and later ones with it.",
      "Take the later ones back first, or restore an earlier version from the history.",
    );
  }
  if (state !== null && figma.getImageByHash(state.hash) === null) {
    throw new HostError(
      "failed",
      "Figma does not hold the image as it was before the merge any more.",
      "Restore the version from Inlay's history, or use Figma's version history.",
    );
  }
  return { state, restored, left };
}

/** Gives the image fill another image, and the node another size where the state says so. */
export function setFill(source: Source, state: FillState, changes: Changes): Source {
  const { node, index } = source;
  const fills = node.fills;
  if (fills === figma.mixed) throw new HostError("changed", "The layer has mixed fills.", "Give it one image fill.");
  const paint = repaint(source.paint, state.hash, state.fit);
  const before = [...fills];
  changes.undoBy(() => (node.fills = before));
  node.fills = fills.map((fill, at) => (at === index ? paint : fill));
  if (state.node !== null) resize(source, state.node, changes);
  return { ...source, paint, hash: state.hash, size: state.size };
}

function resize(source: Source, to: NonNullable<FillState["node"]>, changes: Changes): void {
  const node = source.node;
  const [width, height, transform] = [node.width, node.height, node.relativeTransform];
  changes.undoBy(() => {
    node.resizeWithoutConstraints(width, height);
    node.relativeTransform = transform;
  });
  node.resizeWithoutConstraints(to.width, to.height);
  node.relativeTransform = to.transform;
  if ("children" in node && "layoutMode" in node && node.layoutMode === "NONE") {
    // The frame's corner moved; what it holds stays where it was on the page.
    const shift = chain(inverse(to.transform), transform);
    for (const child of node.children) {
      if (!("relativeTransform" in child)) continue;
      const place = child.relativeTransform;
      changes.undoBy(() => (child.relativeTransform = place));
      child.relativeTransform = plain(chain(shift, place));
    }
  }
}

export function stateOf(source: Source, withNode: boolean): FillState {
  const { node, hash, size } = source;
  return {
    hash,
    size,
    fit: fitOf(source.paint),
    node: withNode ? { width: node.width, height: node.height, transform: node.relativeTransform } : null,
  };
}

/** The fill as the layer is from now on. `moved`: old pixels could not be kept in place. */
export function grownState(source: Source, hash: string, change: Change): { state: FillState; moved: boolean } {
  const node = source.node;
  const { fit, box, moved } = regrow(fitOf(source.paint), source.size, node, change);
  const size: Size = { width: box.x1 - box.x0, height: box.y1 - box.y0 };
  const whole = sizeBox(node);
  const same = box.x0 === 0 && box.y0 === 0 && size.width === whole.x1 && size.height === whole.y1;
  const transform = plain(chain(node.relativeTransform, translation(box.x0, box.y0)));
  return { state: { hash, size: change.size, fit, node: same ? null : { ...size, transform } }, moved };
}

/** Remembers what the fill became, so that it can be told and taken back. */
export function remember(source: Source, merged: readonly Merged[], changes: Changes): void {
  const before = source.node.getSharedPluginData("inlay", "layer");
  changes.undoBy(() => source.node.setSharedPluginData("inlay", "layer", before));
  const known = readLayer(source.node);
  const key = known?.id === source.node.id ? known.key : source.key;
  writeLayer(source.node, { key, id: source.node.id, merged });
}

/** Writes the layer's key on its node, so that a cut and pasted image is the same layer. */
export function claim(source: Source, changes: Changes): void {
  if (readLayer(source.node)?.id !== source.node.id) remember(source, mergedOf(source), changes);
}

/** The patches above the image as they are, to be made again when a merge is taken back. */
export function recordsOf(layout: Layout): OverlayRecord[] {
  return layout.patches.flatMap((patch) =>
    patch.pieces === null
      ? []
      : [
          {
            layer: patch.data.layer,
            version: patch.data.version,
            parent: patch.data.parent,
            name: patch.node.name,
            marks: patch.data.marks,
            pieces: patch.pieces,
          },
        ],
  );
}
