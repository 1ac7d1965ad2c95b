/** One placement: patches go, one comes, one undo step; or, if anything fails, nothing has happened. */

import { HostError, type Shown } from "../../../shared/src/host.ts";
import type { PlacedInfo, PlaceInfo, PutInfo } from "../shared/asks.ts";
import { Changes } from "./changes.ts";
import type { OverlayRecord, PieceRecord } from "./data.ts";
import { landed } from "./marked.ts";
import { findMarks, hide, type Marks, showAgain } from "./marks.ts";
import { beforeMerges, type Before, claim, grownState, recordsOf, remember, setFill, stateOf } from "./merge.ts";
import { putNative, unfit } from "./native.ts";
import { putOverlay } from "./overlay.ts";
import { layoutOf, type Layout, mergedOf, patchesNear, revisionOf } from "./patches.ts";
import { takePreview } from "./preview.ts";
import { findSource, gone, imageFill, noOverlay, type Source } from "./source.ts";

const RELAUNCH = { edit: "Say what should change", undo: "", history: "" };

/** Pictures that Figma took, ready to be fills. */
interface Images {
  readonly places: readonly string[];
  readonly pictures: readonly string[];
}

interface Landing extends Images {
  readonly marks: Marks;
}

export async function place(info: PlaceInfo, bytes: readonly Uint8Array[]): Promise<PlacedInfo> {
  const source = await findSource(info.layerKey);
  if (revisionOf(source, layoutOf(source)) !== info.revision) throw changed();
  const put = info.put;
  if (put !== null && put.as !== "layer" && source.node.locked) {
    throw new HostError("locked", "The image is locked.", "Unlock it, or place results as layers.");
  }
  const remove = new Set(info.remove);
  const before = beforeMerges(source, remove, put?.as === "canvas");
  const native = put !== null && put.layers.length > 0;
  if (native) {
    const why = await unfit(source, put.layers, bytes.length - put.places.length);
    if (why !== null) return { notes: [why], failedNative: true };
  }
  const images = take(put, bytes);
  const marks = await findMarks(source, remove, before, put?.version_id ?? null);

  // Nothing is awaited from here on: nobody can come in between, and all of it is one step.
  if (source.node.removed) throw gone();
  if (revisionOf(source, layoutOf(source)) !== info.revision || imageFill(source.node)?.hash !== source.hash)
    throw changed();
  const changes = new Changes();
  const notes: string[] = [];
  try {
    const bare = takeAway(source, remove, before, changes);
    if (put === null) {
      showAgain(marks, changes);
    } else {
      notes.push(...putOn(bare, put, { ...images, marks }, before, changes));
      const hidden = hide(marks, changes);
      if (hidden === 1) notes.push("The shape that marked the place is hidden.");
      if (hidden > 1) notes.push("The shapes that marked the place are hidden.");
      offerAgain(source.node, changes);
      claim(source, changes);
    }
    takePreview(info.layerKey);
    changes.finish();
    if (put !== null) landed(info.layerKey, put.version_id);
  } catch (error) {
    changes.rollback();
    throw error instanceof HostError ? error : refused(error);
  }
  figma.commitUndo();
  return { notes, failedNative: false };
}

function changed(): HostError {
  return new HostError(
    "changed",
    "The image, or a patch of it, was changed meanwhile.",
    "Look at it, then place the result or edit again.",
  );
}

function refused(error: unknown): HostError {
  const why = error instanceof Error ? error.message : String(error);
  return new HostError(
    "failed",
    `Figma refused the change: ${why}`,
    "Nothing was changed. Try again, or place it otherwise.",
  );
}

function take(put: PutInfo | null, bytes: readonly Uint8Array[]): Images {
  if (put === null) return { places: [], pictures: [] };
  const hashes = bytes.map((data) => {
    try {
      return figma.createImage(data).hash;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new HostError(
        "too_large",
        `Figma does not take this picture: ${why}`,
        "Place results as layers, in parts.",
      );
    }
  });
  return { places: hashes.slice(0, put.places.length), pictures: hashes.slice(put.places.length) };
}

