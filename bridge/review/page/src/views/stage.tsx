/** One picture with pins on it: dragged over for the slider, or marked for a comment. */

import type { JSX, TargetedKeyboardEvent, TargetedPointerEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Box, Shot } from "../state.ts";
import { pinsOf } from "../threads.ts";
import { usePage } from "./parts.tsx";

interface StageProps {
  readonly after: Shot;
  /** What lies over it from the left, so many per cent of its width; null: nothing. */
  readonly over: Shot | null;
  readonly at: number | null;
  readonly onSlide?: (at: number) => void;
}

/** A place on the picture, in parts of its sides. */
interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Less than this, in parts of the picture, is a click. */
const CLICK = 0.01;
const STEP = 0.02;
/** A side narrower than so many per cent has no room for its name. */
const CORNER = 20;
/** What the keyboard begins with. */
const MIDDLE: Place = { left: 0.4, top: 0.4, width: 0.2, height: 0.2 };

export function Stage({ after, over, at, onSlide }: StageProps): JSX.Element {
  const { review, state } = usePage();
  const { pinning, mark } = state;
  const stage = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{
    readonly x: number;
    readonly y: number;
    readonly to: Place;
  } | null>(null);
  const [sliding, setSliding] = useState(false);
  useEffect(() => {
    if (pinning) stage.current?.focus();
  }, [pinning]);

  const where = (event: PointerEvent): { x: number; y: number } => {
    const box = stage.current?.getBoundingClientRect();
    if (box === undefined) return { x: 0, y: 0 };
    const within = (value: number): number => Math.min(1, Math.max(0, value));
    return {
      x: within((event.clientX - box.left) / box.width),
      y: within((event.clientY - box.top) / box.height),
    };
  };
  const down = (event: TargetedPointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0 || (!pinning && onSlide === undefined)) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    const { x, y } = where(event);
    if (pinning) setDrag({ x, y, to: { left: x, top: y, width: 0, height: 0 } });
    else {
      setSliding(true);
      onSlide?.(Math.round(x * 100));
    }
  };
  const move = (event: TargetedPointerEvent<HTMLDivElement>): void => {
    const { x, y } = where(event);
    if (sliding) onSlide?.(Math.round(x * 100));
    if (drag === null) return;
    const to = {
      left: Math.min(x, drag.x),
      top: Math.min(y, drag.y),
      width: Math.abs(x - drag.x),
      height: Math.abs(y - drag.y),
    };
    setDrag({ ...drag, to });
  };
  const up = (): void => {
    setSliding(false);
    if (drag === null) return;
    setDrag(null);
    review.mark(boxOf(drag.to, after));
  };
  const key = (event: TargetedKeyboardEvent<HTMLDivElement>): void => {
    if (!pinning || event.target !== event.currentTarget) return;
    if (event.key === "Escape") review.pin(false);
    const [dx, dy] =
      {
        ArrowLeft: [-1, 0],
        ArrowRight: [1, 0],
        ArrowUp: [0, -1],
        ArrowDown: [0, 1],
      }[event.key] ?? [];
    if (event.key === "Enter" && mark === null) review.mark(boxOf(MIDDLE, after));
    if (dx === undefined || dy === undefined) return;
    event.preventDefault();
    const from = mark === null ? MIDDLE : placeOf(mark, after);
    review.mark(boxOf(event.shiftKey ? grown(from, dx, dy) : moved(from, dx, dy), after));
  };
  return (
    <div
      class={`stage${pinning ? " pinning" : ""}${onSlide === undefined ? "" : " slides"}`}
      ref={stage}
      tabIndex={pinning ? 0 : undefined}
      role={pinning ? "application" : undefined}
      aria-label={
        pinning
          ? "Mark a place: drag, or move it with the arrow keys and resize it with Shift and the arrow keys"
          : undefined
      }
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={() => {
        setDrag(null);
        setSliding(false);
      }}
      onKeyDown={key}
    >
      <img src={after.url} style={sizeOf(after)} alt="This version" draggable={false} />
      {over !== null && at !== null && at > 0 && (
        <img
          class="over"
          src={over.url}
          alt="The version before"
          draggable={false}
          style={{ clipPath: `inset(0 ${100 - at}% 0 0)` }}
        />
      )}
      {onSlide !== undefined && at !== null && (
        <>
          <span class="edge" aria-hidden="true" style={{ left: `${at}%` }} />
          {at > CORNER && <span class="corner">Before</span>}
          {at < 100 - CORNER && <span class="corner right">After</span>}
        </>
      )}
      <Pins after={after} />
      {drag !== null && <span class="mark" style={styleOf(drag.to)} />}
      {drag === null && mark !== null && <span class="mark" style={styleOf(placeOf(mark, after))} />}
    </div>
  );
}

