/** What a person says: comments, answers, and that a thread is done. */

import { newId } from "../../../../plugins/shared/src/bridge/platform.ts";
import { mentioned } from "./mentions.ts";
import type { Review } from "./review.ts";

export class Speech {
  /** A comment that was not answered: sent again it has the same id, and is stored once. */
  private unanswered: { readonly text: string; readonly reply_to: string | null; readonly comment_id: string } | null =
    null;

  constructor(private readonly review: Review) {}

  /** Returns whether it was said; if not, the page says why and the text stays. */
  add(text: string, reply_to: string | null, picked: readonly string[] = []): Promise<boolean> {
    return this.review.doing(async (link) => {
      const { version_id, mark, members } = this.review.store.get();
      if (version_id === null || text.trim() === "") return;
      const comment_id =
        this.unanswered?.text === text && this.unanswered.reply_to === reply_to
          ? this.unanswered.comment_id
          : newId(this.review.platform);
      this.unanswered = { text, reply_to, comment_id };
      const rect_px = reply_to === null ? mark : null;
      const mentions = mentioned(text, members, picked);
      const said = { comment_id, version_id, text: text.trim(), reply_to, rect_px, mentions };
      await link.request("comment.add", said, "comment.is");
      this.unanswered = null;
      if (reply_to === null) this.review.store.set({ mark: null, pinning: false, thread_id: comment_id });
    });
  }

  change(comment_id: string, text: string, picked: readonly string[] = []): Promise<boolean> {
    return this.review.doing(async (link) => {
      const mentions = mentioned(text, this.review.store.get().members, picked);
      await link.request("comment.change", { comment_id, text: text.trim(), mentions }, "comment.is");
    });
  }

  resolve(comment_id: string, resolved: boolean): Promise<boolean> {
    return this.review.doing(async (link) => {
      await link.request("comment.resolve", { comment_id, resolved }, "comment.is");
    });
  }
}
