/** Where each version stands in the drawn tree, and the lines between them. Pure: versions in, columns out. */

import type { VersionInfo } from "../protocol/messages.ts";

type Node = Pick<VersionInfo, "version_id" | "parent_id">;

export interface Laned<V extends Node> {
  readonly version: V;
  /** Column: 0 for the head's own line, each branch to the right of what it runs beside. */
  readonly lane: number;
}

/**
 * The versions newest first, each with its lane.
 *
 * The head's own line is what led to it and what a redo would bring back. A branch keeps its lane from its newest
 * version down to where it left its parent's; lanes are used again when they are free.
 *
 * @param versions oldest first, each after its parent, as the bridge lists them. A parent that is not among them (its
 *   page is not here yet) ends the line.
 */
export function lanes<V extends Node>(versions: readonly V[], headId: string | null): readonly Laned<V>[] {
  const place = new Map(versions.map((version, index) => [version.version_id, index]));
  const rowOf = (index: number) => versions.length - 1 - index;
  const lane = new Array<number>(versions.length).fill(-1);
  for (const index of ownLine(versions, place, headId)) lane[index] = 0;

  /** By lane: the row from which on it is free. */
  const freeFrom: number[] = [Number.POSITIVE_INFINITY];
  for (let tip = versions.length - 1; tip >= 0; tip--) {
    if (lane[tip] !== -1) continue;
    const chain: number[] = [];
    let next: number | undefined = tip;
    while (next !== undefined && lane[next] === -1) {
      chain.push(next);
      next = parentOf(versions, place, next);
    }
    const first = rowOf(tip);
    let column = 1;
    while ((freeFrom[column] ?? 0) > first) column++;
    freeFrom[column] = next === undefined ? versions.length : rowOf(next);
    for (const index of chain) lane[index] = column;
  }
  return versions.map((version, index) => ({ version, lane: lane[index] ?? 0 })).reverse();
}

function parentOf(versions: readonly Node[], place: ReadonlyMap<string, number>, index: number): number | undefined {
  const parent = versions[index]?.parent_id;
  return parent === null || parent === undefined ? undefined : place.get(parent);
}

/** The head, all before it, and the newest line after it; without a head, the newest version's line. */
function ownLine(
  versions: readonly Node[],
  place: ReadonlyMap<string, number>,
  headId: string | null,
): readonly number[] {
  if (versions.length === 0) return [];
  const head = (headId === null ? undefined : place.get(headId)) ?? versions.length - 1;
  const line: number[] = [];
  for (let at: number | undefined = head; at !== undefined; at = parentOf(versions, place, at)) line.push(at);
  // Children come after their parents, so the last one seen is the newest.
  const newestChild = new Map<number, number>();
  versions.forEach((_, index) => {
    const parent = parentOf(versions, place, index);
    if (parent !== undefined) newestChild.set(parent, index);
  });
  for (let at = newestChild.get(head); at !== undefined; at = newestChild.get(at)) line.push(at);
  return line;
}

/** What is drawn beside one row of the tree. */
export interface Links {
  /** A line from this row's dot to the row above, and to the row below. */
  readonly up: boolean;
  readonly down: boolean;
  /** Lanes whose line runs past this row. */
  readonly past: readonly number[];
  /** Lanes of branches that left from this row's version: their line comes down and turns to its dot. */
  readonly joins: readonly number[];
}

/** The lines of each row, for rows in drawn order (newest first). */
export function links(rows: readonly Laned<Node>[]): readonly Links[] {
  const place = new Map(rows.map((row, index) => [row.version.version_id, index]));
  const drawn = rows.map(() => ({ up: false, down: false, past: [] as number[], joins: [] as number[] }));
  rows.forEach((row, index) => {
    const parentId = row.version.parent_id;
    if (parentId === null) return;
    const own = drawn[index];
    if (own !== undefined) own.down = true;
    const parent = place.get(parentId) ?? rows.length;
    for (let between = index + 1; between < parent; between++) drawn[between]?.past.push(row.lane);
    const target = drawn[parent];
    if (target === undefined) return;
    if (rows[parent]?.lane === row.lane) target.up = true;
    else target.joins.push(row.lane);
  });
  return drawn;
}
