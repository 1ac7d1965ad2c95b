/** The command box: words in, with what was typed before, suggestions, and the pictures that go with them. */

import { useRef, useState } from "preact/hooks";
import type { PanelState } from "../app/state.ts";
import type { KeyEvent } from "./dom.ts";
import { useKit } from "./kit.ts";
import { useHome } from "./homes.ts";
import { Press } from "./parts.tsx";
import { suggestions } from "./suggest.ts";
import { START, type, type Walk, walk, walks } from "./walk.ts";

/** The bridge takes no longer texts (`TEXT_CHARS` of the protocol). */
const MOST_CHARS = 2000;
const SUGGESTIONS = 4;
const DRAFT = "command";

export function CommandBox({ state, small }: { readonly state: PanelState; readonly small: boolean }) {
  const { actions, widgets, drafts } = useKit();
  const { Button, Field } = widgets;
  const [at, keep] = useState(() => type(drafts.get(DRAFT) ?? ""));
  const setAt = (next: Walk) => {
    drafts.set(DRAFT, next.text);
    keep(next);
  };
  const home = useHome();
  const adding = useRef(false);
  const { typed, target, mask, references } = state;
  const selected = mask !== null && mask.source.kind !== "whole";
  const ready = target !== null && at.text.trim() !== "" && state.connection.state === "ready";
  const run = () => {
    if (!ready) return;
    void actions.run(at.text.trim());
    setAt(START);
  };
  const add = async () => {
    // UXP repeats the click for as long as a file dialog is open (its known issue PS-57264).
    if (adding.current) return;
    adding.current = true;
    try {
      await actions.addReferences();
    } finally {
      adding.current = false;
    }
  };
  const key = (event: KeyEvent, caret: number | null) => {
    if (event.isComposing === true) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      run();
    } else if (event.key === "Escape" && state.edit !== null) {
      // UXP's fields keep their keys to themselves: the panel would not see this one.
      event.stopPropagation();
      void actions.cancel();
    } else if ((event.key === "ArrowUp" || event.key === "ArrowDown") && !event.shiftKey && !event.altKey) {
      const by = event.key === "ArrowUp" ? 1 : -1;
      const next = walks(at, by, caret) ? walk(at, typed, by) : null;
      if (next === null) return;
      event.preventDefault();
      setAt(next);
    }
  };
  const offered = suggestions(at.text, typed, selected, small ? 2 : SUGGESTIONS);
  return (
    <section class="in-command" aria-label="Command">
      <Field
        name="What should change"
        placeholder={selected ? "What should change here? “remove this”" : "What should change? “blur the background”"}
        value={at.text}
        lines={small ? 2 : 3}
        handle={home}
        onInput={(text) => setAt(type(text.slice(0, MOST_CHARS)))}
        onKey={key}
      />
      {references.length > 0 && (
        <div class="in-references" role="list" aria-label="Pictures that go with the command">
          {references.map((name, index) => (
            <div key={index} class="in-reference" role="listitem">
              <span class="in-cut in-reference-text" title={name}>
                image {index + 1}: {name}
              </span>
              <Button
                text="Remove"
                icon="close"
                kind="quiet"
                name={`Remove image ${index + 1}, ${name}`}
                onPress={() => actions.removeReference(index + 1)}
              />
            </div>
          ))}
        </div>
      )}
      <div class="in-row in-run-row">
        <Button
          text="Add picture"
          kind="quiet"
          name="Add a picture that the command can speak of as image 1, image 2 and so on"
          onPress={() => void add()}
        />
        <span class="in-grow" />
        <Button text="Run" kind="primary" name="Run the command (Enter)" off={!ready} onPress={run} />
      </div>
      {offered.length > 0 && (!small || at.text !== "") && (
        <div class="in-suggestions" role="group" aria-label="Suggestions">
          {offered.map((text) => (
            <Press
              key={text}
              class="in-suggestion"
              onPress={() => {
                setAt(type(text));
                home.current?.focus();
              }}
            >
              <span class="in-cut">{text}</span>
            </Press>
          ))}
        </div>
      )}
    </section>
  );
}
