/** Walking through what was typed before with the arrow keys, as in a shell. Pure. */

export interface Walk {
  /** What stands in the box. */
  readonly text: string;
  /** 0: what is being typed; 1: the newest before it, and so on. */
  readonly step: number;
  /** What was being typed when the walk began. */
  readonly draft: string;
}

export const START: Walk = { text: "", step: 0, draft: "" };

export function type(text: string): Walk {
  return { text, step: 0, draft: text };
}

/** `by` 1: older, -1: newer. Null when there is nothing further that way. */
export function walk(at: Walk, typed: readonly string[], by: 1 | -1): Walk | null {
  const step = at.step + by;
  if (step < 0 || step > typed.length) return null;
  const draft = at.step === 0 ? at.text : at.draft;
  return { text: step === 0 ? draft : (typed[step - 1] ?? ""), step, draft };
}

/**
 * Whether the arrow key walks, or moves the caret in the lines of the box: it walks from the first line up and from the
 * last line down. Where the program does not tell the caret, from a single line and while walking.
 */
export function walks(at: Walk, by: 1 | -1, caret: number | null): boolean {
  if (!at.text.includes("\n")) return true;
  if (caret === null) return at.step > 0;
  return by === 1 ? !at.text.slice(0, caret).includes("\n") : !at.text.slice(caret).includes("\n");
}
