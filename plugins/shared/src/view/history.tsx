/** The layer's versions: the tree, and the one that is looked at before and after. */

import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { PanelState, VersionRow } from "../app/state.ts";
import { links } from "../app/lanes.ts";
import { type Focusable, type KeyEvent, on, type Scrollable } from "./dom.ts";
import { useHomeOf } from "./homes.ts";
import { useKit } from "./kit.ts";
import { Empty } from "./parts.tsx";
import { ROW_PX, Row } from "./row.tsx";
import { scrolledTo, windowOf } from "./window.ts";
import { VersionDetails } from "./version.tsx";

export function HistoryPage({ state }: { readonly state: PanelState }) {
  const { actions, widgets } = useKit();
  const { Button } = widgets;
  const refresh = (
    <Button text="Refresh" kind="quiet" name="Read the versions again" onPress={() => void actions.refreshHistory()} />
  );
  const { history, historyLoading, selectedVersionId, target } = state;
  if (target === null) {
    return (
      <Empty title={state.noTarget?.reason ?? "Nothing is selected."}>
        The versions of the selected layer are shown here.
      </Empty>
    );
  }
  if (history.length === 0) {
    return historyLoading ? (
      <Empty title="Loading…">The versions are on their way.</Empty>
    ) : (
      <Empty title="No versions yet">
        Each edit of “{target.layerName}” becomes a version here, to compare and to go back to.
        <div class="in-empty-more">{refresh}</div>
      </Empty>
    );
  }
  const selected = history.find((row) => row.version.version_id === selectedVersionId);
  return (
    <div class="in-history">
      <Tree rows={history} selectedId={selectedVersionId} />
      {selected === undefined ? (
        <div class="in-details in-details-none in-flush-right">
          <span class="in-dim in-grow">Choose a version to see it before and after.</span>
          {refresh}
        </div>
      ) : (
        <VersionDetails row={selected} state={state} />
      )}
    </div>
  );
}

interface TreeProps {
  readonly rows: readonly VersionRow[];
  readonly selectedId: string | null;
}

/** Before the list knows its height, and where a program does not tell it. */
const GUESSED_HEIGHT_PX = 480;
const PAGE_ROWS = 8;

function Tree({ rows, selectedId }: TreeProps) {
  const { actions, widgets } = useKit();
  const drawn = useMemo(() => links(rows), [rows]);
  const list = useRef<Scrollable & Focusable>(null);
  const focused = useRef<Focusable>(null);
  const [view, setView] = useState({ top: 0, height: GUESSED_HEIGHT_PX });
  const [at, setAt] = useState<string | null>(null);
  const wanted = useRef(false);

  const indexOf = (id: string | null) => rows.findIndex((row) => row.version.version_id === id);
  const headIndex = rows.findIndex((row) => row.isHead);
  const chosen = indexOf(selectedId);
  const moved = indexOf(at);
  // Tab goes to where the arrow keys last were, else to the chosen version, else to the head.
  const current = Math.max(0, moved !== -1 ? moved : chosen !== -1 ? chosen : headIndex);

  const measure = () => {
    const element = list.current;
    if (element !== null) setView({ top: element.scrollTop, height: element.clientHeight || GUESSED_HEIGHT_PX });
  };
  useLayoutEffect(measure, [rows.length]);
  useLayoutEffect(() => (list.current === null ? undefined : widgets.watchScroll(list.current, measure)), [widgets]);
  useLayoutEffect(() => {
    // The page opens at the version that is looked at, or at the current one.
    const element = list.current;
    if (element === null) return;
    element.scrollTop = scrolledTo(current, ROW_PX, 0, element.clientHeight || GUESSED_HEIGHT_PX);
    measure();
  }, []);
  useLayoutEffect(() => {
    if (!wanted.current) return;
    wanted.current = false;
    focused.current?.focus();
  });

  useHomeOf(true, () => focused.current?.focus());

  const go = (index: number) => {
    const to = Math.max(0, Math.min(rows.length - 1, index));
    const row = rows[to];
    if (row === undefined) return;
    wanted.current = true;
    const element = list.current;
    if (element !== null) {
      element.scrollTop = scrolledTo(to, ROW_PX, element.scrollTop, element.clientHeight || GUESSED_HEIGHT_PX);
      measure();
    }
    setAt(row.version.version_id);
  };
  const choose = (row: VersionRow) => {
    setAt(row.version.version_id);
    void actions.selectVersion(row.version.version_id);
  };
  const keydown = (event: KeyEvent) => {
    const to = target(event.key, current, rows.length);
    const row = rows[current];
    if (to !== null) {
      event.preventDefault();
      go(to);
    } else if ((event.key === "Enter" || event.key === " ") && row !== undefined) {
      event.preventDefault();
      choose(row);
    }
  };

  const { first, end } = windowOf(rows.length, ROW_PX, view.top, view.height);
  // The row with the focus stays drawn wherever the list is scrolled, or the focus would be lost.
  const shown = range(first, end);
  if (current < first) shown.unshift(current);
  else if (current >= end) shown.push(current);
  return (
    <div ref={list as never} class="in-tree" role="tree" aria-label={`Versions, newest first`} {...on({ keydown })}>
      <div class="in-tree-all" style={{ height: `${rows.length * ROW_PX}px` }}>
        {shown.map((index) => {
          const row = rows[index];
          const link = drawn[index];
          if (row === undefined || link === undefined) return null;
          return (
            <Row
              key={row.version.version_id}
              row={row}
              links={link}
              index={index}
              count={rows.length}
              selected={index === chosen}
              focusable={index === current}
              handle={index === current ? focused : undefined}
              onPress={() => choose(row)}
            />
          );
        })}
      </div>
    </div>
  );
}

function target(key: string, at: number, count: number): number | null {
  switch (key) {
    case "ArrowDown":
      return at + 1;
    case "ArrowUp":
      return at - 1;
    case "PageDown":
      return at + PAGE_ROWS;
    case "PageUp":
      return at - PAGE_ROWS;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}

function range(first: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - first) }, (_, index) => first + index);
}