/** Takes patches and merged versions away; what comes back is the source as it is then. */
function takeAway(source: Source, remove: ReadonlySet<string>, before: Before, changes: Changes): Source {
  for (const patch of patchesNear(source)) {
    if (patch.data.layer === source.key && remove.has(patch.data.version)) changes.remove(patch.node);
  }
  if (before.state === null) return source;
  const bare = setFill(source, before.state, changes);
  remember(bare, before.left, changes);
  for (const record of before.restored) putOverlay(bare, record, changes);
  return bare;
}

function putOn(source: Source, put: PutInfo, images: Landing, before: Before, changes: Changes): readonly string[] {
  if (put.layers.length > 0) {
    const naming = { name: put.text, version: put.version_id, parent: put.parent_id, marks: idsOf(images.marks) };
    putNative(source, put.layers, images.pictures, naming, changes);
    return [];
  }
  if (put.as !== "layer") return merge(source, put, images, before, changes);
  const why = noOverlay(source);
  if (why !== null) throw new HostError("failed", why, "Merge the result into the image.");
  const record: OverlayRecord = {
    layer: source.key,
    version: put.version_id,
    parent: put.parent_id,
    name: put.text,
    marks: idsOf(images.marks),
    pieces: put.places.flatMap((at, index): PieceRecord[] => {
      const hash = images.places[index];
      return hash === undefined ? [] : [{ hash, x: at.x, y: at.y, ...at.size }];
    }),
  };
  if (putOverlay(source, record, changes) === null) {
    return ["The edited part is cropped away, so nothing is seen of it. Show it in Figma, then place it again."];
  }
  return [];
}

function merge(source: Source, put: PutInfo, images: Landing, before: Before, changes: Changes): readonly string[] {
  const hash = images.places[0];
  if (hash === undefined) throw new HostError("failed", "There is no picture to merge.", "Try again.");
  const grown = put.canvas === null ? null : grownState(source, hash, put.canvas);
  const size = put.canvas?.size ?? source.size;
  const state = grown?.state ?? { ...stateOf(source, false), hash, size };
  const layout = stillThere(source, changes);
  const baked: readonly Shown[] = layout.patches.flatMap((patch) =>
    patch.own ? [{ version_id: patch.data.version, parent_id: patch.data.parent }] : [],
  );
  const was = stateOf(source, state.node !== null);
  const merged = before.state === null ? mergedOf(source) : before.left;
  const done = setFill(source, state, changes);
  for (const patch of layout.patches) {
    // Letters stay as they are when pixels below them change, but a whole new layer has them in its pixels.
    if (patch.pieces !== null || put.canvas !== null) changes.remove(patch.node);
  }
  const version = { version_id: put.version_id, parent_id: put.parent_id };
  const pixels = put.canvas === null ? baked.filter((of) => !isNative(layout, of.version_id)) : baked;
  const entry = {
    versions: [...pixels, version],
    before: was,
    after: hash,
    overlays: recordsOf(layout),
    marks: idsOf(images.marks),
  };
  remember(done, [...merged, entry], changes);
  const notes: string[] = [];
  if (grown?.moved === true) notes.push("The repeated image has other proportions now, so its repetitions moved.");
  const parent = source.node.parent;
  const flows = parent !== null && "layoutMode" in parent && parent.layoutMode !== "NONE";
  const inFlow = flows && "layoutPositioning" in source.node && source.node.layoutPositioning === "AUTO";
  if (state.node !== null && inFlow) notes.push("The image grew inside an auto layout; what is beside it moved.");
  return notes;
}

function idsOf(marks: Marks): readonly string[] | undefined {
  return marks.toHide.length === 0 ? undefined : marks.toHide.map((node) => node.id);
}

function isNative(layout: Layout, version_id: string): boolean {
  return layout.patches.some((patch) => patch.pieces === null && patch.data.version === version_id);
}

/** What lies above the source once this change is done: patches that go are still in the tree, so they are left out. */
function stillThere(source: Source, changes: Changes): Layout {
  const layout = layoutOf(source);
  const patches = layout.patches.filter((patch) => !changes.isGoing(patch.node));
  return { ...layout, patches };
}

function offerAgain(node: SceneNode, changes: Changes): void {
  const before = node.getRelaunchData();
  changes.undoBy(() => node.setRelaunchData(before));
  node.setRelaunchData(RELAUNCH);
}
