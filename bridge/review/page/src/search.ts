/** Searching versions, comments and verdicts: what is typed, what was found, and going there. */

import { Refused } from "../../../../plugins/shared/src/bridge/errors.ts";
import { Store } from "../../../../plugins/shared/src/app/store.ts";
import type { Problem } from "../../../../plugins/shared/src/app/state.ts";
import type { HitInfo } from "../../../../plugins/shared/src/protocol/messages.ts";
import { addressOf, type Goal } from "./links.ts";
import type { Review } from "./review.ts";

export interface Finding {
  readonly isOpen: boolean;
  readonly query: string;
  /** In every document that one may see, not in this one alone. */
  readonly everywhere: boolean;
  /** null: nothing was asked yet. */
  readonly hits: readonly HitInfo[] | null;
  readonly total: number;
  readonly isBusy: boolean;
  /** What was typed cannot be read; what was found before stays. */
  readonly problem: Problem | null;
}

const NOTHING = { query: "", hits: null, total: 0, isBusy: false, problem: null } as const;
/** Somebody who types is asked once they pause. */
const PAUSE_MS = 180;

export class Finder {
  /** Apart from the page's state: typing draws nothing else anew. */
  readonly store = new Store<Finding>({ ...NOTHING, isOpen: false, everywhere: false });
  private stopWaiting: () => void = () => undefined;
  private asked = 0;

  constructor(private readonly review: Review) {}

  open(): void {
    this.store.set({ isOpen: true });
  }

  close(): void {
    this.stopWaiting();
    this.store.set({ isOpen: false });
  }

  type(query: string): void {
    this.store.set({ query });
    this.stopWaiting();
    this.stopWaiting = this.review.platform.timer(PAUSE_MS, () => void this.ask(0));
  }

  choose(everywhere: boolean): void {
    this.store.set({ everywhere });
    void this.ask(0);
  }

  /** The next of what was found. */
  more(): void {
    void this.ask(this.store.get().hits?.length ?? 0);
  }

  /** There, on this page or on that of another document. */
  go(hit: HitInfo): void {
    const goal: Goal = hit.comment_id === null ? { version_id: hit.version_id } : { comment_id: hit.comment_id };
    this.close();
    if (hit.document_id === this.review.document_id) this.review.links.to(goal);
    else location.assign(addressOf(hit.document_id, goal));
  }

  private async ask(skip: number): Promise<void> {
    const { query, everywhere, hits } = this.store.get();
    const number = ++this.asked;
    if (query.trim() === "") {
      this.store.set({ ...NOTHING, query });
      return;
    }
    this.store.set({ isBusy: true });
    await this.review.doing(async (link) => {
      const fields = { query, skip, document_id: everywhere ? null : this.review.document_id };
      try {
        const found = await link.request("search", fields, "search.found");
        if (number !== this.asked) return;
        const before = skip === 0 ? [] : (hits ?? []);
        this.store.set({ hits: [...before, ...found.hits], total: found.total, problem: null });
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        const { code, message, hint } = error;
        if (number === this.asked) this.store.set({ problem: { code, message, hint } });
      }
    });
    if (number === this.asked) this.store.set({ isBusy: false });
  }
}
