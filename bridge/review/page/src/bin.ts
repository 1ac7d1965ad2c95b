/** The bin: deleting this document, and bringing documents back. */

import { Refused } from "../../../../plugins/shared/src/bridge/errors.ts";
import type { Link } from "../../../../plugins/shared/src/bridge/link.ts";
import { Store } from "../../../../plugins/shared/src/app/store.ts";
import type { BinnedInfo } from "../../../../plugins/shared/src/protocol/messages.ts";
import type { Review } from "./review.ts";

export interface Binned {
  /** One's own documents in the bin; null: not asked yet. */
  readonly documents: readonly BinnedInfo[] | null;
}

export class Bin {
  readonly store = new Store<Binned>({ documents: null });

  constructor(private readonly review: Review) {}

  async read(link: Link): Promise<readonly BinnedInfo[]> {
    const { documents } = await link.request("bin.list", {}, "bin.is");
    this.store.set({ documents });
    return documents;
  }

  look(): Promise<boolean> {
    return this.review.doing(async (link) => {
      await this.read(link);
    });
  }

  /** For everybody; its owner can bring it back. */
  delete(): Promise<boolean> {
    return this.review.doing(async (link) => {
      await link.request("document.delete", { document_id: this.review.document_id }, "done");
    });
  }

  restore(document_id: string): Promise<boolean> {
    return this.review.doing(async (link) => {
      await link.request("document.restore", { document_id }, "done");
      if (document_id === this.review.document_id) location.reload();
      else await this.read(link);
    });
  }

  /** Why the document is not there, for somebody whom the bridge did not let in: it is in their own bin, or null. */
  async why(link: Link): Promise<typeof DELETED | null> {
    try {
      const mine = (await this.read(link)).some((one) => one.document_id === this.review.document_id);
      return mine ? DELETED : null;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return null; // not to be known now
    }
  }
}

export const DELETED = {
  code: "deleted",
  message: "This document was deleted.",
  hint: "Its owner can bring it back for 30 days.",
};
