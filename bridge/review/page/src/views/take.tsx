/** Taking away: the chosen version as a picture, the review as a report, and for the owner the whole document. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import "../styles/take.css";
import { type Kind, sizeOf, type TakeState, unfit } from "../take.ts";
import { numberOf } from "../words.ts";
import { Segments, usePage } from "./parts.tsx";

const KINDS: readonly (readonly [Kind, string])[] = [
  ["png", "PNG"],
  ["tiff", "TIFF"],
  ["webp", "WebP"],
];

export function TakeAway(): JSX.Element {
  const { review, state } = usePage();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        class="take-away"
        aria-label="Take away"
        onClick={() => setOpen(true)}
        disabled={state.document === null}
      >
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
          <path d="M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11" />
        </svg>
        <span>Take away</span>
      </button>
      {open && (
        <Dialog
          onClose={() => {
            setOpen(false);
            review.take.forget();
          }}
        />
      )}
    </>
  );
}

function Dialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { state } = usePage();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog class="people take" ref={dialog} aria-label="Take away" onClose={onClose}>
      <div class="row head">
        <h2>Take away</h2>
        <span class="grow" />
        <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
      {state.version_id !== null && <Picture version_id={state.version_id} />}
      <Report />
      {state.document?.role === "owner" && <Archive />}
    </dialog>
  );
}

function Picture({ version_id }: { readonly version_id: string }): JSX.Element {
  const { review, state } = usePage();
  const [chosen, setKind] = useState<Kind>("png");
  const [part, setPart] = useState<"layer" | "changed">("layer");
  const [words, setWords] = useState(false);
  const [people, setPeople] = useState(false);
  const version = state.versions.find((one) => one.version_id === version_id);
  const layer = state.layers.find((one) => one.layer_id === state.layer_id);
  const why = KINDS.flatMap(([one, name]) => {
    const reason = layer === undefined ? null : unfit(one, layer);
    return reason === null ? [] : [{ one, words: `${name}: ${reason}.` }];
  });
  const kind = why.some(({ one }) => one === chosen) ? "tiff" : chosen;
  const isSource = version?.kind === "source";
  const take = (of: "layer" | "changed"): void => {
    void review.take.wish({
      type: "take.picture",
      version_id,
      kind,
      part: of,
      words,
      people,
    });
  };
  const missing = state.take.failed?.code === "pixels_missing" && !isSource && part === "layer";
  return (
    <Section
      type="take.picture"
      title={`${version === undefined ? "This version" : numberOf(state.versions, version_id)} as a picture`}
      about="To the bit, in the layer’s own depth, with its own colour profile."
      button="Download picture"
      onTake={() => take(isSource ? "layer" : part)}
      more={
        missing && (
          <button
            type="button"
            onClick={() => {
              setPart("changed");
              take("changed");
            }}
          >
            Download only what changed
          </button>
        )
      }
    >
      <div class="row wrap">
        <Segments
          label="Kind of file"
          value={kind}
          choices={KINDS}
          disabled={why.map(({ one }) => one)}
          onChoose={setKind}
        />
        {!isSource && (
          <Segments
            label="How much of it"
            value={part}
            choices={[
              ["layer", "Whole layer"],
              ["changed", "What changed"],
            ]}
            onChoose={setPart}
          />
        )}
      </div>
      {why.length > 0 && <p class="dim">{why.map((one) => one.words).join(" ")}</p>}
      <fieldset>
        <legend class="dim">
          {isSource ? "The file says that it comes from Inlay." : "The file says that it was edited by Inlay, and how."}{" "}
          Also:
        </legend>
        <Check label="what was asked for" on={words} onChange={setWords} />
        <Check label="people’s names" on={people} onChange={setPeople} />
      </fieldset>
    </Section>
  );
}

function Report(): JSX.Element {
  const { review } = usePage();
  const [kind, setKind] = useState<"pdf" | "html">("pdf");
  const [all, setAll] = useState(false);
  const take = (): void => {
    const { document_id } = review;
    void review.take.wish({
      type: "take.report",
      document_id,
      kind,
      versions: all ? "all" : "discussed",
    });
  };
  return (
    <Section
      type="take.report"
      title="The review as a report"
      about="Before and after, with pins, comments and verdicts. One page a version."
      button="Download report"
      onTake={take}
    >
      <div class="row wrap">
        <Segments
          label="Kind of report"
          value={kind}
          choices={[
            ["pdf", "PDF"],
            ["html", "HTML"],
          ]}
          onChoose={setKind}
        />
        <Check label="versions that nobody spoke of, too" on={all} onChange={setAll} />
      </div>
    </Section>
  );
}

function Archive(): JSX.Element {
  const { review } = usePage();
  return (
    <Section
      type="take.archive"
      title="The whole document"
      about={
        <>
          Every version with its pixels, all comments and verdicts, in one ZIP that <code>inlay import</code> opens
          elsewhere. People are in it by name only.
        </>
      }
      button="Download document"
      onTake={() =>
        void review.take.wish({
          type: "take.archive",
          document_id: review.document_id,
        })
      }
    />
  );
}

interface SectionProps {
  readonly type: NonNullable<TakeState["making"]>["type"];
  readonly title: string;
  readonly about: ComponentChildren;
  readonly button: string;
  readonly onTake: () => void;
  readonly more?: ComponentChildren;
  readonly children?: ComponentChildren;
}

/** One thing to be had: what it is, how, and what comes of it. */
function Section({ type, title, about, button, onTake, more, children }: SectionProps): JSX.Element {
  const { making, made, failed } = usePage().state.take;
  const isMaking = making?.type === type;
  const isFirst = type === "take.picture";
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <p class="dim">{about}</p>
      {children}
      <div class="row wrap">
        <button type="button" class={isFirst ? "main" : ""} disabled={making !== null} onClick={onTake}>
          {button}
        </button>
        {isMaking && <progress value={making.done} max={1} aria-label={`${title} is being made`} />}
        {failed?.type === type && more}
      </div>
      <div role="status">
        {made?.type === type && (
          <>
            <p class="good">
              <bdi>{made.name}</bdi>, {sizeOf(made.bytes)}, is on its way to your downloads.
            </p>
            {made.notes.map((note) => (
              <p key={note} class="dim">
                {note}
              </p>
            ))}
          </>
        )}
        {failed?.type === type && (
          <p class="problem">
            <strong>{failed.message}</strong> {failed.hint}
          </p>
        )}
      </div>
    </section>
  );
}

interface CheckProps {
  readonly label: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
}

function Check({ label, on, onChange }: CheckProps): JSX.Element {
  return (
    <label class="row check">
      <input type="checkbox" checked={on} onChange={(event) => onChange(event.currentTarget.checked)} />
      {label}
    </label>
  );
}
