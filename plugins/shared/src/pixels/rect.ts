/** Half-open rectangles in whole pixels, as everywhere in Inlay: (x0, y0) is inside, (x1, y1) is not. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** x0, y0, x1, y1: the form that travels. */
export type RectTuple = readonly [number, number, number, number];

export interface Rect {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export const NOTHING: Rect = Object.freeze({ x0: 0, y0: 0, x1: 0, y1: 0 });

export function rect(x0: number, y0: number, x1: number, y1: number): Rect {
  return { x0, y0, x1, y1 };
}

export function rectOf(size: Size): Rect {
  return rect(0, 0, size.width, size.height);
}

export function fromTuple(tuple: RectTuple): Rect {
  return rect(tuple[0], tuple[1], tuple[2], tuple[3]);
}

export function toTuple(of: Rect): RectTuple {
  return [of.x0, of.y0, of.x1, of.y1];
}

export function widthOf(of: Rect): number {
  return of.x1 - of.x0;
}

export function heightOf(of: Rect): number {
  return of.y1 - of.y0;
}

export function areaOf(of: Rect): number {
  return isEmpty(of) ? 0 : widthOf(of) * heightOf(of);
}

export function isEmpty(of: Rect): boolean {
  return of.x1 <= of.x0 || of.y1 <= of.y0;
}

export function sameRect(one: Rect, other: Rect): boolean {
  return one.x0 === other.x0 && one.y0 === other.y0 && one.x1 === other.x1 && one.y1 === other.y1;
}

export function contains(outer: Rect, inner: Rect): boolean {
  return inner.x0 >= outer.x0 && inner.y0 >= outer.y0 && inner.x1 <= outer.x1 && inner.y1 <= outer.y1;
}

/** What both hold; `NOTHING` where they do not meet. */
export function intersect(one: Rect, other: Rect): Rect {
  const both = rect(
    Math.max(one.x0, other.x0),
    Math.max(one.y0, other.y0),
    Math.min(one.x1, other.x1),
    Math.min(one.y1, other.y1),
  );
  return isEmpty(both) ? NOTHING : both;
}

/** The smallest rectangle around both. */
export function union(one: Rect, other: Rect): Rect {
  if (isEmpty(one)) return other;
  if (isEmpty(other)) return one;
  return rect(
    Math.min(one.x0, other.x0),
    Math.min(one.y0, other.y0),
    Math.max(one.x1, other.x1),
    Math.max(one.y1, other.y1),
  );
}

/** Grown by so many pixels on each side. */
export function grow(of: Rect, px: number): Rect {
  return rect(of.x0 - px, of.y0 - px, of.x1 + px, of.y1 + px);
}

export function shift(of: Rect, dx: number, dy: number): Rect {
  return rect(of.x0 + dx, of.y0 + dy, of.x1 + dx, of.y1 + dy);
}

/** The smallest rectangle of whole cells of a grid from the origin that holds it. */
export function align(of: Rect, cellPx: number): Rect {
  return rect(
    Math.floor(of.x0 / cellPx) * cellPx,
    Math.floor(of.y0 / cellPx) * cellPx,
    Math.ceil(of.x1 / cellPx) * cellPx,
    Math.ceil(of.y1 / cellPx) * cellPx,
  );
}
