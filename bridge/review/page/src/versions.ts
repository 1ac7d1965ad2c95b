/** A layer's versions, the newest first to arrive: what is seen is there before what is not. */

import type { Link } from "../../../../plugins/shared/src/bridge/link.ts";
import type { LayerInfo, VersionInfo } from "../../../../plugins/shared/src/protocol/messages.ts";

/** `number`: of the layer's edits, from 1; 0 for what a tree began with. */
export type Numbered = VersionInfo & { readonly number: number };

export interface Known {
  readonly layer: LayerInfo;
  /** The last ones, oldest first, without a gap. */
  readonly versions: readonly Numbered[];
  /** How many there are; more than `versions` until all are here. */
  readonly total: number;
}

/** The newest page. */
export async function readNewest(link: Link, layer_id: string): Promise<Known> {
  const page = await link.request("history.tree", { layer_id, skip: 0, from_end: true }, "history.tree.is");
  return { layer: page.layer, versions: numbered(page.versions, page.edits_before), total: page.total };
}

/**
 * What came since, put after what is known. Versions are only ever added, so nothing that is here is read again.
 *
 * @returns null where so many came that there would be a gap.
 */
export async function readSince(link: Link, known: Known): Promise<Known | null> {
  const newest = await readNewest(link, known.layer.layer_id);
  const here = new Set(known.versions.map(({ version_id }) => version_id));
  const came = newest.versions.filter(({ version_id }) => !here.has(version_id));
  if (known.total + came.length !== newest.total) return null;
  return { layer: newest.layer, versions: [...known.versions, ...came], total: newest.total };
}

/** The page before the oldest that is here; the same when all are. */
export async function readOlder(link: Link, known: Known): Promise<Known> {
  const { layer, versions, total } = known;
  if (versions.length >= total) return known;
  const fields = { layer_id: layer.layer_id, skip: versions.length, from_end: true };
  const page = await link.request("history.tree", fields, "history.tree.is");
  const here = new Set(versions.map(({ version_id }) => version_id));
  const older = numbered(page.versions, page.edits_before).filter(({ version_id }) => !here.has(version_id));
  // Others came meanwhile, and moved the page: what is missing comes with the next.
  return { layer, versions: [...older, ...versions], total: older.length === 0 ? versions.length : page.total };
}

/** Whatever led to the head has landed, also what was a variation first: choosing it changes that. */
export function landed(versions: readonly Numbered[], head_id: string): readonly Numbered[] {
  const place = new Map(versions.map((version, index) => [version.version_id, index]));
  const changed: Numbered[] = [...versions];
  let any = false;
  for (let at = place.get(head_id); at !== undefined;) {
    const version = changed[at];
    if (version === undefined) break;
    if (version.state !== "landed") {
      changed[at] = { ...version, state: "landed" };
      any = true;
    }
    at = version.parent_id === null ? undefined : place.get(version.parent_id);
  }
  return any ? changed : versions;
}

function numbered(versions: readonly VersionInfo[], edits_before: number): Numbered[] {
  let number = edits_before;
  return versions.map((version) => {
    if (version.kind === "source") return { ...version, number: 0 };
    number += 1;
    return { ...version, number };
  });
}
