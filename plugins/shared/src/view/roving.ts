/** One stop of the Tab key for a row of things, with the arrow keys between them. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Focusable } from "./dom.ts";

export interface Roving {
  /** The one that Tab goes to. */
  readonly at: number;
  /** Moves the focus there, around the ends. */
  go(index: number): void;
  /** Gives the focus to the one that Tab goes to. */
  readonly focus: () => void;
  readonly item: (index: number) => (element: Focusable | null) => void;
}

/** @param home where Tab goes first; again when it changes. */
export function useRoving(count: number, home: number): Roving {
  const items = useRef<(Focusable | null)[]>([]);
  const [moved, setMoved] = useState<{ readonly to: number; readonly home: number } | null>(null);
  const wanted = useRef(false);
  const at = Math.min(moved !== null && moved.home === home ? moved.to : home, count - 1);
  useLayoutEffect(() => {
    // After the drawing: UXP gives the focus to nothing whose tabindex is negative.
    if (!wanted.current) return;
    wanted.current = false;
    items.current[at]?.focus();
  });
  return {
    at,
    go: (index) => {
      wanted.current = true;
      setMoved({ to: (index + count) % count, home });
    },
    focus: () => items.current[at]?.focus(),
    item: (index) => (element) => {
      items.current[index] = element;
    },
  };
}
