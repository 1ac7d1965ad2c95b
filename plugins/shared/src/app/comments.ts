/** What people say of the layer's versions, in threads. */

import { type CommentInfo, PAGE_COMMENTS } from "../protocol/messages.ts";
import { newId } from "../bridge/platform.ts";
import type { Context } from "./context.ts";
import type { OpenTarget } from "./layers.ts";
import type { Thread } from "./state.ts";

export class Comments {
  private all: readonly CommentInfo[] = [];
  /** What was sent and has not been answered yet. */
  private draft: { readonly said: string; readonly comment_id: string } | null = null;

  constructor(private readonly common: Context) {}

  /** Reads all comments of a layer, and shows those of the version that is looked at. */
  async read(open: OpenTarget): Promise<readonly CommentInfo[]> {
    const { store, bridge } = this.common;
    const link = bridge.connected();
    const all: CommentInfo[] = [];
    for (;;) {
      const fields = { document_id: open.document.document_id, layer_id: open.layer_id, skip: all.length };
      const page = await link.request("comment.list", fields, "comments");
      all.push(...page.comments);
      if (page.comments.length < PAGE_COMMENTS) break;
    }
    this.all = all;
    const { page, selectedVersionId } = store.get();
    if (page === "comments" && selectedVersionId === null) store.set({ selectedVersionId: open.shown_id });
    this.show();
    return all;
  }

  /** Shows the threads of the selected version. */
  show(): void {
    const { store } = this.common;
    store.set({ threads: threadsOf(this.all, store.get().selectedVersionId) });
  }

  /** Says something about the selected version, or in a thread. Sent again after a lost connection it is stored once. */
  async add(text: string, replyTo: string | null): Promise<void> {
    const { store, bridge, platform } = this.common;
    const version_id = store.get().selectedVersionId;
    if (version_id === null || text.trim() === "") return;
    const fields = { version_id, text: text.trim(), reply_to: replyTo };
    const draft = JSON.stringify(fields);
    // The same words once more, after an answer that never came, are the same comment.
    if (this.draft?.said !== draft) this.draft = { said: draft, comment_id: newId(platform) };
    const { comment_id } = this.draft;
    const { comment } = await bridge.connected().request("comment.add", { ...fields, comment_id }, "comment.is");
    this.draft = null;
    this.put(comment);
  }

  async resolve(comment_id: string, resolved: boolean): Promise<void> {
    const link = this.common.bridge.connected();
    this.put((await link.request("comment.resolve", { comment_id, resolved }, "comment.is")).comment);
  }

  private put(comment: CommentInfo): void {
    this.all = [...this.all.filter((other) => other.comment_id !== comment.comment_id), comment].sort((one, other) =>
      one.created_at < other.created_at ? -1 : one.created_at > other.created_at ? 1 : 0,
    );
    this.show();
  }
}

/** Threads of a version: open ones first, each oldest first. */
export function threadsOf(comments: readonly CommentInfo[], version_id: string | null): readonly Thread[] {
  const roots = comments.filter((comment) => comment.reply_to === null && comment.version_id === version_id);
  const threads = roots.map((root) => ({
    root,
    replies: comments.filter((comment) => comment.reply_to === root.comment_id),
  }));
  const isOpen = (thread: Thread): number => (thread.root.resolved_at === null ? 0 : 1);
  return threads.sort((one, other) => isOpen(one) - isOpen(other));
}
