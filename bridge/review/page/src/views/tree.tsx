/** The layer's versions as a drawn tree: newest first, branches to the right. */

import type { JSX, TargetedKeyboardEvent } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Laned, lanes, type Links, links } from "../../../../../plugins/shared/src/app/lanes.ts";
import type { ApprovalInfo } from "../../../../../plugins/shared/src/protocol/messages.ts";
import type { Numbered } from "../versions.ts";
import { modeOf, otherOf } from "../comparing.ts";
import { titleOf } from "../words.ts";
import { Pending } from "./running.tsx";
import { Moment, usePage } from "./parts.tsx";
import { Rows, type RowsControl } from "./rows.tsx";

const LANE_PX = 14;
const ROW_PX = 76;
/** Branches drawn; more would leave no room for words. */
const MOST_LANES = 5;

export function Tree(): JSX.Element {
  const { review, state } = usePage();
  const { layers, layer_id, versions, version_total, version_id, head_id, approvals, talk } = state;
  const { keys, rows, lines, deepest } = useMemo(() => drawn(versions, head_id), [versions, head_id]);
  const verdicts = useMemo(() => byVersion(approvals), [approvals]);
  const control = useRef<RowsControl>(null);
  const list = useRef<HTMLElement>(null);
  // The keyboard goes to a row that may not be drawn yet: it has the focus as soon as it is.
  const focused = useRef<string | null>(null);
  useEffect(() => {
    if (version_id !== null) control.current?.show(version_id);
  }, [version_id, keys]);
  useEffect(() => {
    if (focused.current === null) return;
    const row = list.current?.querySelector<HTMLElement>(`[data-key="${focused.current}"] button`);
    if (row === null || row === undefined) return;
    focused.current = null;
    row.focus({ preventScroll: true });
  });
  // Only while something is compared: otherwise there is nothing to be told apart.
  const compared = modeOf(state) === "alone" ? null : otherOf(state);
  /** Arrow keys, Home and End go from version to version; with Shift, what the chosen one is compared with does. */
  const walk = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    const at = keys.indexOf((event.shiftKey ? otherOf(state) : version_id) ?? head_id ?? "");
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: keys.length - 1 }[event.key];
    const next = to === undefined ? undefined : keys[to];
    if (next === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (event.shiftKey) {
      if (next !== version_id) review.comparer.compareWith(next);
      control.current?.show(next);
      return;
    }
    focused.current = next;
    review.chooseVersion(next);
    control.current?.show(next);
  };
  const onDrawn = useCallback((ids: readonly string[]) => review.thumbs.want(ids), [review]);
  const tabbed = version_id ?? head_id;
  const counts = talk.counts;
  const from = useMemo(() => ({}), [rows, lines, version_id, compared, head_id, verdicts, counts]);
  return (
    <section class="versions" aria-label="Versions" ref={list}>
      {layers.length > 1 ? (
        <label class="layer">
          <span class="caption">Layer</span>
          <select value={layer_id ?? ""} onChange={(event) => review.chooseLayer(event.currentTarget.value)}>
            {layers.map((layer) => (
              <option key={layer.layer_id} value={layer.layer_id}>
                {layer.name || "Layer"}
              </option>
            ))}
          </select>
        </label>
      ) : (
        <div class="layer">
          <span class="caption">Layer</span>
          <strong class="cut">{layers[0]?.name ?? "None yet"}</strong>
        </div>
      )}
      <Pending />
      <Rows
        label="Version tree"
        class="tree"
        keys={keys}
        total={version_total}
        rowPx={ROW_PX}
        measured={false}
        kept={version_id === null ? [] : [version_id]}
        from={from}
        control={control}
        onKeyDown={walk}
        onDrawn={onDrawn}
        row={(key, index) => {
          const [row, line] = [rows[index], lines[index]];
          if (row === undefined || line === undefined) return <></>;
          return (
            <Row
              row={row}
              line={line}
              deepest={deepest}
              isChosen={key === version_id}
              isCompared={key === compared}
              isHead={key === head_id}
              isTabbed={key === tabbed}
              verdicts={verdicts.get(key) ?? []}
              open={counts.get(key)?.open ?? 0}
            />
          );
        }}
      />
      {versions.length === 0 && <p class="none">{head_id === null && layers.length > 0 ? "Loading…" : EMPTY}</p>}
    </section>
  );
}

const EMPTY = "No version yet. The first edit makes one.";

