/** A button that copies the address of a comment or a version, for a colleague: no token is in it. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { addressOf, type Goal } from "../links.ts";
import { usePage } from "./parts.tsx";

const COPIED_MS = 2_000;

export function CopyLink({ goal, name }: { readonly goal: Goal; readonly name: string }): JSX.Element {
  const { review } = usePage();
  const [copied, setCopied] = useState<"no" | "yes" | "shown">("no");
  const address = addressOf(review.document_id, goal);
  useEffect(() => {
    if (copied !== "yes") return undefined;
    const timer = setTimeout(() => setCopied("no"), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(address);
      setCopied("yes");
    } catch {
      // A page that came without TLS from another machine has no clipboard: the address is shown, selected.
      setCopied("shown");
    }
  };
  if (copied === "shown") {
    return (
      <input
        class="address"
        readOnly
        value={address}
        aria-label={name}
        ref={(field) => field?.select()}
        onBlur={() => setCopied("no")}
      />
    );
  }
  return (
    <button type="button" class="link copy" aria-label={name} title={name} onClick={() => void copy()}>
      {copied === "yes" ? (
        <span role="status">Copied</span>
      ) : (
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
          <path d="M6.5 9.5l3-3M5 7 3.5 8.5a2.5 2.5 0 0 0 0 3.5l.5.5a2.5 2.5 0 0 0 3.5 0L9 11M7 5l1.500-1.500a2.500 2.500 0 0 1 3.500 0l.5.5a2.500 2.500 0 0 1 0 3.500L11 9" />
        </svg>
      )}
    </button>
  );
}
