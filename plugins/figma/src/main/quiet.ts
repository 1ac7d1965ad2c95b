/** Changes of our own that nobody needs to be told of: shapes copied for a moment, first looks. */

let until = 0;
/** Figma tells of changes a moment later. */
const AFTER_MS = 300;

export function quietly<T>(what: () => T): T {
  until = Date.now() + AFTER_MS;
  return what();
}

export function isQuiet(): boolean {
  return Date.now() < until;
}
