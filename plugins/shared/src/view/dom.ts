/**
 * The little of a document that the panel needs. The shared code is compiled without lib dom, since Photoshop's UXP has
 * only part of one.
 */

/** Something that can take the focus. */
export interface Focusable {
  focus(): void;
}

export interface KeyEvent {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  /** True while an input method composes a letter; UXP does not have it. */
  readonly isComposing?: boolean;
  preventDefault(): void;
  stopPropagation(): void;
}

export interface Scrollable {
  scrollTop: number;
  readonly clientHeight: number;
}

interface Handlers {
  readonly click?: (() => void) | undefined;
  readonly keydown?: ((event: KeyEvent) => void) | undefined;
}

/**
 * Event handlers for a plain element, to be spread. Their names are in small letters because UXP's elements do not list
 * their `on…` properties, and Preact would then listen for “Click”.
 */
export function on(handlers: Handlers): object {
  return Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [`on${name}`, handler as unknown]));
}

/** Enter and space press what looks like a button. */
export function pressed(press: () => void): (event: KeyEvent) => void {
  return (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    press();
  };
}

/** For `class`. */
export function names(...all: readonly (string | false | null | undefined)[]): string {
  return all.filter(Boolean).join(" ");
}
