/** The layer's versions as a drawn tree: newest first, branches to the right. */

import type { JSX, TargetedKeyboardEvent } from "preact";
import { type Laned, lanes, type Links, links } from "../../../../../plugins/shared/src/app/lanes.ts";
import type { VersionInfo } from "../../../../../plugins/shared/src/protocol/messages.ts";
import { numberOf, titleOf } from "../words.ts";
import { Pending } from "./command.tsx";
import { Moment, usePage } from "./parts.tsx";

const LANE_PX = 14;
const ROW_PX = 76;
/** Branches drawn; more would leave no room for words. */
const MOST_LANES = 5;

export function Tree(): JSX.Element {
  const { review, state } = usePage();
  const { layers, layer_id, versions, head_id } = state;
  const rows = lanes(versions, head_id);
  const lines = links(rows);
  const deepest = Math.min(MOST_LANES, Math.max(0, ...rows.map((row) => row.lane)));
  return (
    <section class="versions" aria-label="Versions">
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
      <ul class="tree" aria-label="Version tree" onKeyDown={walk}>
        <Pending />
        {rows.map((row, index) => {
          const line = lines[index];
          return line === undefined ? null : (
            <Row key={row.version.version_id} row={row} line={line} deepest={deepest} />
          );
        })}
      </ul>
      {versions.length === 0 && <p class="none">No version yet. The first edit makes one.</p>}
    </section>
  );
}

interface RowProps {
  readonly row: Laned<VersionInfo>;
  readonly line: Links;
  readonly deepest: number;
}

function Row({ row: { version, lane }, line, deepest }: RowProps): JSX.Element {
  const { review, state } = usePage();
  const { version_id } = version;
  const isChosen = version_id === state.version_id;
  const isHead = version_id === state.head_id;
  const thumb = state.thumbs.get(version_id);
  const open = state.comments.filter(
    (comment) => comment.version_id === version_id && comment.reply_to === null && comment.resolved_at === null,
  ).length;
  const verdicts = state.approvals.filter((approval) => approval.version_id === version_id);
  const wants = verdicts.some((approval) => approval.verdict === "changes_requested");
  const number = numberOf(state.versions, version_id);
  return (
    <li>
      <button
        type="button"
        class={`version${isChosen ? " chosen" : ""}${version.state === "landed" ? "" : " beside"}`}
        aria-current={isChosen ? "true" : undefined}
        tabIndex={isChosen || (state.version_id === null && isHead) ? 0 : -1}
        onClick={() => review.chooseVersion(version_id)}
      >
        <Lines lane={lane} line={line} deepest={deepest} isHead={isHead} />
        {thumb === undefined ? (
          <span class="thumb" aria-hidden="true">
            {version.kind === "source" ? "◇" : ""}
          </span>
        ) : (
          <img class="thumb" src={thumb.url} alt="" />
        )}
        <span class="what">
          <span class="cut title" title={titleOf(version)}>
            {titleOf(version)}
          </span>
          <span class="cut dim">
            {version.kind === "source" ? "" : `${number} · `}
            {version.author} · <Moment iso={version.created_at} />
          </span>
          <span class="marks">
            {isHead && <span class="tag">Current</span>}
            {version.state === "candidate" && <span class="tag">Variation</span>}
            {version.state === "beside" && <span class="tag">Kept aside</span>}
            {verdicts.length > 0 && (
              <span class={`tag ${wants ? "wants" : "good"}`}>{wants ? "Changes" : "Approved"}</span>
            )}
            {open > 0 && (
              <span class="tag open" aria-label={`${open} open comments`}>
                ● {open}
              </span>
            )}
          </span>
        </span>
      </button>
    </li>
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

/** Arrow keys, Home and End go from version to version. */
function walk(event: TargetedKeyboardEvent<HTMLElement>): void {
  const buttons = [...event.currentTarget.querySelectorAll("button")];
  const at = buttons.findIndex((button) => button === document.activeElement);
  const to = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    Home: 0,
    End: buttons.length - 1,
  }[event.key];
  const next = to === undefined ? undefined : buttons[to];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
  next.click();
}
