/** Comments and approvals; moves to messages.ts when the bridge exports them. */

export interface CommentInfo {
  readonly comment_id: string;
  readonly document_id: string;
  readonly layer_id: string;
  readonly version_id: string;
  readonly reply_to: string | null;
  readonly rect_px: readonly [number, number, number, number] | null;
  readonly text: string;
  readonly author: string;
  readonly person_id: string;
  readonly created_at: string;
  readonly changed_at: string | null;
  readonly resolved_by: string | null;
  readonly resolved_at: string | null;
}

export interface ApprovalInfo {
  readonly version_id: string;
  readonly person_id: string;
  readonly author: string;
  readonly verdict: "approved" | "changes_requested" | "withdrawn";
  readonly text: string;
  readonly created_at: string;
}
