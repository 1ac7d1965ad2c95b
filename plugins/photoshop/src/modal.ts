/**
 * One change of a document, as one step of Photoshop's undo, or not at all. Photoshop lets one plugin at a time change
 * things, and nobody while a dialog is open: then we wait, and say so. Inside, nothing but Photoshop is waited for.
 */

import { HostError } from "../../shared/src/host.ts";
import type { ModalScope, Photoshop } from "./api.ts";

/** What `executeAsModal` rejects with while another command or dialog runs. */
const BUSY = 9;
const TRY_AGAIN_MS = 400;
/** As long as somebody leaves a dialog open that they are looking at. */
export const GIVE_UP_MS = 60_000;

export interface Clock {
  timer(milliseconds: number, then: () => void): () => void;
  now(): number;
}

export interface Busy {
  readonly clock: Clock;
  /** Told once when it begins to wait, and once when that is over. */
  readonly waits: (waiting: boolean) => void;
}

/** Runs `work` with Photoshop to itself, as soon as it is free. Throws `HostError`. */
export async function modal<T>(
  photoshop: Photoshop,
  busy: Busy,
  commandName: string,
  work: (scope: ModalScope) => Promise<T>,
): Promise<T> {
  const { clock } = busy;
  const until = clock.now() + GIVE_UP_MS;
  let waiting = false;
  try {
    for (;;) {
      // Whether `work` was begun: an error from inside it is not Photoshop's refusal, whatever its number.
      const run = { begun: false };
      try {
        return await photoshop.core.executeAsModal(
          (scope) => {
            run.begun = true;
            return work(scope);
          },
          { commandName },
        );
      } catch (error) {
        if (run.begun || !isBusy(error)) throw asHostError(error);
        if (clock.now() >= until) {
          throw new HostError(
            "modal",
            "Photoshop is still busy with a dialog or another command.",
            "Close the dialog, then apply the result.",
          );
        }
      }
      if (!waiting) {
        waiting = true;
        busy.waits(true);
      }
      await new Promise<void>((resolve) => clock.timer(TRY_AGAIN_MS, resolve));
    }
  } finally {
    if (waiting) busy.waits(false);
  }
}

/** As `modal`, with all that `work` does as one history state; rolled back whole if it throws. */
export function inOneStep<T>(
  photoshop: Photoshop,
  busy: Busy,
  documentID: number,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  return modal(photoshop, busy, name, async ({ hostControl }) => {
    const suspension = await hostControl.suspendHistory({ documentID, name });
    let result: T;
    try {
      result = await work();
    } catch (error) {
      // The first error says what went wrong; one while going back would only hide it.
      await hostControl.resumeHistory(suspension, false).catch(() => undefined);
      throw error;
    }
    await hostControl.resumeHistory(suspension, true);
    return result;
  });
}

function isBusy(error: unknown): boolean {
  return typeof error === "object" && error !== null && (error as { number?: unknown }).number === BUSY;
}

export function asHostError(error: unknown, what = "change the document"): HostError {
  if (error instanceof HostError) return error;
  const said = error instanceof Error ? error.message : String(error);
  return new HostError("failed", `Photoshop could not ${what}: ${said}`, "Nothing was changed. Try again.");
}
