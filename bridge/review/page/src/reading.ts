/** Lists that come in pages, read whole. */

import type { Link } from "../../../../plugins/shared/src/bridge/link.ts";
import {
  type ApprovalInfo,
  type CommentInfo,
  type LayerInfo,
  PAGE_COMMENTS,
  type PlaceInfo,
  type VersionInfo,
} from "../../../../plugins/shared/src/protocol/messages.ts";

export interface Tree {
  readonly layer: LayerInfo;
  /** Oldest first. */
  readonly versions: readonly VersionInfo[];
}

export async function readTree(link: Link, layer_id: string): Promise<Tree> {
  const versions: VersionInfo[] = [];
  for (;;) {
    const page = await link.request("history.tree", { layer_id, skip: versions.length }, "history.tree.is");
    versions.push(...page.versions);
    if (versions.length >= page.total || page.versions.length === 0) return { layer: page.layer, versions };
  }
}

export async function readComments(link: Link, document_id: string, layer_id: string): Promise<CommentInfo[]> {
  const all: CommentInfo[] = [];
  for (;;) {
    const page = await link.request("comment.list", { document_id, layer_id, skip: all.length }, "comments");
    all.push(...page.comments);
    if (page.comments.length < PAGE_COMMENTS) return all;
  }
}

/** Where the layer's comments are in a version, by comment. */
export async function readPlaces(link: Link, version_id: string): Promise<ReadonlyMap<string, PlaceInfo>> {
  const all: PlaceInfo[] = [];
  for (;;) {
    const page = await link.request("comment.places", { version_id, skip: all.length }, "comment.places.are");
    all.push(...page.places);
    if (page.places.length < PAGE_COMMENTS) return new Map(all.map((place) => [place.comment_id, place]));
  }
}

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
