/** What is selected on the picture, and how it becomes a mask. Immutable values, pure. */

import { painted, type Stroke } from "../../../../plugins/figma/src/ui/strokes.ts";
import { type Tool as Brush, toolFor } from "../../../../plugins/figma/src/ui/tool.ts";
import type { Mask } from "../../../../plugins/shared/src/pixels/raster.ts";
import type { Size } from "../../../../plugins/shared/src/pixels/rect.ts";
import { corners, MOST_PX, pixelsOf, type Point, region } from "./region.ts";
import type { Box } from "./state.ts";

export type { Brush, Point, Stroke };
export type Kind = "whole" | "box" | "lasso" | "brush";

export interface Selection {
  readonly kind: Kind;
  /** Of the layer that it is drawn on. */
  readonly size: Size;
  readonly box: Box | null;
  /** The lasso's line, which goes back to where it began. */
  readonly line: readonly Point[];
  readonly strokes: readonly Stroke[];
  /** How soft the edge of a box or a lasso is. */
  readonly featherPx: number;
  readonly brush: Brush;
}

/** A feather for a layer that nobody has chosen one for: seen as soft, not as blurred. */
const FEATHER = 0.004;

export function nothing(size: Size, kind: Kind = "whole"): Selection {
  const featherPx = Math.round(Math.min(size.width, size.height) * FEATHER);
  return { kind, size, box: null, line: [], strokes: [], featherPx, brush: toolFor(size) };
}

/** The same tools with nothing drawn. */
export function cleared(selection: Selection): Selection {
  return { ...selection, box: null, line: [], strokes: [] };
}

export function isDrawn({ kind, box, line, strokes }: Selection): boolean {
  switch (kind) {
    case "whole":
      return true;
    case "box":
      return box !== null;
    case "lasso":
      return line.length > 2;
    case "brush":
      return strokes.length > 0;
  }
}

/** A stroke with the brush as it is. */
export function strokeOf({ erase, sizePx, featherPx }: Brush, points: readonly Point[]): Stroke {
  return { erase, sizePx, featherPx, points };
}

/** `whole`: no mask, all of it · `empty`: nothing is selected · `too_large`: more than is drawn by hand. */
export function maskOf(selection: Selection): Mask | "whole" | "empty" | "too_large" {
  const { kind, size, featherPx, strokes } = selection;
  if (kind === "whole") return "whole";
  if (!isDrawn(selection)) return "empty";
  if (kind === "brush") return painted(strokes, size, null) ?? "empty";
  const points = outlineOf(selection);
  if (pixelsOf(points, size, featherPx) > MOST_PX) return "too_large";
  return region(points, size, featherPx) ?? "empty";
}

/** The line round a box or a lasso. */
export function outlineOf({ kind, box, line }: Selection): readonly Point[] {
  if (kind === "box") return box === null ? [] : corners(box);
  return kind === "lasso" ? line : [];
}

/** A box of whole pixels between two points, within the layer; null when it is none. */
export function boxBetween(one: Point, other: Point, size: Size): Box | null {
  const within = (value: number, most: number): number => Math.max(0, Math.min(most, Math.round(value)));
  const [x0, x1] = [one.x, other.x].map((x) => within(x, size.width)).sort((a, b) => a - b);
  const [y0, y1] = [one.y, other.y].map((y) => within(y, size.height)).sort((a, b) => a - b);
  if (x0 === undefined || x1 === undefined || y0 === undefined || y1 === undefined) return null;
  return x1 > x0 && y1 > y0 ? [x0, y0, x1, y1] : null;
}
