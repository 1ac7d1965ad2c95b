/** The keys of the page: what they do, and the table of them. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Review } from "../review.ts";
import { isTyping, type Places, type Shortcut, shortcutFor, SHORTCUTS } from "../shortcuts.ts";
import "../styles/help.css";
import { usePage } from "./parts.tsx";

const PLACES: Places = {
  focus: (...selectors) => {
    for (const selector of selectors) {
      const found = document.querySelector<HTMLElement>(selector);
      if (found === null) continue;
      found.focus();
      found.scrollIntoView({ block: "nearest" });
      return;
    }
  },
  press: (selector) => document.querySelector<HTMLElement>(selector)?.click(),
};

/** Keys of the page, while it is shown. */
export function useShortcuts(review: Review): void {
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (isTyping(event.target)) return;
      const { document: opened } = review.store.get();
      const shortcut = shortcutFor(event.key, opened?.role ?? null);
      // The version tree has arrow keys of its own.
      if (shortcut === null || (event.key.startsWith("Arrow") && event.target !== document.body)) return;
      event.preventDefault();
      shortcut.run(review, PLACES);
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, [review]);
}

export function Help(): JSX.Element | null {
  const { review, state } = usePage();
  const dialog = useRef<HTMLDialogElement>(null);
  const role = state.document?.role ?? null;
  useEffect(() => {
    if (state.helping) dialog.current?.showModal();
  }, [state.helping]);
  if (!state.helping) return null;
  const close = (): void => review.store.set({ helping: false });
  const mine = SHORTCUTS.filter((one) => one.may === null || (role !== null && one.may(role)));
  const groups = [...new Set(mine.map((one) => one.group))];
  return (
    <dialog
      class="people keys"
      ref={dialog}
      aria-label="Keys"
      onClose={close}
      onKeyDown={(event) => {
        if (event.key === "?") dialog.current?.close();
      }}
    >
      <div class="row head">
        <h2>Keys</h2>
        <span class="grow" />
        <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
      <p class="dim">They do nothing while you type. In the version tree the arrow keys go from version to version.</p>
      <div class="groups">
        {groups.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {mine
                .filter((one) => one.group === group)
                .map((one) => (
                  <div key={one.does} class="row">
                    <dt>{keysOf(one)}</dt>
                    <dd>{one.does}</dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </dialog>
  );
}

const NAMES: Readonly<Record<string, string>> = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" };

function keysOf({ keys }: Shortcut): JSX.Element {
  return (
    <>
      {keys.map((key) => (
        <kbd key={key}>{NAMES[key] ?? key}</kbd>
      ))}
    </>
  );
}