/** What is drawn of the versions, newest first. */
function drawn(versions: readonly Numbered[], head_id: string | null) {
  const rows = lanes(versions, head_id);
  return {
    keys: rows.map(({ version }) => version.version_id),
    rows,
    lines: links(rows),
    deepest: Math.min(MOST_LANES, Math.max(0, ...rows.map((row) => row.lane))),
  };
}

function byVersion(approvals: readonly ApprovalInfo[]): ReadonlyMap<string, readonly ApprovalInfo[]> {
  const found = new Map<string, ApprovalInfo[]>();
  for (const one of approvals) found.set(one.version_id, [...(found.get(one.version_id) ?? []), one]);
  return found;
}

interface RowProps {
  readonly row: Laned<Numbered>;
  readonly line: Links;
  readonly deepest: number;
  readonly isChosen: boolean;
  readonly isCompared: boolean;
  readonly isHead: boolean;
  readonly isTabbed: boolean;
  readonly verdicts: readonly ApprovalInfo[];
  readonly open: number;
}

function Row(props: RowProps): JSX.Element {
  const { review } = usePage();
  const { line, deepest, isChosen, isCompared, isHead, verdicts, open } = props;
  const { version, lane } = props.row;
  const wants = verdicts.some((approval) => approval.verdict === "changes_requested");
  return (
    <button
      type="button"
      class={`version${isChosen ? " chosen" : ""}${version.state === "landed" ? "" : " beside"}`}
      aria-current={isChosen ? "true" : undefined}
      tabIndex={props.isTabbed ? 0 : -1}
      onClick={(event) => {
        if (!event.shiftKey) review.chooseVersion(version.version_id);
        else if (!isChosen) review.comparer.compareWith(version.version_id);
      }}
    >
      <Lines lane={lane} line={line} deepest={deepest} isHead={isHead} />
      <Thumb version={version} />
      <span class="what">
        <span class="cut title" title={titleOf(version)}>
          {titleOf(version)}
        </span>
        <span class="cut dim">
          {version.kind === "source" ? "" : `v${version.number} · `}
          {version.author} · <Moment iso={version.created_at} />
        </span>
        <span class="marks">
          {isHead && <span class="tag">Current</span>}
          {isCompared && <span class="tag">Compared</span>}
          {version.state === "candidate" && <span class="tag">Variation</span>}
          {version.state === "beside" && <span class="tag">Kept aside</span>}
          {verdicts.length > 0 && (
            <span class={`tag ${wants ? "wants" : "good"}`}>{wants ? "Changes" : "Approved"}</span>
          )}
          {open > 0 && (
            <span class="tag open">
              <span aria-hidden="true">● {open}</span>
              <span class="heard">{open === 1 ? "1 open comment" : `${open} open comments`}</span>
            </span>
          )}
        </span>
      </span>
    </button>
  );
}

/** The picture comes when it comes; only this is drawn anew then. */
function Thumb({ version }: { readonly version: Numbered }): JSX.Element {
  const { review } = usePage();
  const { version_id } = version;
  const [shot, setShot] = useState(review.thumbs.get(version_id));
  useEffect(() => review.thumbs.listen(version_id, () => setShot(review.thumbs.get(version_id))), [version_id, review]);
  if (shot !== null) return <img class="thumb" src={shot.url} alt="" />;
  return (
    <span class="thumb" aria-hidden="true">
      {version.kind === "source" ? "◇" : ""}
    </span>
  );
}

interface LinesProps {
  readonly lane: number;
  readonly line: Links;
  readonly deepest: number;
  readonly isHead: boolean;
}

function Lines({ lane, line, deepest, isHead }: LinesProps): JSX.Element {
  const x = (of: number): number => 8 + Math.min(of, MOST_LANES) * LANE_PX;
  const middle = ROW_PX / 2;
  return (
    <svg class="lines" width={16 + deepest * LANE_PX} height={ROW_PX} aria-hidden="true">
      {line.past.map((past) => (
        <path key={`past ${past}`} d={`M${x(past)} 0V${ROW_PX}`} />
      ))}
      {line.up && <path d={`M${x(lane)} 0V${middle}`} />}
      {line.down && <path d={`M${x(lane)} ${middle}V${ROW_PX}`} />}
      {line.joins.map((join) => (
        <path key={`join ${join}`} d={`M${x(join)} 0Q${x(join)} ${middle} ${x(lane)} ${middle}`} />
      ))}
      <circle cx={x(lane)} cy={middle} r={isHead ? 5.5 : 4} class={isHead ? "head" : ""} />
    </svg>
  );
}
