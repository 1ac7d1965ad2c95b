/** Which rows of a long list are drawn. Pure. */

/** Rows beyond each edge, so that a quick scroll does not show a gap. */
const SPARE = 12;

export interface Window {
  readonly first: number;
  /** Behind the last one drawn. */
  readonly end: number;
}

export function windowOf(count: number, rowPx: number, scrollTop: number, heightPx: number): Window {
  const top = Math.max(0, Math.min(scrollTop, count * rowPx - heightPx));
  return {
    first: Math.max(0, Math.floor(top / rowPx) - SPARE),
    end: Math.min(count, Math.ceil((top + heightPx) / rowPx) + SPARE),
  };
}

/** Where to scroll so that a row is wholly seen; the same place when it already is. */
export function scrolledTo(index: number, rowPx: number, scrollTop: number, heightPx: number): number {
  const top = index * rowPx;
  if (top < scrollTop) return top;
  return Math.max(scrollTop, top + rowPx - heightPx);
}
