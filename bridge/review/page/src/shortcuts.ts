/** What keys do on the page, in one table: the help shows it, and a key does what the table says. */

import type { Mode } from "./comparing.ts";
import type { Review } from "./review.ts";
import { known, threadWith } from "./threads.ts";
import { mayApprove, mayComment, mayEdit, type Role } from "./words.ts";

/** What a key needs of the page beyond the review itself: where something is on the screen. */
export interface Places {
  /** Gives the focus to the first that is there. */
  focus(...selectors: readonly string[]): void;
  press(selector: string): void;
}

export interface Shortcut {
  readonly keys: readonly string[];
  readonly does: string;
  readonly group: "Versions" | "Comparing" | "Comments" | "Approval" | "Editing" | "Page";
  /** null: everybody may. */
  readonly may: ((role: Role) => boolean) | null;
  run(review: Review, places: Places): void;
}

const everybody = null;
const COMPARING: readonly (readonly [string, Mode, string])[] = [
  ["v", "alone", "This version alone"],
  ["s", "slider", "Slider"],
  ["i", "side", "Side by side"],
  ["o", "onion", "Onion skin"],
  ["f", "blink", "Blink"],
  ["d", "difference", "Difference"],
];

export const SHORTCUTS: readonly Shortcut[] = [
  {
    keys: ["j", "ArrowDown"],
    does: "The version before this one",
    group: "Versions",
    may: everybody,
    run: (review) => step(review, -1),
  },
  {
    keys: ["k", "ArrowUp"],
    does: "The version after this one",
    group: "Versions",
    may: everybody,
    run: (review) => step(review, 1),
  },
  {
    keys: ["h"],
    does: "The current version",
    group: "Versions",
    may: everybody,
    run: (review) => {
      const { head_id } = review.store.get();
      if (head_id !== null) review.chooseVersion(head_id);
    },
  },
  ...COMPARING.map(([key, mode, does]): Shortcut => ({
    keys: [key],
    does,
    group: "Comparing",
    may: everybody,
    run: (review) => review.comparer.setMode(mode),
  })),
  {
    keys: ["c"],
    does: "Write a comment",
    group: "Comments",
    may: mayComment,
    run: (_review, places) => places.focus(".say textarea"),
  },
  {
    keys: ["p"],
    does: "Pin a comment to a place, or stop",
    group: "Comments",
    may: mayComment,
    run: (review) => review.pin(!review.store.get().pinning),
  },
  {
    keys: ["n"],
    does: "The next open comment",
    group: "Comments",
    may: everybody,
    run: (review) => walk(review, 1),
  },
  {
    keys: ["b"],
    does: "The open comment before",
    group: "Comments",
    may: everybody,
    run: (review) => walk(review, -1),
  },
  {
    keys: ["r"],
    does: "Resolve the chosen comment, or open it again",
    group: "Comments",
    may: mayComment,
    run: (review) => {
      const { talk, thread_id } = review.store.get();
      const root = thread_id === null ? undefined : threadWith(talk, thread_id)?.root;
      if (root !== undefined) void review.speech.resolve(root.comment_id, root.resolved_at === null);
    },
  },
  {
    keys: ["a"],
    does: "Approve this version",
    group: "Approval",
    may: mayApprove,
    run: (review) => void review.rule.judge("approved", ""),
  },
  {
    keys: ["e"],
    does: "Type what should change",
    group: "Editing",
    may: mayEdit,
    run: (_review, places) => places.focus(".command textarea"),
  },
  {
    keys: ["/"],
    does: "Search",
    group: "Page",
    may: everybody,
    run: (review) => review.finder.open(),
  },
  {
    keys: ["?"],
    does: "Show or hide these keys",
    group: "Page",
    may: everybody,
    run: (review) => review.store.set({ helping: !review.store.get().helping }),
  },
];

/** The shortcut of a key, if there is one for that role. */
export function shortcutFor(key: string, role: Role | null): Shortcut | null {
  const found = SHORTCUTS.find((one) => one.keys.includes(key));
  if (found === undefined || role === null) return null;
  return found.may === null || found.may(role) ? found : null;
}

/** Whether a key is for what has the focus: text is typed there, or a dialog is open. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest("dialog") !== null) return true;
  return target.matches("input, textarea, select");
}

/** In the order in which they were made. */
function step(review: Review, by: 1 | -1): void {
  const { versions, version_id } = review.store.get();
  const at = versions.findIndex((version) => version.version_id === version_id);
  const next = versions[at + by];
  if (at >= 0 && next !== undefined) review.chooseVersion(next.version_id);
}

/** From open thread to open thread as they are listed, round and round, on whatever version it is. */
function walk(review: Review, by: 1 | -1): void {
  const { talk, thread_id, version_id } = review.store.get();
  const open = known(talk).filter(({ root }) => root.resolved_at === null);
  if (open.length === 0) return;
  const at = open.findIndex(({ root }) => root.comment_id === thread_id);
  const next = open[at < 0 ? (by > 0 ? 0 : open.length - 1) : (at + by + open.length) % open.length];
  if (next === undefined) return;
  const { root } = next;
  if (root.version_id !== version_id) review.chooseVersion(root.version_id);
  review.showThread(root.comment_id);
}
