/** Who is in the document; for its owner also who must approve, and invites. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { InviteInfo } from "../../../../../plugins/shared/src/protocol/messages.ts";
import type { InvitedRole } from "../rule.ts";
import { exactly, mayApprove, ROLES } from "../words.ts";
import { BinPart } from "./bin.tsx";
import { Face, usePage } from "./parts.tsx";
import { RoleOf } from "./roles.tsx";

const DAY_S = 86_400;
const LASTS: readonly (readonly [string, number | null])[] = [
  ["7 days", 7 * DAY_S],
  ["1 day", DAY_S],
  ["30 days", 30 * DAY_S],
  ["Until it is taken back", null],
];

export function People({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { review, state } = usePage();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const isOwner = state.document?.role === "owner";
  const approvers = new Set((state.stands?.approvers ?? []).map((one) => one.person_id));
  const toggle = (person_id: string, on: boolean): void => {
    const others = [...approvers].filter((id) => id !== person_id);
    void review.rule.setApprovers(on ? [...others, person_id] : others);
  };
  return (
    <dialog class="people" ref={dialog} aria-label="People" onClose={onClose}>
      <div class="row head">
        <h2>People</h2>
        <span class="grow" />
        <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
      <ul class="members" aria-label="Members">
        {state.members.map((member) => (
          <li key={member.person_id} class="row wrap">
            <Face name={member.name} person_id={member.person_id} />
            <span class="cut grow">
              {member.name}
              {member.person_id === state.me && <span class="dim"> (you)</span>}
            </span>
            {isOwner && mayApprove(member.role) ? (
              <label class="row check">
                <input
                  type="checkbox"
                  checked={approvers.has(member.person_id)}
                  onChange={(event) => toggle(member.person_id, event.currentTarget.checked)}
                />
                must approve
              </label>
            ) : (
              approvers.has(member.person_id) && <span class="dim">must approve</span>
            )}
            {isOwner && member.role !== "owner" ? (
              <RoleOf member={member} />
            ) : (
              <span class="tag">{ROLES[member.role]}</span>
            )}
          </li>
        ))}
      </ul>
      {state.invites !== null && <Inviting invites={state.invites} />}
      <BinPart />
    </dialog>
  );
}

function Inviting({ invites }: { readonly invites: readonly InviteInfo[] }): JSX.Element {
  const { review } = usePage();
  const [role, setRole] = useState<InvitedRole>("commenter");
  const [name, setName] = useState("");
  const [lasts, setLasts] = useState(0);
  const [link, setLink] = useState<string | null>(null);
  const [copied, setCopied] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const make = async (): Promise<void> => {
    setCopied(false);
    setLink(await review.rule.invite(role, name.trim(), LASTS[lasts]?.[1] ?? null));
  };
  const copy = async (): Promise<void> => {
    if (link === null) return;
    field.current?.select();
    try {
      await navigator.clipboard.writeText(link);
      setCopied(true);
    } catch {
      setCopied(false); // it is selected: Ctrl+C does it
    }
  };
  return (
    <>
      <h3>Invite</h3>
      <form
        class="invite"
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <label>
          <span class="caption">Role</span>
          <select value={role} onChange={(event) => setRole(event.currentTarget.value as InvitedRole)}>
            {(["commenter", "approver", "editor", "viewer"] as const).map((one) => (
              <option key={one} value={one}>
                {ROLES[one]}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span class="caption">For so long</span>
          <select value={lasts} onChange={(event) => setLasts(Number(event.currentTarget.value))}>
            {LASTS.map(([words], index) => (
              <option key={words} value={index}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <label class="wide">
          <span class="caption">Name, if it is for one person only</span>
          <input value={name} maxLength={60} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <button type="submit" class="main">
          Make a link
        </button>
      </form>
      {link !== null && (
        <div class="row made">
          <input ref={field} readOnly value={link} aria-label="Invite link" />
          <button type="button" onClick={() => void copy()}>
            {copied ? "Copied" : "Copy"}
          </button>
        </div>
      )}
      {link !== null && (
        <p class="dim">
          It is shown only now. It works{" "}
          {/^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]/.test(link) ? "on this machine" : "for whoever has it"}{" "}
          while the bridge runs.
        </p>
      )}
      {invites.length > 0 && <h3>Invites</h3>}
      <ul class="members" aria-label="Invites">
        {[...invites].reverse().map((invite) => (
          <li key={invite.invite_id} class="row">
            <div class="grow clip">
              <div class="cut">
                {ROLES[invite.role]} · {invite.name || (invite.once ? "whoever is first" : "whoever has the link")}
              </div>
              <div class="dim cut">
                {stateOf(invite)}
                {invite.joined.length > 0 && ` · came in: ${invite.joined.join(", ")}`}
              </div>
            </div>
            {invite.revoked_at === null && (
              <button type="button" class="quiet" onClick={() => void review.rule.revoke(invite.invite_id)}>
                Take back
              </button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function stateOf({ revoked_at, expires_at }: InviteInfo): string {
  if (revoked_at !== null) return "taken back";
  if (expires_at === null) return "open";
  return Date.parse(expires_at) < Date.now() ? "too old" : `until ${exactly(expires_at)}`;
}
