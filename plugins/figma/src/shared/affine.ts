/** Affine maps of the plane, in the form that Figma's own transforms have: [[a, c, e], [b, d, f]]. */

export type Affine = readonly [readonly [number, number, number], readonly [number, number, number]];

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A rectangle in real numbers, half-open like all rectangles here. */
export interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export const IDENTITY: Affine = [
  [1, 0, 0],
  [0, 1, 0],
];

export function translation(x: number, y: number): Affine {
  return [
    [1, 0, x],
    [0, 1, y],
  ];
}

export function scaling(x: number, y: number = x): Affine {
  return [
    [x, 0, 0],
    [0, y, 0],
  ];
}

/** First the last one: `chain(a, b)` of p is a(b(p)). */
export function chain(...maps: readonly Affine[]): Affine {
  return maps.reduce(times, IDENTITY);
}

function times(one: Affine, other: Affine): Affine {
  const row = (r: readonly [number, number, number]): readonly [number, number, number] => [
    r[0] * other[0][0] + r[1] * other[1][0],
    r[0] * other[0][1] + r[1] * other[1][1],
    r[0] * other[0][2] + r[1] * other[1][2] + r[2],
  ];
  return [row(one[0]), row(one[1])];
}

export function determinant(of: Affine): number {
  return of[0][0] * of[1][1] - of[0][1] * of[1][0];
}

/** @throws RangeError when the map flattens the plane (a node of no height). */
export function inverse(of: Affine): Affine {
  const by = determinant(of);
  if (!Number.isFinite(1 / by) || by === 0) throw new RangeError("This map has no inverse.");
  const [[a, c, e], [b, d, f]] = of;
  return [
    [d / by, -c / by, (c * f - d * e) / by],
    [-b / by, a / by, (b * e - a * f) / by],
  ];
}

export function apply(map: Affine, point: Point): Point {
  return {
    x: map[0][0] * point.x + map[0][1] * point.y + map[0][2],
    y: map[1][0] * point.x + map[1][1] * point.y + map[1][2],
  };
}

export function corners(box: Box): readonly [Point, Point, Point, Point] {
  return [
    { x: box.x0, y: box.y0 },
    { x: box.x1, y: box.y0 },
    { x: box.x1, y: box.y1 },
    { x: box.x0, y: box.y1 },
  ];
}

export function boxAround(points: readonly Point[]): Box {
  const xs = points.map((point) => point.x);
  const ys = points.map((point) => point.y);
  return { x0: Math.min(...xs), y0: Math.min(...ys), x1: Math.max(...xs), y1: Math.max(...ys) };
}

/** The upright box around what the map makes of a box. */
export function mapBox(map: Affine, box: Box): Box {
  return boxAround(corners(box).map((corner) => apply(map, corner)));
}

export function meet(one: Box, other: Box): Box | null {
  const both = {
    x0: Math.max(one.x0, other.x0),
    y0: Math.max(one.y0, other.y0),
    x1: Math.min(one.x1, other.x1),
    y1: Math.min(one.y1, other.y1),
  };
  return both.x1 > both.x0 && both.y1 > both.y0 ? both : null;
}

/** Whether upright boxes stay upright (turns by quarters, flips and stretches). */
export function isUpright(map: Affine): boolean {
  const size = Math.max(Math.abs(map[0][0]), Math.abs(map[0][1]), Math.abs(map[1][0]), Math.abs(map[1][1]));
  const small = size * 1e-5;
  const straight = Math.abs(map[0][1]) <= small && Math.abs(map[1][0]) <= small;
  const turned = Math.abs(map[0][0]) <= small && Math.abs(map[1][1]) <= small;
  return straight || turned;
}

/** How far the two maps take a point of the box apart at most. */
export function distance(one: Affine, other: Affine, over: Box): number {
  return Math.max(
    ...corners(over).map((corner) => {
      const here = apply(one, corner);
      const there = apply(other, corner);
      return Math.hypot(here.x - there.x, here.y - there.y);
    }),
  );
}
