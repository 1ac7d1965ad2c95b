/** The shapes that marked the place of a patch: hidden when it lands, since they would hide it; shown when it goes. */

import type { Changes } from "./changes.ts";
import { sentFor } from "./marked.ts";
import type { Before } from "./merge.ts";
import { mergedOf, patchesNear } from "./patches.ts";
import type { Source } from "./source.ts";

export interface Marks {
  /** Of the patches that go. */
  readonly ofGone: readonly SceneNode[];
  /** To be hidden under the patch that comes. */
  readonly toHide: readonly SceneNode[];
}

/** Which shapes marked which version, as far as this window knows: for a version that comes back. */
const known = new Map<string, readonly string[]>();

export async function findMarks(
  source: Source,
  remove: ReadonlySet<string>,
  before: Before,
  version: string | null,
): Promise<Marks> {
  const gone = [
    ...patchesNear(source).flatMap(({ data }) => (remove.has(data.version) ? (data.marks ?? []) : [])),
    ...mergedOf(source)
      .slice(before.left.length)
      .flatMap((merged) => merged.marks ?? []),
  ];
  const ofGone = await nodesOf(gone);
  if (version === null) return { ofGone, toHide: [] };
  // Those that a person hid meanwhile are not ours to show again.
  const fresh = (await nodesOf(sentFor(source.key, version))).filter((node) => node.visible);
  const ids = [...new Set([...fresh.map((node) => node.id), ...(known.get(version) ?? []), ...gone])];
  known.set(version, ids);
  return { ofGone, toHide: await nodesOf(ids) };
}

export async function nodesOf(ids: readonly string[]): Promise<readonly SceneNode[]> {
  const found = await Promise.all(ids.map((id) => figma.getNodeByIdAsync(id)));
  return found.filter((node): node is SceneNode => node !== null && "visible" in node);
}

/** How many were hidden just now. */
export function hide(marks: Marks, changes: Changes): number {
  return setVisible(marks.toHide, false, changes);
}

export function showAgain(marks: Marks, changes: Changes): void {
  setVisible(marks.ofGone, true, changes);
}

function setVisible(marks: readonly SceneNode[], visible: boolean, changes: Changes): number {
  const others = marks.filter((node) => !node.removed && node.visible !== visible);
  for (const node of others) {
    changes.undoBy(() => (node.visible = !visible));
    node.visible = visible;
  }
  return others.length;
}
