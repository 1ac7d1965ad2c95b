/** Where the rows of a long list are, of which only some have been measured. Pure. */

export interface Offsets {
  /** Of each row's upper edge; one more at the end, for the lower edge of the last. */
  readonly tops: readonly number[];
  readonly total: number;
}

/** Rows one below the other, each as high as `heightOf` says. */
export function offsets(count: number, heightOf: (index: number) => number): Offsets {
  const tops = new Array<number>(count + 1);
  let total = 0;
  for (let index = 0; index < count; index++) {
    tops[index] = total;
    total += heightOf(index);
  }
  tops[count] = total;
  return { tops, total };
}

export interface Range {
  readonly first: number;
  /** Behind the last one. */
  readonly end: number;
}

/** The rows that lie between two heights, and `spare` more on each side. */
export function between({ tops }: Offsets, top: number, bottom: number, spare: number): Range {
  const count = tops.length - 1;
  const first = Math.max(0, rowAt(tops, top) - spare);
  return { first, end: Math.min(count, rowAt(tops, bottom) + 1 + spare) };
}

/** The last row that begins at or above this height. */
function rowAt(tops: readonly number[], height: number): number {
  let low = 0;
  let high = tops.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tops[middle] ?? 0) <= height) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}
