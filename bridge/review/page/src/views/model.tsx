/** Which open model draws in the document, for those who may edit it. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { AUTO, choicesOf } from "../models.ts";
import { usePage } from "./parts.tsx";

export function ModelOf(): JSX.Element | null {
  const { review, state } = usePage();
  const [busy, setBusy] = useState(false);
  const pinned = state.document?.model ?? AUTO;
  const choices = state.models === null ? [] : choicesOf(state.models, pinned);
  if (choices.length === 0) return null;
  // Not disabled meanwhile: who came by keys would lose their place.
  const pin = async (name: string): Promise<void> => {
    setBusy(true);
    await review.models.pin(name);
    setBusy(false); // what was refused is drawn as it is
  };
  return (
    <label
      class="row model"
      title="What the built-in models cannot draw, this one does: in this document, for everybody"
    >
      <span class="caption">Drawn by</span>
      <select value={pinned} aria-busy={busy} onChange={(event) => void pin(event.currentTarget.value)}>
        {choices.map(({ name, title }) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}
