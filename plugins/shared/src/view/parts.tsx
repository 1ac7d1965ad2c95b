/** Small parts that several pages share. */

import type { ComponentChildren, RefObject } from "preact";
import { type Focusable, type KeyEvent, names, on, pressed } from "./dom.ts";
import { useHomeOf } from "./homes.ts";
import { useRoving } from "./roving.ts";

/** One step of the arrow keys in a row of things; null for other keys. */
export function stepOf(event: KeyEvent): number | null {
  if (event.key === "ArrowRight" || event.key === "ArrowDown") return 1;
  if (event.key === "ArrowLeft" || event.key === "ArrowUp") return -1;
  return null;
}

interface Option<T> {
  readonly value: T;
  readonly text: string;
  /** Beside the text, dimmed. */
  readonly count?: number;
}

interface ChoiceProps<T> {
  readonly name: string;
  readonly options: readonly Option<T>[];
  readonly value: T;
  /** `pressed`: by a click or Enter, not in passing with the arrow keys. */
  readonly onChoose: (value: T, pressed: boolean) => void;
  /** tabs: pages of the panel · segments: one of few, all of one width · chips: of their own width, in lines. */
  readonly look: "tabs" | "segments" | "chips";
}

/** Written whole: the build shortens class names, and must see them. */
const LOOKS = { tabs: "in-tabs", segments: "in-segments", chips: "in-chips" } as const;

/** One of several, all in sight: Tab goes to the chosen one, the arrow keys choose. */
export function Choice<T extends string | number>({ name, options, value, onChoose, look }: ChoiceProps<T>) {
  const tabs = look === "tabs";
  const chosen = options.findIndex((option) => option.value === value);
  const roving = useRoving(options.length, Math.max(0, chosen));
  useHomeOf(tabs, roving.focus);
  const keydown = (event: KeyEvent, index: number) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const step = stepOf(event);
    const press = event.key === "Enter" || event.key === " ";
    const to =
      step !== null ? index + step : event.key === "Home" ? 0 : event.key === "End" ? -1 : press ? index : null;
    if (to === null) return;
    event.preventDefault();
    const option = options[(to + options.length) % options.length];
    if (option === undefined) return;
    roving.go(to);
    onChoose(option.value, press);
  };
  return (
    <div class={names("in-choice", LOOKS[look])} role={tabs ? "tablist" : "radiogroup"} aria-label={name}>
      {options.map((option, index) => (
        <div
          key={option.value}
          ref={roving.item(index)}
          class={names("in-option in-focus", index === chosen && "in-chosen")}
          role={tabs ? "tab" : "radio"}
          aria-selected={tabs ? index === chosen : undefined}
          aria-checked={tabs ? undefined : index === chosen}
          tabindex={index === roving.at ? 0 : -1}
          {...on({ click: () => onChoose(option.value, true), keydown: (event) => keydown(event, index) })}
        >
          <span class="in-option-text">{option.text}</span>
          {option.count !== undefined && option.count > 0 && <span class="in-count">{option.count}</span>}
        </div>
      ))}
    </div>
  );
}

/** Something to press that is not a button of the program: a chip, a picture. */
export function Press(props: {
  readonly class: string;
  readonly name?: string;
  readonly handle?: RefObject<Focusable>;
  readonly onPress: () => void;
  readonly children: ComponentChildren;
}) {
  return (
    <div
      ref={(props.handle ?? null) as RefObject<never> | null}
      class={`${props.class} in-focus`}
      role="button"
      tabindex={0}
      aria-label={props.name}
      title={props.name}
      {...on({ click: props.onPress, keydown: pressed(props.onPress) })}
    >
      {props.children}
    </div>
  );
}

/** An empty page: what is missing, and what to do. */
export function Empty({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <div class="in-empty">
      <div class="in-title">{title}</div>
      <div class="in-dim in-empty-text">{children}</div>
    </div>
  );
}
