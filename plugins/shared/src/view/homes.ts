/** Where the focus goes when what had it disappears. */

import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Focusable } from "./dom.ts";
import { useKit } from "./kit.ts";

/** While `home`: `focus` is called when the control that had the focus is gone. The part that came last is asked. */
export function useHomeOf(home: boolean, focus: () => void): void {
  const { homes } = useKit();
  const latest = useRef(focus);
  latest.current = focus;
  useLayoutEffect(() => {
    if (!home) return undefined;
    const entry: Focusable = { focus: () => latest.current() };
    homes.add(entry);
    return () => {
      homes.delete(entry);
    };
  }, [homes, home]);
}

/** A handle for the control that takes the focus when another that had it is gone. */
export function useHome(home = true): RefObject<Focusable> {
  const handle = useRef<Focusable>(null);
  useHomeOf(home, () => handle.current?.focus());
  return handle;
}

/**
 * For a part that opens and closes: the first handle takes the focus when it opens, the second, of what opened it, when
 * it closes.
 */
export function useOpening(open: boolean): readonly [RefObject<Focusable>, RefObject<Focusable>] {
  const inside = useRef<Focusable>(null);
  const outside = useRef<Focusable>(null);
  const was = useRef(open);
  useLayoutEffect(() => {
    if (was.current === open) return;
    was.current = open;
    (open ? inside : outside).current?.focus();
  }, [open]);
  return [inside, outside];
}
