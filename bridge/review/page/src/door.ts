/** Coming in: the token in a link's fragment is traded for a cookie that no script can read. */

import type { Problem } from "../../../../plugins/shared/src/app/state.ts";

export interface CameIn {
  readonly document_id: string;
  readonly name: string;
}

/**
 * The token in the address, which is wiped from it: neither the browser's history nor whoever looks over a shoulder
 * keeps it. `/join#TOKEN`, `/d/DOCUMENT#k=TOKEN`.
 */
export function takeToken(): string | null {
  const fragment = location.hash.slice(1);
  const token = location.pathname === "/join" ? fragment : fragment.startsWith("k=") ? fragment.slice(2) : "";
  if (token === "") return null;
  history.replaceState(null, "", location.pathname);
  return token;
}

/** Trades it. What goes wrong is said in words for people. */
export async function comeIn(token: string, name: string): Promise<CameIn | Problem> {
  try {
    const response = await fetch("/session", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token: token.slice(0, 200), name }),
    });
    return (await response.json()) as CameIn | Problem;
  } catch {
    return {
      code: "no_answer",
      message: "The bridge does not answer.",
      hint: "Try again in a moment.",
    };
  }
}

/** The document that the address names. */
export function documentInAddress(): string | null {
  return /^\/d\/([A-Za-z0-9_-]{1,64})$/.exec(location.pathname)?.[1] ?? null;
}
