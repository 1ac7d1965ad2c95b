/** The whole panel: the connection while there is none, else the pages. */

import type { Page, PanelState } from "../app/state.ts";
import { CommandBox } from "./command.tsx";
import { CommentsPage } from "./comments.tsx";
import { Connecting, Offline, Pairing } from "./connection.tsx";
import { type KeyEvent, on } from "./dom.ts";
import { HistoryPage } from "./history.tsx";
import { useKit } from "./kit.ts";
import { announcement, Notices } from "./notices.tsx";
import { OutcomeCard } from "./outcome.tsx";
import { Choice } from "./parts.tsx";
import { Running } from "./running.tsx";
import { SettingsPage } from "./settings.tsx";
import { NoTargetPage, TargetLine } from "./target.tsx";

export function Panel({ state }: { readonly state: PanelState }) {
  const { actions } = useKit();
  const keydown = (event: KeyEvent) => {
    if (event.key !== "Escape") return;
    if (state.edit !== null && !state.edit.cancelling) void actions.cancel();
    else if (state.problem !== null) actions.dismiss();
  };
  return (
    <div class="in-panel" {...on({ keydown })}>
      <Inside state={state} />
      <div class="in-spoken" role="status" aria-live="polite">
        {announcement(state)}
      </div>
    </div>
  );
}

function Inside({ state }: { readonly state: PanelState }) {
  const { connection } = state;
  switch (connection.state) {
    case "offline":
      return <Offline connection={connection} edit={state.edit} />;
    case "pairing":
      return <Pairing connection={connection} />;
    case "connecting":
      // A connection that comes back in a moment does not take the panel away.
      return connection.again ? <Pages state={state} /> : <Connecting connection={connection} />;
    case "ready":
      return <Pages state={state} />;
  }
}

function Pages({ state }: { readonly state: PanelState }) {
  const { actions } = useKit();
  const open = state.threads.filter(({ root }) => root.resolved_at === null).length;
  return (
    <>
      <Choice
        name="Pages"
        look="tabs"
        options={[
          { value: "edit", text: "Edit" },
          { value: "history", text: "History" },
          { value: "comments", text: "Comments", count: open },
          { value: "settings", text: "Settings" },
        ]}
        value={state.page}
        onChoose={(page: Page) => actions.go(page)}
      />
      <Notices state={state} />
      <div class="in-body" role="tabpanel" aria-label={state.page}>
        <PageOf state={state} />
      </div>
    </>
  );
}

function PageOf({ state }: { readonly state: PanelState }) {
  switch (state.page) {
    case "edit":
      return <EditPage state={state} />;
    case "history":
      return <HistoryPage state={state} />;
    case "comments":
      return <CommentsPage state={state} />;
    case "settings":
      return <SettingsPage state={state} />;
  }
}

function EditPage({ state }: { readonly state: PanelState }) {
  const { target, edit, outcome } = state;
  const busy = edit !== null || outcome !== null;
  if (target === null && !busy) return <NoTargetPage state={state} />;
  return (
    <>
      <div class="in-page in-edit">
        {target === null && <NoTargetPage state={state} />}
        <TargetLine state={state} small={busy} />
        {target !== null && <CommandBox state={state} small={busy} />}
        {edit !== null && <Running edit={edit} elsewhere={target?.layerName !== edit.layerName} />}
        {edit === null && outcome !== null && <OutcomeCard outcome={outcome} />}
      </div>
      {target !== null && <Steps />}
    </>
  );
}

/** What goes with no words. */
function Steps() {
  const { actions, widgets } = useKit();
  const { Button } = widgets;
  return (
    <div class="in-steps in-flush-right" role="group" aria-label="Steps">
      <Button text="Undo" kind="quiet" name="Undo the last edit of this layer" onPress={() => void actions.undo()} />
      <Button text="Redo" kind="quiet" name="Redo the edit that was undone" onPress={() => void actions.redo()} />
      <span class="in-grow" />
      <Button text="Again" kind="quiet" name="Do the last edit again" onPress={() => void actions.again()} />
    </div>
  );
}
