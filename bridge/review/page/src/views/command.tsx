/** The bar under the picture for those who may edit: what to change, where; the edit that runs, and what came of it. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { suggestions } from "../../../../../plugins/shared/src/view/suggest.ts";
import { type CommandState, suggestedIn } from "../commands.ts";
import { isDrawn } from "../selection.ts";
import { mayEdit, numberOf } from "../words.ts";
import { ModelOf } from "./model.tsx";
import { Segments, usePage, useStored } from "./parts.tsx";
import { Mine, Others } from "./running.tsx";
import "../styles/command.css";

const SUGGESTED = 5;
const VARIATIONS = [1, 2, 3, 4] as const;

export function CommandBar(): JSX.Element | null {
  const { review, state } = usePage();
  const command = useStored(review.commands.store);
  const { document: opened, version_id, head_id, stands, layer_id } = state;
  if (opened === null || version_id === null) return null;
  const locked = stands?.layers.find((layer) => layer.layer_id === layer_id)?.locked === true;
  return (
    <section class="command" aria-label="Edit">
      <Others others={command.others} />
      {mayEdit(opened.role) &&
        (locked ? (
          <p class="dim">This layer is locked at an approved version. Unlock it to edit it.</p>
        ) : version_id !== head_id ? (
          <GoOn version_id={version_id} />
        ) : command.mine !== null ? (
          <Mine edit={command.mine} />
        ) : (
          <Words command={command} />
        ))}
      <span class="unseen" role="status">
        {command.said}
      </span>
    </section>
  );
}

/** An older version is looked at: edits go on from the current one, or from here. */
function GoOn({ version_id }: { readonly version_id: string }): JSX.Element {
  const { review, state } = usePage();
  const { versions, head_id } = state;
  return (
    <div class="row wrap">
      <span class="dim grow">The layer is at {numberOf(versions, head_id ?? "")} now.</span>
      {head_id !== null && (
        <button type="button" onClick={() => review.chooseVersion(head_id)}>
          Show it
        </button>
      )}
      <button type="button" class="main" onClick={() => void review.moves.restore(version_id)}>
        Go on from here
      </button>
    </div>
  );
}

function Words({ command }: { readonly command: CommandState }): JSX.Element {
  const { review, state } = usePage();
  const { commands, moves } = review;
  const { selection, text, typed, problem, variations } = command;
  const field = useRef<HTMLTextAreaElement>(null);
  const kind = selection?.kind ?? "whole";
  const offered = suggestions(text, typed, kind !== "whole", SUGGESTED);
  const head = state.versions.find((version) => version.version_id === state.head_id);
  const put = (words: string): void => {
    commands.write(words);
    field.current?.focus();
  };
  return (
    <>
      <div class="row wrap where-bar">
        <Segments
          label="Where"
          value={kind}
          choices={[
            ["whole", <WholeLayer key="whole" />],
            ["box", "Box"],
            ["lasso", "Lasso"],
            ["brush", "Brush"],
          ]}
          onChoose={(where) => commands.select(where)}
        />
        <span class="grow" />
        <ModelOf />
        <span class="row history">
          <button
            type="button"
            class="quiet"
            disabled={head === undefined || head.parent_id === null}
            onClick={() => void moves.undo()}
            aria-label="Undo"
            title="Undo: back to the version before, for everybody"
          >
            <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
              <path d="M6 3 2.500 6.500 6 10M3 6.500h6.500a4 4 0 0 1 0 8H7" />
            </svg>
          </button>
          <button
            type="button"
            class="quiet"
            disabled={
              !state.versions.some((version) => version.parent_id === state.head_id && version.state === "landed")
            }
            onClick={() => void moves.redo()}
            aria-label="Redo"
            title="Redo: the version that was undone, for everybody"
          >
            <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
              <path d="M10 3l3.500 3.500L10 10M13 6.500H6.500a4 4 0 0 0 0 8H9" />
            </svg>
          </button>
        </span>
      </div>
      {selection !== null && kind !== "whole" && (
        <div class="row wrap where-bar">
          <Tools command={command} />
        </div>
      )}
      <form
        class="row words"
        onSubmit={(event) => {
          event.preventDefault();
          void commands.command(text);
        }}
      >
        <textarea
          ref={field}
          rows={1}
          aria-label="Command"
          placeholder={
            kind === "whole" ? "What should change? “blur the background”" : "What should change here? “remove this”"
          }
          value={text}
          onInput={(event) => commands.write(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            void commands.command(text);
          }}
        />
        <select
          aria-label="Results to choose from"
          value={variations}
          onChange={(event) => commands.vary(Number(event.currentTarget.value))}
        >
          {VARIATIONS.map((count) => (
            <option key={count} value={count}>
              {count === 1 ? "1 result" : `${count} results`}
            </option>
          ))}
        </select>
        <button type="submit" class="main" disabled={text.trim() === "" || state.connection.state !== "ready"}>
          Run
        </button>
      </form>
      {problem !== null ? (
        <Asked command={command} put={put} />
      ) : command.outcome !== null ? (
        <Result command={command} />
      ) : (
        <div class="chips" role="group" aria-label="Suggestions">
          {offered.map((words) => (
            <button key={words} type="button" class="chip" onClick={() => put(words)}>
              {words}
            </button>
          ))}
        </div>
      )}
    </>
  );
}

