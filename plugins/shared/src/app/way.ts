/** From what a document shows to a version of the tree: which patches go, which come. Geometry of trees alone. */

import type { Shown } from "../host.ts";
import type { VersionInfo } from "../protocol/messages.ts";

export interface Way {
  /** Versions whose patches are taken away. */
  readonly remove: readonly string[];
  /** Versions whose own patches are put on top, lowest first. */
  readonly put: readonly string[];
  /** What is shown when the patches are gone, before others come: a version's id, null for the source alone. */
  readonly from: string | null;
}

/** The version and all above it up to the source, itself first. Empty when the tree does not hold it. */
export function lineage(versions: readonly VersionInfo[], version_id: string): VersionInfo[] {
  const byId = new Map(versions.map((version) => [version.version_id, version]));
  const line: VersionInfo[] = [];
  for (let at = byId.get(version_id); at !== undefined; at = byId.get(at.parent_id ?? "")) line.push(at);
  return line;
}

/** The source version that a version began with. */
export function rootOf(versions: readonly VersionInfo[], version_id: string | null): string | null {
  return version_id === null ? null : (lineage(versions, version_id).at(-1)?.version_id ?? null);
}

/**
 * Which patches go and come so that `version_id` is shown. As many as can stay do.
 *
 * Null when there is no way: the version is of another tree than what is shown.
 */
export function wayTo(versions: readonly VersionInfo[], shown: readonly Shown[], version_id: string): Way | null {
  const line = lineage(versions, version_id).reverse();
  if (line.length === 0) return null;
  const place = new Map(line.map((version, index) => [version.version_id, index]));
  for (let kept = shown.length; kept >= 0; kept--) {
    // Without any patch the source shows what the lowest patch was put on, or the tree's own source.
    const from = kept > 0 ? shown[kept - 1]?.version_id : (shown[0]?.parent_id ?? line[0]?.version_id);
    const index = from === undefined ? undefined : place.get(from);
    if (from === undefined || index === undefined) continue;
    return {
      remove: shown.slice(kept).map((patch) => patch.version_id),
      put: line.slice(index + 1).map((version) => version.version_id),
      from: kept > 0 ? from : null,
    };
  }
  return null;
}
