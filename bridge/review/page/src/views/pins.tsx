/** Comments where they are on the picture, and the mark for a new one: dragged, clicked, or moved by keys. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Box } from "../state.ts";
import { pinsOf } from "../threads.ts";
import type { Point, Viewport } from "../viewport.ts";
import { placed } from "./pane.tsx";
import { usePage } from "./parts.tsx";

/** Less than this on the screen is a click: a point. */
const CLICK_PX = 4;
/** Of what is in sight, for each press of an arrow key. */
const STEP = 0.02;
/** Layer pixels around the smallest comment. */
const LEAST_ROOM = 60;
/** Of what is in sight: what the keyboard begins with. */
const FIRST = 0.2;

/** The open comments of the layer that have a place on this version. */
export function Pins({ viewport }: { readonly viewport: Viewport | null }): JSX.Element {
  const { review, state } = usePage();
  const place = state.thread_id === null ? null : (state.places.get(state.thread_id)?.rect_px ?? null);
  const where = place?.join(" ");
  useEffect(() => {
    if (viewport !== null && place !== null && !isInSight(place, viewport)) viewport.show(withRoom(place));
  }, [viewport, where]);
  return (
    <>
      {pinsOf(state.talk, state.places, state.thread_id).map(({ comment_id, number, author, text, rect_px }) => {
        const isPoint = rect_px[2] - rect_px[0] <= 1;
        return (
          <button
            key={comment_id}
            type="button"
            class={`placed pin${isPoint ? " point" : ""}${state.thread_id === comment_id ? " chosen" : ""}`}
            aria-label={`Comment ${number} of ${author}: ${text.slice(0, 80)}`}
            style={placed(rect_px)}
            onClick={() => review.showThread(comment_id)}
          >
            <span>{number}</span>
          </button>
        );
      })}
    </>
  );
}

export function Mark({ viewport }: { readonly viewport: Viewport | null }): JSX.Element | null {
  const { review, state } = usePage();
  const [dragged, setDragged] = useState<Box | null>(null);
  useEffect(() => {
    if (viewport === null || !state.pinning) return undefined;
    let from: Point | null = null;
    const boxOf = (to: Point): Box => around(from ?? to, to, viewport);
    viewport.use({
      cursor: "crosshair",
      down: (at) => {
        from = at;
        setDragged(boxOf(at));
      },
      move: (at) => {
        if (from !== null) setDragged(boxOf(at));
      },
      up: (at) => {
        if (from !== null) review.mark(boxOf(at));
        from = null;
        setDragged(null);
      },
      cancel: () => {
        from = null;
        setDragged(null);
      },
    });
    return () => {
      viewport.use(null);
      setDragged(null);
    };
  }, [viewport, state.pinning]);
  const shown = dragged ?? state.mark;
  return shown === null ? null : <span class="placed mark" style={placed(shown)} />;
}

/** Moves the mark, with Shift its far corner; begins one in the middle of what is in sight. Returns whether it did. */
export function markByKey(event: KeyboardEvent, viewport: Viewport | null, mark: Box | null): Box | null {
  const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], Enter: [0, 0] }[
    event.key
  ];
  const [dx, dy] = arrow ?? [];
  if (viewport === null || dx === undefined || dy === undefined) return null;
  const [left, top, right, bottom] = viewport.visible();
  const step = Math.max(1, Math.round(STEP * Math.min(right - left, bottom - top)));
  const from = mark ?? middle(viewport);
  if (mark === null && event.key === "Enter") return from;
  const { width, height } = viewport.layer;
  const within = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));
  const [x0, y0, x1, y1] = from;
  if (event.shiftKey) return [x0, y0, within(x1 + dx * step, x0 + 1, width), within(y1 + dy * step, y0 + 1, height)];
  const [x, y] = [within(x0 + dx * step, 0, width - (x1 - x0)), within(y0 + dy * step, 0, height - (y1 - y0))];
  return [x, y, x + x1 - x0, y + y1 - y0];
}

function isInSight([x0, y0, x1, y1]: Box, viewport: Viewport): boolean {
  const [left, top, right, bottom] = viewport.visible();
  return x0 >= left && y0 >= top && x1 <= right && y1 <= bottom;
}

/** A comment's place with what is around it. */
function withRoom([x0, y0, x1, y1]: Box): Box {
  const [x, y] = [Math.max(LEAST_ROOM, x1 - x0), Math.max(LEAST_ROOM, y1 - y0)];
  return [x0 - x, y0 - y, x1 + x, y1 + y];
}

function middle(viewport: Viewport): Box {
  const [left, top, right, bottom] = viewport.visible();
  const [width, height] = [Math.max(1, (right - left) * FIRST), Math.max(1, (bottom - top) * FIRST)];
  const [x0, y0] = [Math.floor((left + right - width) / 2), Math.floor((top + bottom - height) / 2)];
  return [x0, y0, x0 + Math.round(width), y0 + Math.round(height)];
}

/** From one point to the other in whole pixels of the layer, at least one; a click is a point. */
function around(from: Point, to: Point, viewport: Viewport): Box {
  const { scale } = viewport.get();
  const { width, height } = viewport.layer;
  const within = (value: number, most: number): number => Math.min(most, Math.max(0, value));
  if (Math.hypot(from.x - to.x, from.y - to.y) * scale < CLICK_PX) {
    const [x, y] = [within(Math.floor(from.x), width - 1), within(Math.floor(from.y), height - 1)];
    return [x, y, x + 1, y + 1];
  }
  const [x0, y0] = [within(Math.min(from.x, to.x), width), within(Math.min(from.y, to.y), height)];
  const [x1, y1] = [within(Math.max(from.x, to.x), width), within(Math.max(from.y, to.y), height)];
  const [left, top] = [Math.min(width - 1, Math.floor(x0)), Math.min(height - 1, Math.floor(y0))];
  return [left, top, Math.max(left + 1, Math.ceil(x1)), Math.max(top + 1, Math.ceil(y1))];
}
