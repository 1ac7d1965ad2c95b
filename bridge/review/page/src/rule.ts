/** What a person decides: verdicts, locks, who must approve, and who is in the document. */

import type { InviteInfo } from "../../../../plugins/shared/src/protocol/messages.ts";
import type { Review } from "./review.ts";

export type InvitedRole = InviteInfo["role"];
export type Verdict = "approved" | "changes_requested" | "withdrawn";

export class Rule {
  constructor(private readonly review: Review) {}

  judge(verdict: Verdict, text: string): Promise<boolean> {
    return this.review.doing(async (link) => {
      const { version_id } = this.review.store.get();
      if (version_id === null) return;
      await link.request("approval.set", { version_id, verdict, text: text.trim() }, "approval.is");
    });
  }

  lock(version_id: string, locked: boolean): Promise<boolean> {
    return this.review.doing(async (link) => {
      this.review.store.set({
        stands: await link.request("version.lock", { version_id, locked }, "state.is"),
      });
    });
  }

  setApprovers(person_ids: readonly string[]): Promise<boolean> {
    return this.review.doing(async (link) => {
      const fields = { document_id: this.review.document_id, person_ids };
      this.review.store.set({
        stands: await link.request("approvers.set", fields, "state.is"),
      });
    });
  }

  /** Another role for somebody; null: they are out. */
  setRole(person_id: string, role: InvitedRole | null): Promise<boolean> {
    return this.review.doing(async (link) => {
      const fields = { document_id: this.review.document_id, person_id, role };
      const { members } = await link.request("member.set", fields, "members");
      this.review.store.set({ members });
    });
  }

  /** The link; null when it could not be made. */
  async invite(role: InvitedRole, name: string, expires_s: number | null): Promise<string | null> {
    let made: string | null = null;
    await this.review.doing(async (link) => {
      const fields = { document_id: this.review.document_id, role, name, expires_s };
      const answer = await link.request("invite.make", fields, "invite.is");
      if (answer.token !== null) made = answer.link ?? `${location.origin}/join#${answer.token}`;
      this.review.refresh(["people"]);
    });
    return made;
  }

  revoke(invite_id: string): Promise<boolean> {
    return this.review.doing(async (link) => {
      await link.request("invite.revoke", { invite_id }, "invite.is");
      this.review.refresh(["people"]);
    });
  }
}
