/** The search field, what was found, and how searches are written. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { HitInfo } from "../../../../../plugins/shared/src/protocol/messages.ts";
import "../styles/search.css";
import { Moment, Segments, usePage } from "./parts.tsx";

const KINDS = { comment: "Comment", version: "Version", verdict: "Verdict" } as const;
const EXAMPLES: readonly (readonly [string, string])[] = [
  ["by:me", "what I wrote"],
  ["is:open", "open comments"],
  ["is:approved", "approved versions, and what was said of them"],
  ["op:relight", "versions with other light"],
  ["after:7d in:comments", "comments of the last week"],
];

export function SearchButton(): JSX.Element {
  const { review, state } = usePage();
  return (
    <>
      <button
        type="button"
        class="round"
        disabled={state.document === null}
        aria-label="Search"
        title="Search (/)"
        onClick={() => review.finder.open()}
      >
        <svg viewBox="0 0 16 16" width="15" height="15" aria-hidden="true">
          <path
            d="M7 2.2a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 0 0 0-9.6Zm3.5 8.3 3.6 3.6"
            fill="none"
            stroke="currentColor"
            stroke-width="1.7"
            stroke-linecap="round"
          />
        </svg>
      </button>
      <SearchDialog />
    </>
  );
}

function SearchDialog(): JSX.Element | null {
  const { review } = usePage();
  const { finder } = review;
  const [finding, setFinding] = useState(finder.store.get());
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => finder.store.subscribe(() => setFinding(finder.store.get())), [finder]);
  const { isOpen, query, everywhere, hits, total, problem, isBusy } = finding;
  useEffect(() => {
    if (!isOpen) return;
    dialog.current?.showModal();
    dialog.current?.querySelector("input")?.select();
  }, [isOpen]);
  if (!isOpen) return null;
  /** From the field through what was found and back, by the arrow keys. */
  const walk = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by === 0) return;
    const stops = [...(dialog.current?.querySelectorAll<HTMLElement>("input[type=search], .hit") ?? [])];
    const at = stops.findIndex((stop) => stop === document.activeElement);
    const next = stops[at + by];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <dialog class="people search" ref={dialog} aria-label="Search" onClose={() => finder.close()} onKeyDown={walk}>
      <form
        class="row"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          const first = hits?.[0];
          if (first !== undefined && problem === null) finder.go(first);
        }}
      >
        <input
          type="search"
          class="grow"
          aria-label="Search for"
          placeholder="Words, by:ana, is:approved …"
          maxLength={400}
          value={query}
          autoComplete="off"
          spellcheck={false}
          onInput={(event) => finder.type(event.currentTarget.value)}
        />
        <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </form>
      <Segments
        label="Where"
        value={everywhere ? "all" : "one"}
        choices={[
          ["one", "This document"],
          ["all", "All documents"],
        ]}
        onChoose={(choice) => finder.choose(choice === "all")}
      />
      <p class="dim told" role="status">
        {problem === null && told(hits, total, isBusy)}
      </p>
      {problem !== null && (
        <p class="problem" role="alert">
          <strong>{problem.message}</strong> {problem.hint}
        </p>
      )}
      {hits === null && problem === null && (
        <ul class="examples" aria-label="For example">
          {EXAMPLES.map(([words, means]) => (
            <li key={words}>
              <button type="button" class="quiet" onClick={() => finder.type(words)}>
                <code>{words}</code>
              </button>
              <span class="dim">{means}</span>
            </li>
          ))}
        </ul>
      )}
      {hits !== null && hits.length > 0 && (
        <ul class="hits" aria-label="Found">
          {hits.map((hit) => (
            <li key={`${hit.kind} ${hit.comment_id ?? hit.version_id} ${hit.at}`}>
              <button type="button" class="hit" onClick={() => finder.go(hit)}>
                <span class="row dim">
                  <span class="tag">{KINDS[hit.kind]}</span>
                  <span class="cut">{hit.author}</span>
                  <span class="grow" />
                  <Moment iso={hit.at} />
                </span>
                <span class="words">{marked(hit)}</span>
                {everywhere && <span class="dim cut">{hit.document_title || "Untitled"}</span>}
              </button>
            </li>
          ))}
        </ul>
      )}
      {hits !== null && hits.length < total && (
        <button type="button" disabled={isBusy} onClick={() => finder.more()}>
          Show more
        </button>
      )}
    </dialog>
  );
}

function told(hits: readonly HitInfo[] | null, total: number, isBusy: boolean): string {
  if (hits === null) return isBusy ? "Searching …" : "";
  if (total === 0) return "Nothing was found.";
  return `${total} found${hits.length < total ? `, the latest ${hits.length} are shown` : ""}.`;
}

/** The text with what was looked for marked; characters are counted as people do, not as JavaScript does. */
function marked({ text, marks, kind }: HitInfo): JSX.Element[] {
  // Code points, as the bridge counts.
  const chars = Array.from(kind === "verdict" ? said(text) : text);
  const parts: JSX.Element[] = [];
  let at = 0;
  for (const [first, last] of marks) {
    parts.push(<span key={`t${at}`}>{chars.slice(at, first).join("")}</span>);
    parts.push(<mark key={`m${first}`}>{chars.slice(first, last).join("")}</mark>);
    at = last;
  }
  parts.push(<span key="rest">{chars.slice(at).join("")}</span>);
  return parts;
}

/** A verdict without words. */
function said(text: string): string {
  return { approved: "Approved", changes_requested: "Changes requested" }[text] ?? text;
}
