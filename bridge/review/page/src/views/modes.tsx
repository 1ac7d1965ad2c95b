/** What each way of comparing has of its own: the slider's edge, the onion's opacity, the blinking. */

import type { JSX, TargetedKeyboardEvent, TargetedPointerEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

const BLINK_MS = 700;
const STEP = 0.02;
const BIG_STEP = 0.1;
/** A side narrower than this part of the pane has no room for its name. */
const CORNER = 0.2;

interface EdgeProps {
  /** From the left, as a part of the pane. */
  readonly at: number;
  readonly left: string;
  readonly right: string;
  readonly onSlide: (at: number) => void;
}

export function Edge({ at, left, right, onSlide }: EdgeProps): JSX.Element {
  const edge = useRef<HTMLDivElement>(null);
  const [sliding, setSliding] = useState(false);
  const within = (value: number): number => Math.min(1, Math.max(0, value));
  const key = (event: TargetedKeyboardEvent<HTMLDivElement>): void => {
    const to = {
      ArrowLeft: at - STEP,
      ArrowDown: at - STEP,
      ArrowRight: at + STEP,
      ArrowUp: at + STEP,
      PageDown: at - BIG_STEP,
      PageUp: at + BIG_STEP,
      Home: 0,
      End: 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    onSlide(within(to));
  };
  const move = (event: TargetedPointerEvent<HTMLDivElement>): void => {
    const box = edge.current?.parentElement?.getBoundingClientRect();
    if (!sliding || box === undefined) return;
    onSlide(within((event.clientX - box.left) / box.width));
  };
  return (
    <>
      <div
        class="edge"
        ref={edge}
        style={{ left: `${at * 100}%` }}
        role="slider"
        tabIndex={0}
        aria-label="How much of the picture before is shown"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(at * 100)}
        onKeyDown={key}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.stopPropagation();
          event.currentTarget.setPointerCapture(event.pointerId);
          setSliding(true);
        }}
        onPointerMove={move}
        onPointerUp={() => setSliding(false)}
        onPointerCancel={() => setSliding(false)}
      >
        <svg class="grip" viewBox="0 0 32 32" aria-hidden="true">
          <circle cx="16" cy="16" r="15" />
          <path d="M12.5 11.5L8 16l4.5 4.5M19.5 11.5L24 16l-4.5 4.5" />
        </svg>
      </div>
      {at > CORNER && (
        <span class="corner" style={{ maxWidth: `calc(${at * 100}% - 24px)` }}>
          {left}
        </span>
      )}
      {at < 1 - CORNER && (
        <span class="corner right" style={{ maxWidth: `calc(${(1 - at) * 100}% - 24px)` }}>
          {right}
        </span>
      )}
    </>
  );
}

interface OnionProps {
  readonly value: number;
  readonly onChange: (value: number) => void;
}

export function Onion({ value, onChange }: OnionProps): JSX.Element {
  return (
    <label class="row slide">
      <input
        type="range"
        min={0}
        max={100}
        value={Math.round(value * 100)}
        aria-label="How much of the picture before lies over this one"
        onInput={(event) => onChange(Number(event.currentTarget.value) / 100)}
      />
      <output class="dim">{Math.round(value * 100)} %</output>
    </label>
  );
}

interface BlinkingProps {
  readonly isBefore: boolean;
  readonly onShow: (isBefore: boolean) => void;
}

export function Blinking({ isBefore, onShow }: BlinkingProps): JSX.Element {
  // Nothing flickers by itself for those who do not want that: they press the button.
  const [running, setRunning] = useState(!matchMedia("(prefers-reduced-motion: reduce)").matches);
  useEffect(() => {
    if (!running) return undefined;
    let now = isBefore;
    const timer = setInterval(() => {
      now = !now;
      onShow(now);
    }, BLINK_MS);
    return () => clearInterval(timer);
  }, [running]);
  useEffect(() => () => onShow(false), []);
  return (
    <div class="row slide">
      <button type="button" onClick={() => setRunning(!running)}>
        {running ? "Pause" : "Blink"}
      </button>
      <button
        type="button"
        onClick={() => {
          setRunning(false);
          onShow(!isBefore);
        }}
      >
        Swap
      </button>
    </div>
  );
}
