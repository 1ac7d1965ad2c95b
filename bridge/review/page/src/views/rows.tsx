/** A long list of which only what is seen is drawn. Screen readers are told how long it is, and where each row stands. */

import type { JSX, RefObject, TargetedKeyboardEvent } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { between, offsets, type Range } from "../heights.ts";

/** Rows drawn beyond each edge, so that a quick scroll shows no gap. */
const SPARE = 6;
/** The drawn part is moved on when what is seen comes so near to its edge. */
const NEAR = 3;
/** Less than this is no change of a row's height. */
const SAME_PX = 0.5;

export interface RowsProps {
  readonly label: string;
  /** Of the element that scrolls, where there is room for it to. */
  readonly class: string;
  readonly keys: readonly string[];
  /** How many there are in all: more than keys where not all are here yet. */
  readonly total: number;
  /** Of a row that has not been measured. */
  readonly rowPx: number;
  /** Rows may be higher or lower than that. */
  readonly measured: boolean;
  /** Rows that stay drawn wherever one scrolls: what has the focus, what somebody writes in. */
  readonly kept: readonly string[];
  /** What rows are drawn from: they are drawn again only when it changes. */
  readonly from: unknown;
  readonly row: (key: string, index: number) => JSX.Element;
  /** Called with the keys that are drawn, when they change. */
  readonly onDrawn?: (keys: readonly string[]) => void;
  /** The end of what is here is nearly seen. */
  readonly onEnd?: () => void;
  readonly onKeyDown?: (event: TargetedKeyboardEvent<HTMLElement>) => void;
  /** Scrolls a row into view. */
  readonly control?: RefObject<RowsControl>;
}

export interface RowsControl {
  readonly show: (key: string) => void;
}

export function Rows(props: RowsProps): JSX.Element {
  const { keys, total, rowPx, measured, kept, row, from, onDrawn, onEnd } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const heights = useRef(new Map<string, number>());
  const [turn, setTurn] = useState(0);
  const [range, setRange] = useState<Range>({ first: 0, end: 2 * SPARE });
  const at = useMemo(() => {
    const heightOf = (index: number): number => heights.current.get(keys[index] ?? "") ?? rowPx;
    return offsets(measured ? keys.length : total, measured ? heightOf : () => rowPx);
  }, [keys, total, rowPx, measured, turn]);
  const latest = useRef({ at, keys, range, onEnd });
  latest.current = { at, keys, range, onEnd };

  useLayoutEffect(() => {
    const look = (): void => {
      const seen = seenPart(scroller.current, list.current);
      if (seen === null) return;
      const { at: now, keys: all, range: drawn, onEnd: end } = latest.current;
      const needed = between(now, seen[0], seen[1], NEAR);
      if (needed.first < drawn.first || needed.end > drawn.end) setRange(between(now, seen[0], seen[1], 2 * SPARE));
      if (end !== undefined && needed.end >= all.length) end();
    };
    look();
    let waiting = 0;
    const soon = (): void => {
      if (waiting === 0) {
        waiting = requestAnimationFrame(() => {
          waiting = 0;
          look();
        });
      }
    };
    document.addEventListener("scroll", soon, { capture: true, passive: true });
    const sizes = new ResizeObserver(soon);
    if (scroller.current !== null) sizes.observe(scroller.current);
    return () => {
      cancelAnimationFrame(waiting);
      document.removeEventListener("scroll", soon, { capture: true });
      sizes.disconnect();
    };
  }, [at]);

  const observer = useMemo(
    () =>
      new ResizeObserver((entries) => {
        let above = 0;
        let changed = false;
        const seen = seenPart(scroller.current, list.current);
        for (const { target, borderBoxSize } of entries) {
          const key = (target as HTMLElement).dataset["key"] ?? "";
          const height = borderBoxSize[0]?.blockSize ?? 0;
          const before = heights.current.get(key) ?? rowPx;
          if (!target.isConnected || height === 0 || Math.abs(height - before) < SAME_PX) continue;
          heights.current.set(key, height);
          changed = true;
          const index = latest.current.keys.indexOf(key);
          if (seen !== null && (latest.current.at.tops[index] ?? 0) + before <= seen[0]) above += height - before;
        }
        if (!changed) return;
        setTurn((before) => before + 1);
        // What is seen stays where it is, whatever is measured above it.
        if (above !== 0 && scroller.current !== null) scroller.current.scrollTop += above;
      }),
    [],
  );
  useEffect(() => () => observer.disconnect(), [observer]);

  if (props.control !== undefined) {
    props.control.current = {
      show: (key) => {
        const index = latest.current.keys.indexOf(key);
        if (index >= 0) scrollTo(scroller.current, list.current, latest.current.at.tops, index);
      },
    };
  }

  const drawn: number[] = [];
  for (let index = range.first; index < Math.min(range.end, keys.length); index++) drawn.push(index);
  for (const key of kept) {
    const index = keys.indexOf(key);
    if (index >= 0 && (index < range.first || index >= range.end)) drawn.push(index);
  }
  drawn.sort((one, other) => one - other);
  const those = drawn.map((index) => keys[index] ?? "");
  const spelled = those.join(" ");
  useEffect(() => onDrawn?.(those), [spelled, onDrawn]);

  // An element that is the same as before is not looked at again: scrolling draws only the rows that come.
  const made = useRef({ from, rows: new Map<string, { readonly index: number; readonly row: JSX.Element }>() });
  if (made.current.from !== from) made.current = { from, rows: new Map() };
  const rowOf = (key: string, index: number): JSX.Element => {
    const before = made.current.rows.get(key);
    if (before?.index === index) return before.row;
    const now = row(key, index);
    made.current.rows.set(key, { index, row: now });
    return now;
  };
  return (
    <div class={props.class} ref={scroller} onKeyDown={props.onKeyDown}>
      {total > 0 && (
        <ul class="rows" ref={list} aria-label={props.label} style={{ height: `${at.total}px` }}>
          {drawn.map((index) => {
            const key = keys[index] ?? "";
            return (
              <li
                key={key}
                data-key={key}
                aria-setsize={total}
                aria-posinset={index + 1}
                style={{ transform: `translateY(${at.tops[index] ?? 0}px)` }}
                ref={(element) => {
                  if (measured && element !== null) observer.observe(element);
                }}
              >
                {rowOf(key, index)}
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}

/** From where to where the list is seen, from its own top; null when nothing of it is. */
function seenPart(scroller: HTMLElement | null, list: HTMLElement | null): readonly [number, number] | null {
  if (scroller === null || list === null) return null;
  const box = scroller.getBoundingClientRect();
  const { top } = list.getBoundingClientRect();
  const [from, to] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  return box.width === 0 ? null : [Math.max(0, from - top), Math.max(0, to - top)];
}

/** As far as is needed for the row to be wholly seen; by what scrolls, the list or the page. */
function scrollTo(scroller: HTMLElement | null, list: HTMLElement | null, tops: readonly number[], row: number): void {
  const seen = seenPart(scroller, list);
  if (scroller === null || seen === null) return;
  const [top, bottom] = [tops[row] ?? 0, tops[row + 1] ?? 0];
  const by = top < seen[0] ? top - seen[0] : Math.min(top - seen[0], Math.max(0, bottom - seen[1]));
  if (by === 0) return;
  if (scroller.scrollHeight > scroller.clientHeight + 1) scroller.scrollTop += by;
  else scrollBy(0, by);
}
