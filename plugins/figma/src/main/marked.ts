/** Which shapes are hidden when a result lands: those whose mask went with its edit, not those that were only looked at. */

import type { Shown } from "../../../shared/src/host.ts";

/** Ids of the shapes of the last edit that began; edits run one at a time. */
let sent: { readonly layerKey: string; readonly ids: readonly string[] } | null = null;

/** Versions that have been in the document: putting one again is a step through the history, no landing. */
const known = new Set<string>();

export function begin(layerKey: string, ids: readonly string[]): void {
  sent = { layerKey, ids };
}

export function see(shown: readonly Shown[]): void {
  for (const { version_id } of shown) known.add(version_id);
}

/** The shapes that marked the place of a version. They are kept until it has landed, since it may be refused. */
export function sentFor(layerKey: string, version: string): readonly string[] {
  return sent?.layerKey === layerKey && !known.has(version) ? sent.ids : [];
}

export function landed(layerKey: string, version: string): void {
  if (sent?.layerKey === layerKey && !known.has(version)) sent = null;
  known.add(version);
}
