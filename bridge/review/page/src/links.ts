/**
 * Addresses of one comment or version, `/d/DOCUMENT#comment=ID`, for colleagues: no token is in them. Following one that
 * is in the page's address.
 */

import { Refused } from "../../../../plugins/shared/src/bridge/errors.ts";
import type { Link } from "../../../../plugins/shared/src/bridge/link.ts";
import type { Review } from "./review.ts";

export type Goal = { readonly comment_id: string } | { readonly version_id: string };

const ID = "[0-9A-Za-z_-]{1,64}";
const GOAL = new RegExp(`^(comment|version)=(${ID})$`);

/** What a fragment names, if it is one of ours; a token never looks like one. */
export function goalOf(fragment: string): Goal | null {
  for (const part of fragment.replace(/^#/, "").split("&")) {
    const [, kind, id] = GOAL.exec(part) ?? [];
    if (id === undefined) continue;
    return kind === "comment" ? { comment_id: id } : { version_id: id };
  }
  return null;
}

export function fragmentOf(goal: Goal): string {
  return "comment_id" in goal ? `#comment=${goal.comment_id}` : `#version=${goal.version_id}`;
}

/** The address to give to somebody else. */
export function addressOf(document_id: string, goal: Goal): string {
  return `${location.origin}/d/${encodeURIComponent(document_id)}${fragmentOf(goal)}`;
}

export class Links {
  /** Where the address leads, until one is there. */
  private goal: Goal | null = goalOf(location.hash);
  private link: Link | null = null;

  /** The version that the address led to, while it is the one that is shown. */
  private reached: string | null = null;

  constructor(private readonly review: Review) {
    // Whoever looks elsewhere has an address that does not lead back.
    review.store.subscribe(() => {
      if (this.reached === null || review.store.get().version_id === this.reached) return;
      this.reached = null;
      history.replaceState(null, "", location.pathname);
    });
  }

  ready(link: Link): void {
    this.link = link;
    void this.go();
  }

  lost(): void {
    this.link = null;
  }

  /** The address has another fragment now. */
  changed(fragment: string): void {
    this.goal = goalOf(fragment);
    void this.go();
  }

  /** There, as if its address had been opened. */
  to(goal: Goal): void {
    this.goal = goal;
    void this.go();
  }

  private async go(): Promise<void> {
    const { goal, link, review } = this;
    if (goal === null || link === null) return;
    this.goal = null;
    await review.doing(async () => {
      try {
        const found = await link.request("link.find", { document_id: review.document_id, ...goal }, "link.found");
        this.reached = null;
        review.go(found.layer_id, found.version_id, found.comment_id);
        this.reached = found.version_id;
      } catch (error) {
        if (!(error instanceof Refused) || error.code !== "not_found") throw error;
        const what = "comment_id" in goal ? "comment" : "version";
        review.trouble({
          code: "gone",
          message: `That ${what} is not in this document.`,
          hint: "The link may be of another document. What is shown is the current version.",
        });
      }
    });
  }
}
