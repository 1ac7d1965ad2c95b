/** What is said above the pages: what went wrong, what went well, what somebody else did. */

import type { VersionInfo } from "../protocol/messages.ts";
import type { PanelState, Problem } from "../app/state.ts";
import { useKit } from "./kit.ts";
import { Words } from "./words.tsx";

export function Notices({ state }: { readonly state: PanelState }) {
  const { problem, newer, said, connection } = state;
  return (
    <>
      {connection.state !== "ready" && (
        <div class="in-notice in-notice-warn">
          <div class="in-grow">
            <div class="in-strong">Connecting again…</div>
            {state.edit !== null && <div class="in-dim">The edit goes on at the bridge.</div>}
          </div>
        </div>
      )}
      {problem !== null && <ProblemNotice problem={problem} />}
      {newer !== null && <Newer version={newer} />}
      {said !== null && problem === null && (
        <div class="in-notice in-said">
          <span class="in-dim">{said}</span>
        </div>
      )}
    </>
  );
}

function ProblemNotice({ problem }: { readonly problem: Problem }) {
  const { actions, widgets } = useKit();
  const { Button, Icon } = widgets;
  return (
    <div class="in-notice in-notice-problem" role="alert">
      <span class="in-mark in-mark-problem">
        <Icon name="alert" />
      </span>
      <div class="in-grow">
        <div class="in-strong">{problem.message}</div>
        <div class="in-text-tight">
          <Words text={problem.hint} />
        </div>
      </div>
      <Button text="Close" icon="close" kind="quiet" name="Close this message" onPress={() => actions.hush()} />
    </div>
  );
}

function Newer({ version }: { readonly version: VersionInfo }) {
  const { actions, widgets } = useKit();
  const { Button } = widgets;
  return (
    <div class="in-notice">
      <div class="in-grow">
        <div class="in-strong in-cut">Newer version by {version.author}</div>
        <div class="in-dim in-cut">{version.text === "" ? "Not in this document yet" : `“${version.text}”`}</div>
      </div>
      <Button
        text="Bring in"
        name={`Bring in the version by ${version.author}`}
        onPress={() => void actions.bringIn()}
      />
    </div>
  );
}

/** What a screen reader is told when it changes, in the polite region. Problems have a region of their own. */
export function announcement(state: PanelState): string {
  const { edit, outcome, said } = state;
  if (said !== null) return said;
  if (edit !== null) {
    if (edit.cancelling) return "Cancelling.";
    if (edit.position > 0) return `Waiting: ${edit.position} before this edit.`;
    // Tens, so that a reader is not told every per cent.
    return `${edit.stage || "Running"}, ${Math.floor(edit.fraction * 10) * 10} per cent.`;
  }
  if (outcome === null) return "";
  if (outcome.state === "offered") return "The result is ready. It has not been placed.";
  return outcome.state === "placed" ? "Done." : "Discarded.";
}
