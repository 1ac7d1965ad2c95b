/** Edits that run: one's own with a way to cancel it, others' in a line, all of a layer's above its version tree. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Running } from "../commands.ts";
import { Face, usePage, useStored } from "./parts.tsx";
import "../styles/command.css";

export function Mine({ edit }: { readonly edit: Running }): JSX.Element {
  const { review } = usePage();
  const cancel = useRef<HTMLButtonElement>(null);
  // Whoever ran it by a key has the focus on what is there now.
  useEffect(() => cancel.current?.focus(), []);
  return (
    <div class="running">
      <div class="row">
        <strong class="cut grow">“{edit.text}”</strong>
        <span class="dim">{stageOf(edit)}</span>
        <button ref={cancel} type="button" disabled={edit.cancelling} onClick={() => void review.commands.cancel()}>
          {edit.cancelling ? "Cancelling…" : "Cancel"}
        </button>
      </div>
      <progress value={edit.fraction} max={1} aria-label="Progress" />
      {edit.says.map((line) => (
        <p key={line} class="dim">
          {line}
        </p>
      ))}
    </div>
  );
}

/** “Ana: make this warmer… 40 %”. */
export function Others({ others }: { readonly others: readonly Running[] }): JSX.Element | null {
  if (others.length === 0) return null;
  return (
    <ul class="others" aria-label="Edits that run">
      {others.map((edit) => (
        <li key={edit.edit_id} class="row" title={edit.says.join(" ")}>
          <Face name={edit.by ?? ""} person_id={edit.person_id ?? ""} />
          <span class="cut">
            <strong>{edit.by}</strong>: {edit.text}…
          </span>
          <progress value={edit.fraction} max={1} aria-label={`Progress of ${edit.by ?? "an edit"}`} />
          <span class="dim">{stageOf(edit)}</span>
        </li>
      ))}
    </ul>
  );
}

function stageOf({ away, position, fraction, stage }: Running): string {
  if (away) return "goes on at the bridge";
  if (position > 0) return `${position} before this one`;
  return fraction > 0 ? `${Math.round(fraction * 100)} %` : stage || "starting";
}

/** Edits that run on the layer, at the top of its version tree. */
export function Pending(): JSX.Element | null {
  const { review, state } = usePage();
  const { mine, others } = useStored(review.commands.store);
  const here = [...others, ...(mine === null ? [] : [mine])].filter((edit) => edit.layer_id === state.layer_id);
  if (here.length === 0) return null;
  return (
    <ul class="pendings" aria-label="On their way">
      {here.map((edit) => (
        <li key={edit.edit_id} class="pending">
          <span class="thumb" aria-hidden="true">
            <span class="spin" />
          </span>
          <span class="what">
            <span class="cut title">{edit.text}</span>
            <span class="cut dim">
              {edit.by ?? "You"} · {stageOf(edit)}
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}
