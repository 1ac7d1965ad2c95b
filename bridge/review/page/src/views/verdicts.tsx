/** What people decided on the chosen version, and one's own word on it. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { mayApprove, mayLock, STATES, VERDICTS } from "../words.ts";
import { Face, Moment, usePage, Writing } from "./parts.tsx";

export function Verdicts(): JSX.Element | null {
  const { review, state } = usePage();
  const [asking, setAsking] = useState(false);
  const { document: opened, version_id, me, stands } = state;
  if (opened === null || version_id === null) return null;
  const verdicts = state.approvals.filter((approval) => approval.version_id === version_id);
  const mine = verdicts.find((approval) => approval.person_id === me);
  const layer = stands?.layers.find((one) => one.layer_id === state.layer_id);
  const isHead = version_id === state.head_id;
  const said = new Set(verdicts.map((approval) => approval.person_id));
  const waiting = isHead ? (stands?.approvers ?? []).filter((one) => !said.has(one.person_id)) : [];
  return (
    <section class="verdicts" aria-label="Approval">
      <div class="row head">
        <h2>Approval</h2>
        <span class="grow" />
        {isHead && layer !== undefined && <span class={`badge ${layer.state}`}>{STATES[layer.state]}</span>}
        {isHead && layer?.locked === true && <span class="badge">Locked</span>}
      </div>
      {verdicts.map((approval) => (
        <div key={approval.approval_id} class="said">
          <Face name={approval.author} person_id={approval.person_id} />
          <div class="grow">
            <div class="row wrap">
              <strong class="cut">{approval.author}</strong>
              <span class={approval.verdict === "approved" ? "good" : "wants"}>{VERDICTS[approval.verdict]}</span>
              <span class="dim">
                <Moment iso={approval.created_at} />
              </span>
            </div>
            {approval.text !== "" && <p class="text">{approval.text}</p>}
          </div>
        </div>
      ))}
      {waiting.length > 0 && <p class="dim">Still to approve: {waiting.map((one) => one.name).join(", ")}</p>}
      {verdicts.length === 0 && waiting.length === 0 && <p class="dim">Nobody has decided on this version yet.</p>}
      {!isHead && state.head_id !== null && (
        <p class="dim">
          This is not the current version.{" "}
          <button type="button" class="link" onClick={() => review.chooseVersion(state.head_id ?? version_id)}>
            Show the current one
          </button>
        </p>
      )}
      {mayApprove(opened.role) && !asking && (
        <div class="row wrap">
          {mine?.verdict !== "approved" && (
            <button type="button" class="main" onClick={() => void review.rule.judge("approved", "")}>
              Approve
            </button>
          )}
          {mine?.verdict !== "changes_requested" && (
            <button type="button" onClick={() => setAsking(true)}>
              Request changes
            </button>
          )}
          {mine !== undefined && (
            <button type="button" class="quiet" onClick={() => void review.rule.judge("withdrawn", "")}>
              Withdraw
            </button>
          )}
        </div>
      )}
      {asking && (
        <Writing
          label="What should change"
          placeholder="What should change?"
          send="Request changes"
          focused
          onSend={async (text) => {
            const done = await review.rule.judge("changes_requested", text);
            if (done) setAsking(false);
            return done;
          }}
          onCancel={() => setAsking(false)}
        />
      )}
      {mayLock(opened.role) && isHead && layer !== undefined && (layer.locked || layer.state === "approved") && (
        <div class="row">
          <button type="button" onClick={() => void review.rule.lock(version_id, !layer.locked)}>
            {layer.locked ? "Unlock" : "Lock this version"}
          </button>
          <span class="dim">{layer.locked ? "Edits are refused." : "No more edits until it is unlocked."}</span>
        </div>
      )}
    </section>
  );
}