/** In as few letters as there is room for. */
function WholeLayer(): JSX.Element {
  return (
    <>
      Whole<span class="long"> layer</span>
    </>
  );
}

/** What the chosen way to select needs. */
function Tools({ command: { selection } }: { readonly command: CommandState }): JSX.Element | null {
  const { review } = usePage();
  const { commands } = review;
  if (selection === null) return null;
  const { kind, brush, featherPx, strokes } = selection;
  // Sizes go by their square root: small ones are told apart.
  const percent = (px: number, most: number): number => Math.round(Math.sqrt(px / most) * 100);
  const px = (value: string, most: number): number => (Number(value) / 100) ** 2 * most;
  const softness = kind === "brush" ? brush.featherPx : featherPx;
  const softest = brush.mostPx / 2;
  return (
    <>
      {kind === "brush" && (
        <>
          <Segments
            label="Brush"
            value={brush.erase ? "erase" : "add"}
            choices={[
              ["add", "Add"],
              ["erase", "Erase"],
            ]}
            onChoose={(value) => commands.draw({ brush: { ...brush, erase: value === "erase" } })}
          />
          <Slider
            name="Size"
            px={brush.sizePx}
            value={percent(brush.sizePx, brush.mostPx)}
            onValue={(value) => commands.draw({ brush: { ...brush, sizePx: Math.max(1, px(value, brush.mostPx)) } })}
          />
        </>
      )}
      <Slider
        name="Feather"
        px={softness}
        value={percent(softness, softest)}
        onValue={(value) => {
          const to = px(value, softest);
          commands.draw(kind === "brush" ? { brush: { ...brush, featherPx: to } } : { featherPx: to });
        }}
      />
      {kind === "brush" && (
        <button type="button" class="quiet" disabled={strokes.length === 0} onClick={() => commands.undoStroke()}>
          Undo stroke
        </button>
      )}
      <button type="button" class="quiet" disabled={!isDrawn(selection)} onClick={() => commands.clear()}>
        Clear
      </button>
    </>
  );
}

interface SliderProps {
  readonly name: string;
  readonly px: number;
  readonly value: number;
  readonly onValue: (value: string) => void;
}

function Slider({ name, px, value, onValue }: SliderProps): JSX.Element {
  return (
    <label class="row size">
      <span class="caption">{name}</span>
      <input
        type="range"
        min={0}
        max={100}
        value={value}
        aria-valuetext={`${Math.round(px)} pixels`}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      <span class="caption px">{Math.round(px)} px</span>
    </label>
  );
}

/** What the bridge asks back, or could not do; what it suggests is one click away. */
function Asked({ command, put }: { readonly command: CommandState; readonly put: (words: string) => void }) {
  const { review } = usePage();
  const { problem, text } = command;
  if (problem === null) return null;
  const offered = suggestedIn(problem, text);
  return (
    <div class="asked-back" role="alert">
      <p>
        <strong>{problem.message}</strong> {problem.hint}
      </p>
      <div class="chips">
        {offered.map((words) => (
          <button key={words} type="button" class="chip" onClick={() => put(words)}>
            {words}
          </button>
        ))}
        <button type="button" class="quiet" onClick={() => review.commands.dismiss()}>
          Close
        </button>
      </div>
    </div>
  );
}

/** The last edit's results; of several, one is chosen. */
function Result({ command: { outcome } }: { readonly command: CommandState }): JSX.Element | null {
  const { review, state } = usePage();
  if (outcome === null || outcome.layer_id !== state.layer_id) return null;
  const { text, version_ids, before_id, notes } = outcome;
  return (
    <div class="row wrap result">
      <span class="good">✓</span>
      <span class="cut grow" title={[`“${text}”`, ...notes].join(" ")}>
        “{text}”{notes.length > 0 && <span class="dim"> · {notes.join(" ")}</span>}
      </span>
      {version_ids.length > 1 && (
        <span class="row" role="group" aria-label="Results to choose from">
          {version_ids.map((id, index) => (
            <button
              key={id}
              type="button"
              class="candidate"
              aria-pressed={id === state.head_id}
              aria-label={`Result ${index + 1}`}
              onClick={() => void review.moves.restore(id)}
            >
              <Small version_id={id} number={index + 1} />
            </button>
          ))}
        </span>
      )}
      <button type="button" class="quiet" onClick={() => void review.commands.command("another one")}>
        Another one
      </button>
      <button
        type="button"
        class="quiet"
        onClick={() => {
          review.commands.dismiss();
          void review.moves.restore(before_id);
        }}
      >
        Discard
      </button>
    </div>
  );
}

function Small({ version_id, number }: { readonly version_id: string; readonly number: number }): JSX.Element {
  const { review } = usePage();
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    void review.small(version_id).then((shot) => setUrl(shot?.url ?? null));
  }, [review, version_id]);
  return url === null ? <>{number}</> : <img src={url} alt="" />;
}
