/** “@Name” in a text: who is meant, and how it is shown. Pure. */

import type { MemberInfo } from "../../../../plugins/shared/src/protocol/messages.ts";

type Person = Pick<MemberInfo, "person_id" | "name">;

/** A part of a text: words, or somebody's name after an @. */
export type Piece = { readonly text: string; readonly person_id: string | null };

/** The most that one comment may mention (bridge/protocol/messages/review.py). */
const MOST = 20;
const OFFERED = 6;
/** What may come before an @ that begins a mention: an address (“bo@studio”) is none. */
const BEFORE = /[\s([{«„“"'–—]$/u;
const WORD = /[\p{L}\p{N}_]/u;

/** The text in pieces: the names of `people` after an @ are mentions, the longest name that fits. */
export function pieces(text: string, people: readonly Person[]): readonly Piece[] {
  const byLength = [...people].sort((one, other) => other.name.length - one.name.length);
  const found: Piece[] = [];
  let from = 0;
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const person = at === 0 || BEFORE.test(text.slice(0, at)) ? whoseNameIs(text, at + 1, byLength) : null;
    if (person === null) continue;
    if (at > from) found.push({ text: text.slice(from, at), person_id: null });
    from = at + 1 + person.name.length;
    found.push({ text: text.slice(at, from), person_id: person.person_id });
    at = from - 1;
  }
  if (from < text.length) found.push({ text: text.slice(from), person_id: null });
  return found;
}

function whoseNameIs(text: string, at: number, byLength: readonly Person[]): Person | null {
  for (const person of byLength) {
    if (person.name === "" || !text.startsWith(person.name, at)) continue;
    if (!WORD.test(text.charAt(at + person.name.length))) return person;
  }
  return null;
}

/**
 * The ids of those whom a text mentions, for the bridge.
 *
 * @param picked who was chosen from the list: of two people of one name, they are meant
 */
export function mentioned(text: string, members: readonly Person[], picked: readonly string[]): readonly string[] {
  const chosen = new Set(picked);
  const byName = new Map<string, Person>();
  for (const member of members) {
    if (!byName.has(member.name) || chosen.has(member.person_id)) byName.set(member.name, member);
  }
  const ids = pieces(text, [...byName.values()]).flatMap(({ person_id }) => person_id ?? []);
  return [...new Set(ids)].slice(0, MOST);
}

export interface Asked {
  /** Where its @ is. */
  readonly at: number;
  /** What was typed after it. */
  readonly words: string;
}

/** The mention that is being typed where the caret is; null: none is. */
export function askedAt(text: string, caret: number): Asked | null {
  const before = text.slice(0, caret);
  const at = before.lastIndexOf("@");
  if (at < 0 || (at > 0 && !BEFORE.test(before.slice(0, at)))) return null;
  const words = before.slice(at + 1);
  // A name is a few words on one line.
  return words.length > 60 || /\n|\s{2}/.test(words) ? null : { at, words };
}

/** Whom those words may mean: names that begin so, then those with a word that does. */
export function offered(words: string, members: readonly MemberInfo[]): readonly MemberInfo[] {
  const wanted = words.toLocaleLowerCase();
  const begins = members.filter(({ name }) => name.toLocaleLowerCase().startsWith(wanted));
  const within = members.filter(
    (member) => !begins.includes(member) && member.name.toLocaleLowerCase().includes(` ${wanted}`),
  );
  return [...begins, ...within].slice(0, OFFERED);
}

/** The text with that name in place of what was typed, and where the caret is then. */
export function completed(
  text: string,
  caret: number,
  asked: Asked,
  name: string,
): { readonly text: string; readonly caret: number } {
  const put = `@${name} `;
  const after = text.slice(caret).replace(/^ /, "");
  return { text: text.slice(0, asked.at) + put + after, caret: asked.at + put.length };
}
