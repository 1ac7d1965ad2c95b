/** What an invite's link opens: a name, and in. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Problem } from "../../../../../plugins/shared/src/app/state.ts";
import { comeIn } from "../door.ts";

export function Join({ token }: { readonly token: string | null }): JSX.Element {
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(
    token === null
      ? {
          code: "no_token",
          message: "This address is no invite.",
          hint: "Open the link of your invite once more.",
        }
      : null,
  );
  const go = async (): Promise<void> => {
    if (token === null || busy || name.trim() === "") return;
    setBusy(true);
    const answer = await comeIn(token, name.trim());
    if ("document_id" in answer) {
      location.replace(`/d/${encodeURIComponent(answer.document_id)}`);
      return;
    }
    setProblem(answer);
    setBusy(false);
  };
  return (
    <main class="door">
      <h1>You are invited to a review</h1>
      {token !== null && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void go();
          }}
        >
          <label>
            <span class="caption">Your name, as the others will see it</span>
            <input
              value={name}
              maxLength={60}
              autoComplete="name"
              autoFocus
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </label>
          <button type="submit" class="main" disabled={busy || name.trim() === ""}>
            Go to the document
          </button>
        </form>
      )}
      {problem !== null && (
        <p class="problem" role="alert">
          <strong>{problem.message}</strong> {problem.hint}
        </p>
      )}
      <p class="dim">No account is needed. This browser is remembered by a cookie; nothing is sent anywhere else.</p>
    </main>
  );
}
