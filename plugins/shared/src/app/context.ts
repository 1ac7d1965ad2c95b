/** What the rooms of the app share. */

import type { Bridge } from "../bridge/bridge.ts";
import { BridgeError, Lost } from "../bridge/errors.ts";
import type { Platform } from "../bridge/platform.ts";
import { type Host, HostError } from "../host.ts";
import type { PanelState, Problem } from "./state.ts";
import type { Store } from "./store.ts";

/**
 * One after another: what compares the document with the bridge's head, or moves either. In between the two disagree,
 * and whoever looked then would take it for an undo, or for somebody else's edit.
 */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** Does it when all that was asked before is done. Not to be called from within a turn. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work, work);
    this.last = done.catch(() => undefined);
    return done;
  }
}

export interface Context {
  readonly host: Host;
  readonly turns: Turns;
  readonly platform: Platform;
  readonly bridge: Bridge;
  readonly store: Store<PanelState>;
  /** The bridge's, on this machine. */
  readonly port: number;
}

/** A bridge that is not there for so long was stopped. */
const READY_MS = 30_000;

/** Waits for the bridge to be there again, for a while. Rejects with `Lost`. */
export function ready({ store, platform }: Context): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (then: () => void): void => {
      stop();
      unsubscribe();
      then();
    };
    const look = (): void => {
      if (store.get().connection.state === "ready") end(resolve);
    };
    const stop = platform.timer(READY_MS, () => end(() => reject(new Lost())));
    const unsubscribe = store.subscribe(look);
    look();
  });
}

/** What went wrong, for the panel. Errors that are nobody's plain words are said to be ours. */
export function problemFrom(error: unknown): Problem {
  if (error instanceof BridgeError || error instanceof HostError) {
    return { code: error.code, message: error.message, hint: error.hint };
  }
  const said = error instanceof Error ? error.message : String(error);
  return { code: "plugin_error", message: `The plugin failed: ${said}`, hint: "Try once more." };
}

/** Does it; what goes wrong becomes the panel's `problem`. Returns whether it was done. */
export async function guarded(context: Context, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    context.store.set({ problem: problemFrom(error) });
    return false;
  }
}