/** The open comments of the layer that have a place on this picture. */
function Pins({ after }: { readonly after: Shot }): JSX.Element {
  const { review, state } = usePage();
  return (
    <>
      {pinsOf(state.talk, state.places, state.thread_id).map(({ comment_id, number, author, text, rect_px }) => {
        const at = placeOf(rect_px, after);
        if (at.left > 1 || at.top > 1 || at.left + at.width < 0 || at.top + at.height < 0) return null;
        const isPoint = rect_px[2] - rect_px[0] <= 1;
        return (
          <button
            key={comment_id}
            type="button"
            class={`pin${isPoint ? " point" : ""}${state.thread_id === comment_id ? " chosen" : ""}`}
            aria-label={`Comment ${number} of ${author}: ${text.slice(0, 80)}`}
            style={styleOf(at)}
            onPointerDown={(event) => event.stopPropagation()}
            onClick={() => review.showThread(comment_id)}
          >
            <span>{number}</span>
          </button>
        );
      })}
    </>
  );
}

/** As large as there is room for, but pixels no larger than so many of the screen's. */
const MOST_SCALE = 3;

export function sizeOf({ width, height }: Shot): Record<string, string> {
  const ratio = width / height;
  return {
    aspectRatio: `${width} / ${height}`,
    width: `min(${width * MOST_SCALE}px, var(--room-x), calc(var(--room-y) * ${ratio}))`,
  };
}

function placeOf([x0, y0, x1, y1]: Box, shot: Shot): Place {
  const [left, top, right, bottom] = shot.rect_px;
  const [width, height] = [right - left, bottom - top];
  return {
    left: (x0 - left) / width,
    top: (y0 - top) / height,
    width: (x1 - x0) / width,
    height: (y1 - y0) / height,
  };
}

/** In the layer's pixels: at least one, and within the picture. A click is a point. */
function boxOf({ left, top, width, height }: Place, shot: Shot): Box {
  const [x0, y0, x1, y1] = shot.rect_px;
  const isPoint = width < CLICK && height < CLICK;
  const px = Math.min(x1 - 1, Math.max(x0, Math.floor(x0 + left * (x1 - x0))));
  const py = Math.min(y1 - 1, Math.max(y0, Math.floor(y0 + top * (y1 - y0))));
  if (isPoint) return [px, py, px + 1, py + 1];
  const right = Math.round(x0 + (left + width) * (x1 - x0));
  const bottom = Math.round(y0 + (top + height) * (y1 - y0));
  return [px, py, Math.min(x1, Math.max(px + 1, right)), Math.min(y1, Math.max(py + 1, bottom))];
}

const clamp = (value: number, most: number): number => Math.min(most, Math.max(0, value));

function moved(place: Place, dx: number, dy: number): Place {
  const { width, height } = place;
  return {
    ...place,
    left: clamp(place.left + dx * STEP, 1 - width),
    top: clamp(place.top + dy * STEP, 1 - height),
  };
}

function grown(place: Place, dx: number, dy: number): Place {
  const { left, top } = place;
  return {
    ...place,
    width: Math.max(STEP, clamp(place.width + dx * STEP, 1 - left)),
    height: Math.max(STEP, clamp(place.height + dy * STEP, 1 - top)),
  };
}

function styleOf(place: Place): Record<string, string> {
  const percent = (part: number): string => `${part * 100}%`;
  return {
    left: percent(place.left),
    top: percent(place.top),
    width: percent(place.width),
    height: percent(place.height),
  };
}
