/** Lists that come in pages, read whole. */

import type { Link } from "../../../../plugins/shared/src/bridge/link.ts";
import { type ApprovalInfo, PAGE_COMMENTS } from "../../../../plugins/shared/src/protocol/messages.ts";

/** The verdicts on a layer's versions that have not been withdrawn. */
export async function readApprovals(link: Link, document_id: string, layer_id: string): Promise<ApprovalInfo[]> {
  const all: ApprovalInfo[] = [];
  for (let skip = 0; ;) {
    const page = await link.request("approval.list", { document_id, skip }, "approvals");
    all.push(...page.approvals);
    skip += page.approvals.length;
    if (page.approvals.length < PAGE_COMMENTS) break;
  }
  return all.filter((approval) => approval.layer_id === layer_id && approval.verdict !== "withdrawn");
}
