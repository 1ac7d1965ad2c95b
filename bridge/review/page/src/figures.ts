/** What was counted between two versions, in a plain sentence. Pure. */

import type { VersionCompareIs } from "../../../../plugins/shared/src/protocol/messages.ts";

export interface Sentence {
  readonly words: string;
  /** Whether the edits kept their promise: nothing outside their selections. */
  readonly isKept: boolean;
  /** What is to be said beside: how large, and what is not known. */
  readonly more: string;
}

/** @param many whether there may be several edits between the two */
export function sentenceOf(figures: VersionCompareIs, many: boolean): Sentence {
  const { why_not, counted_px, unknown_px, changed_px, outside_px, edits_outside_px, largest, white } = figures;
  if (why_not !== "") return { words: why_not, isKept: true, more: "" };
  const selection = many ? "selections" : "selection";
  const more: string[] = [];
  if (changed_px > 0) more.push(`Largest difference: ${numeral(largest)} of ${numeral(white)}.`);
  if (unknown_px > 0) {
    const part = Math.max(1, Math.round((100 * unknown_px) / (counted_px + unknown_px)));
    more.push(`${part} % of the layer was never sent to the bridge: no edit touched it.`);
  }
  let words: string;
  if (changed_px === 0) words = `Nothing changed: ${pixels(counted_px)} compared, all the same to the bit.`;
  else if (outside_px === 0) words = `${pixels(changed_px)} changed, none outside the ${selection}.`;
  else if (edits_outside_px === 0) {
    words = `${pixels(changed_px)} changed; the edits changed none outside the ${selection}.`;
    more.unshift(`${pixels(outside_px)} outside were painted in the design program between the edits.`);
  } else words = `${pixels(changed_px)} changed, ${numeral(outside_px)} of them outside the ${selection}.`;
  return { words, isKept: outside_px === 0 || edits_outside_px === 0, more: more.join(" ") };
}

function pixels(count: number): string {
  return count === 1 ? "1 pixel" : `${numeral(count)} pixels`;
}

function numeral(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: Number.isInteger(value) ? 21 : 4 });
}
