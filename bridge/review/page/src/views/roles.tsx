/** What somebody is in the document, for its owner to change; and taking them out of it, asked once more. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { MemberInfo } from "../../../../../plugins/shared/src/protocol/messages.ts";
import type { InvitedRole } from "../rule.ts";
import { ROLES } from "../words.ts";
import "../styles/roles.css";
import { usePage } from "./parts.tsx";

const CHOICES: readonly InvitedRole[] = ["editor", "approver", "commenter", "viewer"];

export function RoleOf({ member: { person_id, name, role } }: { readonly member: MemberInfo }): JSX.Element {
  const { review } = usePage();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const set = async (next: InvitedRole | null): Promise<void> => {
    setBusy(true);
    await review.rule.setRole(person_id, next);
    setBusy(false);
    setAsking(false);
  };
  if (asking) {
    return (
      <span class="row asked" role="group" aria-label={`Take ${name} out of the document`}>
        <span class="dim">Sees it no more.</span>
        <button
          type="button"
          class="bad"
          disabled={busy}
          ref={(button) => button?.focus()}
          onClick={() => void set(null)}
        >
          Take out
        </button>
        <button type="button" class="quiet" onClick={() => setAsking(false)}>
          Keep
        </button>
      </span>
    );
  }
  return (
    <span class="row">
      <select
        aria-label={`Role of ${name}`}
        value={role}
        disabled={busy}
        onChange={(event) => void set(event.currentTarget.value as InvitedRole)}
      >
        {CHOICES.map((one) => (
          <option key={one} value={one}>
            {ROLES[one]}
          </option>
        ))}
      </select>
      <button
        type="button"
        class="quiet"
        aria-label={`Take ${name} out of the document`}
        title={`Take ${name} out of the document`}
        onClick={() => setAsking(true)}
      >
        ✕
      </button>
    </span>
  );
}
