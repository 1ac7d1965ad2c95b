/** Comments as threads. Pure. */

import type { CommentInfo } from "../../../../plugins/shared/src/protocol/messages.ts";

export interface Thread {
  readonly root: CommentInfo;
  readonly replies: readonly CommentInfo[];
  /** Of its layer's threads, from 1, oldest first; the same on the picture and in the list. */
  readonly number: number;
}

/** All threads of a layer, oldest first. */
export function threads(comments: readonly CommentInfo[]): readonly Thread[] {
  const replies = new Map<string, CommentInfo[]>();
  for (const comment of comments) {
    if (comment.reply_to === null) continue;
    const known = replies.get(comment.reply_to);
    if (known === undefined) replies.set(comment.reply_to, [comment]);
    else known.push(comment);
  }
  return comments
    .filter((comment) => comment.reply_to === null)
    .map((root, index) => ({
      root,
      replies: replies.get(root.comment_id) ?? [],
      number: index + 1,
    }));
}

export type Which = "open" | "mine" | "all";

/** Those to be shown: of a version, or of all its layer's (`version_id` null). */
export function chosen(
  all: readonly Thread[],
  which: Which,
  version_id: string | null,
  me: string | null,
): readonly Thread[] {
  return all.filter(({ root, replies }) => {
    if (version_id !== null && root.version_id !== version_id) return false;
    if (which === "open") return root.resolved_at === null;
    if (which === "mine")
      return [root, ...replies].some(
        (comment) => comment.person_id === me || comment.mentions.some((one) => one === me),
      );
    return true;
  });
}
