/** Words for what the bridge says in codes. */

import type {
  ApprovalInfo,
  MemberInfo,
  StateIs,
  VersionInfo,
} from "../../../../plugins/shared/src/protocol/messages.ts";
import type { Numbered } from "./versions.ts";

export const STATES: Record<StateIs["state"], string> = {
  draft: "Draft",
  in_review: "In review",
  changes_requested: "Changes requested",
  approved: "Approved",
};

export const VERDICTS: Record<ApprovalInfo["verdict"], string> = {
  approved: "approved",
  changes_requested: "asks for changes",
  withdrawn: "withdrew",
};

export type Role = MemberInfo["role"];

export const ROLES: Record<Role, string> = {
  owner: "Owner",
  editor: "Editor",
  approver: "Approver",
  commenter: "Commenter",
  viewer: "Viewer",
};

/** What each role may: the bridge decides (bridge/access/roles.py); here it is only what is shown. */
export const mayComment = (role: Role): boolean => role !== "viewer";
export const mayApprove = (role: Role): boolean => role === "owner" || role === "approver";
export const mayEdit = (role: Role): boolean => role === "owner" || role === "editor";
export const mayLock = (role: Role): boolean => role === "owner" || role === "editor";

/** “v3”, counted from the first edit; the source is “Original”. */
export function numberOf(versions: readonly Numbered[], version_id: string): string {
  const version = byId(versions).get(version_id);
  if (version === undefined) return "another version";
  return version.kind === "source" ? "Original" : `v${version.number}`;
}

/** Lists are immutable: of each, what is where is found once. */
const places = new WeakMap<readonly Numbered[], ReadonlyMap<string, Numbered>>();

export function byId(versions: readonly Numbered[]): ReadonlyMap<string, Numbered> {
  let found = places.get(versions);
  if (found === undefined) {
    found = new Map(versions.map((version) => [version.version_id, version]));
    places.set(versions, found);
  }
  return found;
}

export function titleOf(version: VersionInfo): string {
  return version.kind === "source" ? "Original" : version.text || "Edit";
}

const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

/** “just now”, “5 min ago”, “3 h ago”, then the date. */
export function when(iso: string, now = Date.now()): string {
  const then = new Date(iso);
  const seconds = (now - then.getTime()) / 1000;
  if (seconds < MINUTE_S) return "just now";
  if (seconds < HOUR_S) return `${Math.floor(seconds / MINUTE_S)} min ago`;
  if (seconds < DAY_S) return `${Math.floor(seconds / HOUR_S)} h ago`;
  return then.toLocaleDateString(undefined, {
    year: "numeric",
    month: "short",
    day: "numeric",
  });
}

export function exactly(iso: string): string {
  return new Date(iso).toLocaleString(undefined, {
    dateStyle: "medium",
    timeStyle: "short",
  });
}
