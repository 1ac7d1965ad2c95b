/** Speaking to somebody with an @: the list of people while one types, and their names in what was said. */

import type { JSX, TargetedKeyboardEvent } from "preact";
import { useId, useState } from "preact/hooks";
import type { CommentInfo, MemberInfo } from "../../../../../plugins/shared/src/protocol/messages.ts";
import { type Asked, askedAt, completed, offered, pieces } from "../mentions.ts";
import { ROLES } from "../words.ts";
import "../styles/mentions.css";
import { Face, usePage } from "./parts.tsx";

/** What a comment says; whom it mentions of those who are in the document stands out. All of it is text. */
export function Text({ comment }: { readonly comment: CommentInfo }): JSX.Element {
  const { state } = usePage();
  const meant = state.members.filter((member) => comment.mentions.includes(member.person_id));
  return (
    <p class="text">
      {pieces(comment.text, meant).map(({ text, person_id }, index) =>
        person_id === null ? (
          text
        ) : (
          <span key={index} class={`mention${person_id === state.me ? " mine" : ""}`}>
            {text}
          </span>
        ),
      )}
    </p>
  );
}

export interface Asking {
  /** Those who may be meant; nobody: no list. */
  readonly people: readonly MemberInfo[];
  readonly chosen: number;
  readonly list_id: string;
  /** Who was chosen from the list. */
  readonly picked: readonly string[];
  readonly aria: Record<string, string>;
  look(field: HTMLTextAreaElement): void;
  close(): void;
  pick(person: MemberInfo, onText: (text: string) => void): void;
  /** Whether the key was for the list. */
  key(event: TargetedKeyboardEvent<HTMLTextAreaElement>, onText: (text: string) => void): boolean;
}

interface At {
  readonly field: HTMLTextAreaElement;
  readonly caret: number;
  readonly asked: Asked;
}

/** What a text field needs for its list of people. */
export function useMentions(on: boolean): Asking {
  const { state } = usePage();
  const list_id = useId();
  const [at, setAt] = useState<At | null>(null);
  const [chosen, setChosen] = useState(0);
  const [picked, setPicked] = useState<readonly string[]>([]);
  const others = state.members.filter((member) => member.person_id !== state.me);
  const people = at === null ? [] : offered(at.asked.words, others);
  const close = (): void => setAt(null);
  const pick = (person: MemberInfo, onText: (text: string) => void): void => {
    if (at === null) return;
    const { field, caret, asked } = at;
    const next = completed(field.value, caret, asked, person.name);
    onText(next.text);
    setPicked([...picked, person.person_id]);
    close();
    field.value = next.text;
    field.focus();
    field.setSelectionRange(next.caret, next.caret);
  };
  return {
    people,
    chosen,
    list_id,
    picked,
    aria: on
      ? {
          "aria-autocomplete": "list",
          ...(people.length === 0 ? {} : { "aria-controls": list_id, "aria-activedescendant": `${list_id}-${chosen}` }),
        }
      : {},
    look: (field) => {
      if (!on) return;
      const caret = field.selectionStart;
      const asked = askedAt(field.value, caret);
      setAt(asked === null ? null : { field, caret, asked });
      setChosen(0);
    },
    close,
    pick,
    key: (event, onText) => {
      if (people.length === 0) return false;
      const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      const person = people[chosen];
      if (by !== 0) setChosen((chosen + by + people.length) % people.length);
      else if (event.key === "Escape") close();
      else if ((event.key === "Enter" || event.key === "Tab") && !event.isComposing && person !== undefined) {
        pick(person, onText);
      } else return false;
      event.preventDefault();
      event.stopPropagation();
      return true;
    },
  };
}

interface OfferedProps {
  readonly asking: Asking;
  readonly onText: (text: string) => void;
}

/** The people who may be meant, below the field. */
export function Offered({ asking, onText }: OfferedProps): JSX.Element {
  const { people, chosen, list_id } = asking;
  return (
    <>
      {people.length > 0 && (
        <ul class="offered" role="listbox" id={list_id} aria-label="People">
          {people.map((person, index) => (
            <li
              key={person.person_id}
              id={`${list_id}-${index}`}
              role="option"
              aria-selected={index === chosen}
              // Before the field loses the focus, which would close the list.
              onPointerDown={(event) => {
                event.preventDefault();
                asking.pick(person, onText);
              }}
            >
              <Face name={person.name} person_id={person.person_id} />
              <span class="cut grow">{person.name}</span>
              <span class="dim">{ROLES[person.role]}</span>
            </li>
          ))}
        </ul>
      )}
      <span class="unseen" role="status">
        {people.length > 0 && `${people.length === 1 ? "One person" : `${people.length} people`}; arrow keys choose.`}
      </span>
    </>
  );
}
