/** The version that is looked at: before and after, what was done, and the ways back to it. */

import { useState } from "preact/hooks";
import type { PanelState, VersionRow } from "../app/state.ts";
import { useKit } from "./kit.ts";
import { fitted, Frame, heightFor } from "./picture.tsx";
import { titleOf, verdictOf } from "./row.tsx";
import { counted, duration, when } from "./words.tsx";

/** Lower than elsewhere: the list above it wants its room. */
const COMPARE_SHAPE = 0.9;
/** What “Before” and “After” need side by side. */
const BOTH_WORDS_PX = 140;

export function VersionDetails({ row, state }: { readonly row: VersionRow; readonly state: PanelState }) {
  const { actions, widgets, now } = useKit();
  const { Button } = widgets;
  const { version } = row;
  const verdict = verdictOf(row.approvals);
  const compared = state.compared?.version.version_id === version.version_id ? state.compared : null;
  const facts = [
    version.author,
    when(version.created_at, now()),
    version.model,
    version.seed === null ? "" : `seed ${version.seed}`,
    version.engine_s > 0 ? duration(version.engine_s) : "",
  ].filter((part) => part !== "");
  const branch = async () => {
    await actions.restore(version.version_id);
    actions.go("edit");
  };
  return (
    <section class="in-details" aria-label="Chosen version">
      <Compare key={version.version_id} before={compared?.before ?? null} after={compared?.after ?? row.picture} />
      <div class="in-row in-details-head in-flush-right">
        <div class="in-strong in-grow in-cut" title={titleOf(row)}>
          {titleOf(row)}
        </div>
        <Button
          text={row.openComments > 0 ? counted(row.openComments, "comment", "comments") : "Comment"}
          kind="quiet"
          name="Comments on this version"
          onPress={() => actions.go("comments")}
        />
      </div>
      {version.says.length > 0 && <div class="in-dim in-words">{version.says.join(" ")}</div>}
      <div class="in-dim in-facts">{facts.join(" · ")}</div>
      {verdict !== null && (
        <div class={verdict.approved ? "in-verdict in-verdict-ok" : "in-verdict in-verdict-warn"}>{verdict.long}</div>
      )}
      <div class="in-row in-details-foot">
        {row.isHead ? (
          <span class="in-dim in-grow in-cut">This is the current version.</span>
        ) : (
          <>
            <Button
              text="Restore"
              kind="primary"
              name="Restore this version: the document shows it again"
              onPress={() => void actions.restore(version.version_id)}
            />
            <Button
              text="Branch from here"
              name="Go back to this version and edit on from it"
              onPress={() => void branch()}
            />
          </>
        )}
      </div>
    </section>
  );
}

interface CompareProps {
  readonly before: PanelState["overview"];
  readonly after: PanelState["overview"];
}

/** Before and after in one place, with a border to move. */
function Compare({ before, after }: CompareProps) {
  const { widgets, width } = useKit();
  const { Slider } = widgets;
  const [percent, setPercent] = useState(50);
  const inner = width;
  const height = Math.round(heightFor(width) * COMPARE_SHAPE);
  if (before === null || after === null) {
    return <Frame picture={after} width={inner} height={height} name="This version" />;
  }
  // The border runs over the picture, not over the empty sides of its box.
  const box = fitted(after, inner, height, "contain");
  // A narrow picture has its words beside it.
  const edge = box.width < BOTH_WORDS_PX ? 6 : box.left + 6;
  const px = box.left + Math.round((box.width * percent) / 100);
  return (
    <>
      <div class="in-compare" style={{ width: `${inner}px`, height: `${height}px` }}>
        <Frame
          picture={after}
          wipe={{ picture: before, px }}
          width={inner}
          height={height}
          name="Before on the left, after on the right"
        />
        <div class="in-compare-line" style={{ left: `${px}px`, height: `${height}px` }} />
        {percent > 25 && (
          <span class="in-compare-word" style={{ left: `${edge}px` }}>
            Before
          </span>
        )}
        {percent < 80 && (
          <span class="in-compare-word" style={{ right: `${edge}px` }}>
            After
          </span>
        )}
      </div>
      <Slider name="How much of the picture is shown as it was before" value={percent} onChange={setPercent} />
    </>
  );
}
