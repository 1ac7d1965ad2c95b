/** The last edit's result: one, or several to choose from; in the document, or only offered. */

import type { Candidate, Outcome } from "../app/state.ts";
import { names, on } from "./dom.ts";
import { useKit } from "./kit.ts";
import { stepOf } from "./parts.tsx";
import { Frame, heightFor } from "./picture.tsx";
import { useRoving } from "./roving.ts";
import { CARD_MARGIN_PX, Plan } from "./running.tsx";
import { duration, Words } from "./words.tsx";

/** A tile's height for its width: most pictures are cut little by it. */
const TILE_SHAPE = 0.64;
const TILE_GAP_PX = 8;

const TITLES = { placed: "Done", offered: "Ready, not placed", discarded: "Discarded" } as const;

export function OutcomeCard({ outcome }: { readonly outcome: Outcome }) {
  const { actions, widgets } = useKit();
  const { Button, Icon } = widgets;
  const { state, why, candidates } = outcome;
  const first = candidates[0];
  const placed = state === "placed";
  return (
    <section class="in-card" aria-label="Result">
      <div class="in-row in-card-head in-flush-right">
        <span class={names("in-mark", placed ? "in-mark-ok" : state === "offered" && "in-mark-warn")}>
          <Icon name={placed ? "success" : state === "offered" ? "alert" : "info"} />
        </span>
        <span class="in-strong in-grow in-cut">{TITLES[state]}</span>
        <Button text="Close" icon="close" kind="quiet" name="Close the result" onPress={() => actions.dismiss()} />
      </div>
      {why !== null && state === "offered" && (
        <div class="in-text-tight">
          <span class="in-strong">{why.message}</span> <Words text={why.hint} />
        </div>
      )}
      <div class="in-words" title={outcome.text}>
        “{outcome.text}”
      </div>
      <Plan says={outcome.says} />
      <Results candidates={candidates} state={state} />
      {outcome.notes.map((note, index) => (
        <div key={index} class="in-note in-dim">
          <Words text={capital(note)} />
        </div>
      ))}
      {first !== undefined && <div class="in-dim in-facts">{facts(outcome, first)}</div>}
      {state !== "discarded" && (
        <div class={names("in-row in-card-foot", placed && "in-flush-right")}>
          {state === "offered" && first !== undefined && (
            <Button
              text="Apply anyway"
              kind="primary"
              onPress={() => void actions.apply((candidates.find(({ shown }) => shown) ?? first).version.version_id)}
            />
          )}
          <Button text="Discard" name="Discard the result" onPress={() => void actions.discard()} />
          <span class="in-grow" />
          {placed && (
            <Button
              text="Another one"
              kind="quiet"
              name="Make another one"
              onPress={() => void actions.run("another one")}
            />
          )}
        </div>
      )}
      {state === "discarded" && <div class="in-dim">It stays in the history.</div>}
    </section>
  );
}

function Results({ candidates, state }: Pick<Outcome, "candidates" | "state">) {
  const { width } = useKit();
  const inner = width - CARD_MARGIN_PX;
  // Lower where a decision is asked for: its buttons are to be seen with it.
  const shape = state === "offered" ? 0.75 : 1;
  const one = candidates[0];
  if (one === undefined) return null;
  if (candidates.length === 1) {
    if (one.picture === null) return null;
    return (
      <div class="in-card-picture">
        <Frame picture={one.picture} width={inner} height={Math.round(heightFor(width) * shape)} name="The result" />
      </div>
    );
  }
  return (
    <Tiles candidates={candidates} width={Math.floor((inner - TILE_GAP_PX) / 2)} choosable={state !== "discarded"} />
  );
}

interface TilesProps {
  readonly candidates: readonly Candidate[];
  readonly width: number;
  readonly choosable: boolean;
}

/** Candidates side by side. The arrow keys move, Enter applies: each step would otherwise change the document. */
function Tiles({ candidates, width, choosable }: TilesProps) {
  const { actions, widgets } = useKit();
  const { Icon } = widgets;
  const shown = candidates.findIndex((candidate) => candidate.shown);
  const roving = useRoving(candidates.length, Math.max(0, shown));
  const apply = (candidate: Candidate) => {
    if (choosable && !candidate.shown) void actions.apply(candidate.version.version_id);
  };
  const tile = (candidate: Candidate, index: number) => (
    <div
      key={candidate.version.version_id}
      ref={roving.item(index)}
      class={names("in-tile in-focus", index % 2 === 0 && "in-tile-left", candidate.shown && "in-chosen")}
      role="radio"
      aria-checked={candidate.shown}
      aria-label={`Result ${index + 1}${candidate.shown ? ", in the document" : ""}`}
      tabindex={index === roving.at ? 0 : -1}
      {...on({
        click: () => apply(candidate),
        keydown: (event) => {
          const step = stepOf(event);
          if (step !== null) {
            event.preventDefault();
            roving.go(index + step);
          } else if (event.key === "Enter" || event.key === " ") {
            event.preventDefault();
            apply(candidate);
          }
        },
      })}
    >
      <Frame picture={candidate.picture} width={width - 4} height={Math.round(width * TILE_SHAPE)} how="cover" />
      <div class="in-row in-tile-foot">
        <span class="in-grow">{index + 1}</span>
        {choosable && <span class="in-dim">{candidate.shown ? "Placed" : "Apply"}</span>}
        {candidate.shown && (
          <span class="in-mark in-mark-ok in-tile-mark">
            <Icon name="check" />
          </span>
        )}
      </div>
    </div>
  );
  return (
    <div class="in-tiles" role="radiogroup" aria-label="Results to choose from">
      {pairs(candidates).map((pair, line) => (
        <div key={line} class="in-tile-row" role="presentation">
          {pair.map((candidate, side) => tile(candidate, 2 * line + side))}
        </div>
      ))}
    </div>
  );
}
/** Rows of two, of a width that is known: a scroll bar that comes and goes must not break them anew. */
function pairs(candidates: readonly Candidate[]): readonly (readonly Candidate[])[] {
  return candidates.flatMap((_, index) => (index % 2 === 0 ? [candidates.slice(index, index + 2)] : []));
}

/** Model, seed and time: what a repeat needs. */
function facts(outcome: Outcome, first: Candidate): string {
  const { version } = outcome.candidates.find(({ shown }) => shown) ?? first;
  return [version.model, version.seed === null ? "" : `seed ${version.seed}`, duration(outcome.seconds)]
    .filter((part) => part !== "")
    .join(" · ");
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
