/** What the views share: the page's context, icons, small bricks. */

import { type ComponentChildren, createContext, type JSX } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { Store } from "../../../../../plugins/shared/src/app/store.ts";
import type { MemberInfo } from "../../../../../plugins/shared/src/protocol/messages.ts";
import type { Review } from "../review.ts";
import type { PageState } from "../state.ts";
import { exactly, when } from "../words.ts";
import { Offered, useMentions } from "./mentions.tsx";

export interface Page {
  readonly review: Review;
  readonly state: PageState;
}

export const PageContext = createContext<Page | null>(null);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === null) throw new Error("outside of the page");
  return page;
}

/** The value of a store of its own, drawn anew when it changes. */
export function useStored<T extends object>(store: Store<T>): T {
  const [value, setValue] = useState(store.get());
  useEffect(() => {
    setValue(store.get());
    return store.subscribe(() => setValue(store.get()));
  }, [store]);
  return value;
}

/** The moment in words, told anew each half minute. */
export function Moment({ iso }: { readonly iso: string }): JSX.Element {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 30_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={iso} title={exactly(iso)}>
      {when(iso)}
    </time>
  );
}

const HUES = 6;

/** One of six colours, on which white is readable; no two people of a small document have the same. */
export function hueOf(person_id: string, members: readonly MemberInfo[]): number {
  const taken = new Set<number>();
  for (const id of members.map((member) => member.person_id).sort()) {
    let hue = wishOf(id);
    while (taken.has(hue) && taken.size < HUES) hue = (hue + 1) % HUES;
    if (id === person_id) return hue;
    taken.add(hue);
  }
  return wishOf(person_id);
}

function wishOf(person_id: string): number {
  let sum = 0;
  for (const char of person_id) sum = (sum * 31 + char.charCodeAt(0)) % HUES;
  return sum;
}

/** A round with somebody's first letters, in a colour of their own. */
export function Face({ name, person_id }: { readonly name: string; readonly person_id: string }): JSX.Element {
  const { state } = usePage();
  const letters = name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => /[\p{L}\p{N}]/u.exec(word)?.[0] ?? "")
    .join("")
    .toUpperCase();
  return (
    <span class={`face face-${hueOf(person_id, state.members)}`} aria-hidden="true">
      {letters}
    </span>
  );
}

interface SegmentsProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly choices: readonly (readonly [T, ComponentChildren])[];
  readonly disabled?: readonly T[];
  readonly onChoose: (value: T) => void;
}

/** One of a few, side by side. */
export function Segments<T extends string>({
  label,
  value,
  choices,
  disabled = [],
  onChoose,
}: SegmentsProps<T>): JSX.Element {
  return (
    <div class="segments" role="group" aria-label={label}>
      {choices.map(([choice, words]) => (
        <button
          key={choice}
          type="button"
          aria-pressed={choice === value}
          disabled={disabled.includes(choice)}
          onClick={() => onChoose(choice)}
        >
          {words}
        </button>
      ))}
    </div>
  );
}

interface WritingProps {
  readonly label: string;
  readonly placeholder: string;
  readonly send: string;
  readonly initial?: string;
  readonly needed?: boolean;
  readonly focused?: boolean;
  /** People of the document may be spoken to with an @. */
  readonly mentions?: boolean;
  /** Returns whether it was taken; the text stays if not. `picked`: who was chosen from the list of people. */
  readonly onSend: (text: string, picked: readonly string[]) => Promise<boolean>;
  readonly onCancel?: () => void;
  readonly children?: ComponentChildren;
}

const MOST_CHARS = 2000;

/** A text field that Enter sends, Shift and Enter makes longer. */
export function Writing(props: WritingProps): JSX.Element {
  const { label, placeholder, send, initial = "", needed = true, focused = false, onSend, onCancel, children } = props;
  const asking = useMentions(props.mentions ?? false);
  const [text, setText] = useState(initial);
  const [busy, setBusy] = useState(false);
  const isEmpty = needed && text.trim() === "";
  const sends = async (): Promise<void> => {
    if (isEmpty || busy) return;
    setBusy(true);
    if (await onSend(text, asking.picked)) setText("");
    setBusy(false);
  };
  return (
    <form
      class="writing"
      onSubmit={(event) => {
        event.preventDefault();
        void sends();
      }}
    >
      <textarea
        aria-label={label}
        placeholder={placeholder}
        value={text}
        rows={2}
        maxLength={MOST_CHARS}
        ref={(field) => {
          if (focused && field !== null && field.dataset["met"] === undefined) {
            field.dataset["met"] = "";
            field.focus();
          }
        }}
        {...asking.aria}
        onInput={(event) => {
          setText(event.currentTarget.value);
          asking.look(event.currentTarget);
        }}
        onClick={(event) => asking.look(event.currentTarget)}
        onBlur={() => asking.close()}
        onKeyDown={(event) => {
          if (asking.key(event, setText)) return;
          if (event.key === "Escape" && onCancel !== undefined) onCancel();
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          void sends();
        }}
      />
      <Offered asking={asking} onText={setText} />
      <div class="row">
        {children}
        <span class="grow" />
        {onCancel !== undefined && (
          <button type="button" class="quiet" onClick={onCancel}>
            Cancel
          </button>
        )}
        <button type="submit" class="main" disabled={isEmpty || busy}>
          {send}
        </button>
      </div>
    </form>
  );
}
