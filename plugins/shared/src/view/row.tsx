/** One version in the tree: its place in the lanes, picture, words, and what is said of it. */

import type { RefObject } from "preact";
import type { VersionRow } from "../app/state.ts";
import type { Links } from "../app/lanes.ts";
import type { ApprovalInfo } from "../protocol/messages.ts";
import { type Focusable, names, on } from "./dom.ts";
import { useKit } from "./kit.ts";
import { Frame } from "./picture.tsx";
import { counted, when } from "./words.tsx";

/** All rows are of one height, so that the place of each is known without drawing those before it. */
export const ROW_PX = 48;
const PICTURE_PX = 36;
const LANE_PX = 12;
const DOT_PX = 8;
/** Further branches share the last lane: beside the words there is no room for more. */
const MOST_LANES = 5;

/** What is beside the line of what happened. */
const STATES = { landed: "", candidate: "variation", beside: "kept beside" } as const;

interface RowProps {
  readonly row: VersionRow;
  readonly links: Links;
  readonly index: number;
  readonly count: number;
  readonly selected: boolean;
  readonly focusable: boolean;
  readonly handle: RefObject<Focusable> | undefined;
  readonly onPress: () => void;
}

export function Row({ row, links, index, count, selected, focusable, handle, onPress }: RowProps) {
  const { now } = useKit();
  const { version } = row;
  const title = titleOf(row);
  const verdict = verdictOf(row.approvals);
  const lanes = Math.min(MOST_LANES, Math.max(row.lane, ...links.past, ...links.joins) + 1);
  const meta = [STATES[version.state], version.author, when(version.created_at, now()), version.model].filter(
    (part) => part !== "",
  );
  return (
    <div
      ref={(handle ?? null) as RefObject<never> | null}
      class={names("in-version in-focus", selected && "in-chosen", !row.isShown && "in-unshown")}
      style={{ top: `${index * ROW_PX}px` }}
      role="treeitem"
      aria-level={row.lane + 1}
      aria-posinset={index + 1}
      aria-setsize={count}
      aria-selected={selected}
      title={title}
      aria-label={spoken(row, title, meta, verdict)}
      tabindex={focusable ? 0 : -1}
      {...on({ click: onPress })}
    >
      <div class="in-lanes" style={{ width: `${lanes * LANE_PX + 6}px` }}>
        <Lines lane={row.lane} links={links} />
        <div
          class={names("in-dot", row.isHead && "in-dot-head", !row.isShown && "in-dot-open")}
          style={{ left: `${middle(row.lane) - DOT_PX / 2}px`, top: `${(ROW_PX - DOT_PX) / 2}px` }}
        />
      </div>
      <Frame picture={row.picture} width={PICTURE_PX} height={PICTURE_PX} how="cover" />
      <div class="in-version-words">
        <div class="in-row">
          <span class={names("in-cut in-grow", row.isHead && "in-strong")}>{title}</span>
          {row.isHead && <span class="in-tag">now</span>}
        </div>
        <div class="in-row in-dim">
          <span class="in-cut in-grow">{meta.join(" · ")}</span>
          {row.openComments > 0 && <span class="in-badge">{counted(row.openComments, "comment", "comments")}</span>}
          {verdict !== null && (
            <span class={names("in-badge", verdict.approved ? "in-badge-ok" : "in-badge-warn")}>{verdict.short}</span>
          )}
        </div>
      </div>
    </div>
  );
}

function middle(lane: number): number {
  return Math.min(lane, MOST_LANES - 1) * LANE_PX + LANE_PX / 2 + 2;
}

/** Lines are narrow boxes: UXP draws no borders on single sides, and its SVG is for icons. */
function Lines({ lane, links }: { readonly lane: number; readonly links: Links }) {
  const half = ROW_PX / 2;
  const lines: { readonly left: number; readonly top: number; readonly width: number; readonly height: number }[] = [];
  const down = (at: number, top: number, height: number) => lines.push({ left: middle(at), top, width: 1, height });
  for (const past of links.past) down(past, 0, ROW_PX);
  if (links.up) down(lane, 0, half);
  if (links.down) down(lane, half, half);
  for (const join of links.joins) {
    down(join, 0, half);
    lines.push({ left: middle(lane), top: half, width: middle(join) - middle(lane) + 1, height: 1 });
  }
  return (
    <>
      {lines.map((line, index) => (
        <div
          key={index}
          class="in-line"
          style={{ left: `${line.left}px`, top: `${line.top}px`, width: `${line.width}px`, height: `${line.height}px` }}
        />
      ))}
    </>
  );
}

export function titleOf({ version }: Pick<VersionRow, "version">): string {
  return version.kind === "source" ? "Original" : version.text === "" ? "Edit" : version.text;
}

export interface Verdict {
  readonly approved: boolean;
  readonly short: string;
  readonly long: string;
}

/** What the reviewers said of it, all together: one that asks for changes outweighs the others. */
export function verdictOf(approvals: readonly ApprovalInfo[]): Verdict | null {
  const last = new Map<string, ApprovalInfo>();
  for (const approval of approvals) last.set(approval.person_id, approval);
  const standing = [...last.values()];
  const changes = standing.filter(({ verdict }) => verdict === "changes_requested");
  const approved = standing.filter(({ verdict }) => verdict === "approved");
  const by = (those: readonly ApprovalInfo[]) => those.map(({ author }) => author).join(", ");
  if (changes.length > 0) return { approved: false, short: "changes", long: `Changes asked for by ${by(changes)}` };
  if (approved.length > 0) return { approved: true, short: "approved", long: `Approved by ${by(approved)}` };
  return null;
}

function spoken(row: VersionRow, title: string, meta: readonly string[], verdict: Verdict | null): string {
  return [
    title,
    ...meta,
    ...(row.isHead ? ["current version"] : row.isShown ? [] : ["not in the document"]),
    ...(row.openComments > 0 ? [counted(row.openComments, "open comment", "open comments")] : []),
    ...(verdict === null ? [] : [verdict.long]),
  ].join(", ");
}
