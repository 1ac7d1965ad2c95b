/** Selecting by keys alone: a box that is moved and resized, a brush that paints. Pure. */

import { nextSize } from "../../../../plugins/figma/src/ui/tool.ts";
import { type Point, type Selection, strokeOf } from "./selection.ts";
import type { Box } from "./state.ts";

/** Of the layer's sides: one press of an arrow key, and the box that the keys begin with. */
const STEP = 0.02;
const FIRST: readonly [number, number, number, number] = [0.4, 0.4, 0.6, 0.6];
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

interface ByKey {
  readonly fields: Partial<Selection>;
  readonly ring: Point | null;
}

/** What a key does to what is selected; null: nothing. */
export function byKey(
  { key, shiftKey }: { readonly key: string; readonly shiftKey: boolean },
  selection: Selection,
  ring: Point | null,
): ByKey | null {
  const { kind, size, brush } = selection;
  const arrow = ARROWS[key];
  if (kind === "box") {
    if (arrow === undefined && key !== "Enter") return null;
    const { box } = selection;
    if (box === null || arrow === undefined) {
      const [x0, y0, x1, y1] = FIRST;
      const { width, height } = size;
      return {
        fields: {
          box: [Math.floor(x0 * width), Math.floor(y0 * height), Math.ceil(x1 * width), Math.ceil(y1 * height)],
        },
        ring,
      };
    }
    const [dx, dy] = [Math.ceil(size.width * STEP) * arrow[0], Math.ceil(size.height * STEP) * arrow[1]];
    return { fields: { box: shiftKey ? resized(box, dx, dy, size) : moved(box, dx, dy, size) }, ring };
  }
  if (kind !== "brush") return null;
  const from = ring ?? { x: size.width / 2, y: size.height / 2 };
  if (key === "[" || key === "]") {
    return { fields: { brush: { ...brush, sizePx: nextSize(brush.sizePx, key === "]" ? 1 : -1, size) } }, ring: from };
  }
  if (key.toLowerCase() === "e") return { fields: { brush: { ...brush, erase: !brush.erase } }, ring: from };
  if (key === " ") return { fields: { strokes: [...selection.strokes, strokeOf(brush, [from])] }, ring: from };
  if (arrow === undefined) return null;
  const step = Math.max(1, brush.sizePx / 3);
  const within = (value: number, most: number): number => Math.max(0, Math.min(most, value));
  const to = { x: within(from.x + arrow[0] * step, size.width), y: within(from.y + arrow[1] * step, size.height) };
  return { fields: shiftKey ? { strokes: [...selection.strokes, strokeOf(brush, [from, to])] } : {}, ring: to };
}

type Layer = Selection["size"];

function moved([x0, y0, x1, y1]: Box, dx: number, dy: number, { width, height }: Layer): Box {
  const x = Math.max(-x0, Math.min(width - x1, dx));
  const y = Math.max(-y0, Math.min(height - y1, dy));
  return [x0 + x, y0 + y, x1 + x, y1 + y];
}

function resized([x0, y0, x1, y1]: Box, dx: number, dy: number, { width, height }: Layer): Box {
  return [x0, y0, Math.max(x0 + 1, Math.min(width, x1 + dx)), Math.max(y0 + 1, Math.min(height, y1 + dy))];
}
