/** Coming in: the token in a link's fragment is traded for a cookie that no script can read. */

import type { Problem } from "../../../../plugins/shared/src/app/state.ts";
import { fragmentOf, type Goal, goalOf } from "./links.ts";

export interface CameIn {
  readonly document_id: string;
  readonly name: string;
}

/**
 * The token in the address, which is wiped from it: neither the browser's history nor whoever looks over a shoulder
 * keeps it. `/join#TOKEN`, `/d/DOCUMENT#k=TOKEN`. Of the fragment only what names a comment or a version stays.
 */
export function takeToken(): string | null {
  const { pathname, hash } = location;
  if (hash === "") return null;
  const { token, goal } = readFragment(pathname, hash);
  if (token !== null || goal === null)
    history.replaceState(null, "", pathname + (goal === null ? "" : fragmentOf(goal)));
  return token;
}

/** What is in a fragment: a token, and where a link leads. Pure. */
export function readFragment(
  pathname: string,
  hash: string,
): { readonly token: string | null; readonly goal: Goal | null } {
  const fragment = hash.slice(1);
  if (pathname === "/join") return { token: fragment === "" ? null : fragment, goal: null };
  const token = fragment.split("&").find((part) => part.startsWith("k="));
  return { token: token === undefined || token === "k=" ? null : token.slice(2), goal: goalOf(fragment) };
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
