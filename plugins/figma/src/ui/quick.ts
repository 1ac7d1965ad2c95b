/** A quick action: no panel, one command; the plan, the progress and the end are Figma's notifications. */

import type { Actions, PanelState } from "../../../shared/src/app/state.ts";
import type { Run } from "../shared/asks.ts";

/** What a quick action needs of the app. */
export interface QuickApp {
  readonly actions: Actions;
  state(): PanelState;
  /** Returns how to stop. */
  subscribe(listener: () => void): () => void;
}

/** What it needs of Figma. */
export interface QuickHost {
  say(text: string, error: boolean, sticky: boolean): void;
  show(): Promise<void>;
  close(say: string | null, error: boolean): Promise<void>;
}

/** Longer than that without a bridge, and the panel is shown, which says what to do. */
const CONNECT_MS = 8000;
/** Percents are told in steps: each is a new notification. */
const STEP = 10;

export async function quick(app: QuickApp, host: QuickHost, run: Run): Promise<void> {
  if (!(await connected(app))) {
    await host.show();
    return;
  }
  const stop = tellProgress(app, host);
  try {
    await (run.command === "undo" ? app.actions.undo() : app.actions.run(run.text));
    await finished(app);
  } finally {
    stop();
  }
  const { problem, outcome, said } = app.state();
  if (problem !== null) {
    await host.close(`${problem.message} ${problem.hint}`.trim(), true);
  } else if (
    outcome !== null &&
    run.command !== "undo" &&
    (outcome.state === "offered" || outcome.candidates.length > 1)
  ) {
    // There is something to choose or to decide: that needs the panel.
    await host.show();
  } else {
    await host.close(said ?? outcome?.says.join(", ") ?? "Done.", false);
  }
}

/** Waits for the bridge; false when a person must do something first (start it, pair). */
function connected(app: QuickApp): Promise<boolean> {
  return until(app, CONNECT_MS, ({ connection }) => {
    if (connection.state === "ready") return true;
    return connection.state === "pairing" || connection.state === "offline" ? false : null;
  });
}

/** `run` may return as soon as the edit is under way. */
async function finished(app: QuickApp): Promise<void> {
  await until(app, Infinity, ({ edit }) => (edit === null ? true : null));
}

function until(app: QuickApp, ms: number, test: (state: PanelState) => boolean | null): Promise<boolean> {
  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    let stop: () => void = () => undefined;
    const end = (answer: boolean) => {
      if (timer !== null) clearTimeout(timer);
      stop();
      resolve(answer);
    };
    const look = () => {
      const answer = test(app.state());
      if (answer !== null) end(answer);
      return answer !== null;
    };
    if (look()) return;
    stop = app.subscribe(look);
    if (ms !== Infinity) timer = setTimeout(() => end(false), ms);
  });
}

/** Figma cuts notifications off after a hundred letters. */
const MOST_LETTERS = 100;

function short(text: string): string {
  return text.length <= MOST_LETTERS ? text : `${text.slice(0, MOST_LETTERS - 1)}…`;
}

function tellProgress(app: QuickApp, host: QuickHost): () => void {
  let told = "";
  const tell = () => {
    const { edit } = app.state();
    if (edit === null) return;
    const plan = edit.says.join(", ") || edit.text;
    const percent = Math.floor((edit.fraction * 100) / STEP) * STEP;
    const where = edit.away
      ? "waiting for the bridge"
      : edit.position > 0
        ? `${edit.position} before it`
        : `${percent} %`;
    const text = short(`Inlay: ${where} · ${plan}`);
    if (text === told) return;
    told = text;
    host.say(text, false, true);
  };
  tell();
  return app.subscribe(tell);
}
