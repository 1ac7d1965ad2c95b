/** What goes wrong between a plugin and the bridge; each has words for people, and a hint what to do next. */

import type { Error as ErrorMessage } from "../protocol/messages.ts";

export class BridgeError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly hint: string,
  ) {
    super(message);
    this.name = "BridgeError";
  }
}

/** The bridge said no. */
export class Refused extends BridgeError {
  /** @param version_id for a conflict, the version in which the result was kept. */
  constructor(
    said: Pick<ErrorMessage, "code" | "message" | "hint">,
    readonly version_id: string | null = null,
  ) {
    super(said.code, said.message, said.hint);
    this.name = "Refused";
  }
}

/** The bridge answered with something else than what was asked for: it is of another version. */
export function unexpected(answer: { readonly type: string }): BridgeError {
  return new BridgeError("protocol_error", `The bridge answered with “${answer.type}”.`, "Update Inlay.");
}

/** The connection ended before the answer came. */
export class Lost extends BridgeError {
  constructor() {
    super("lost", "The connection to the bridge was lost.", "It is made again by itself; then try once more.");
    this.name = "Lost";
  }
}
