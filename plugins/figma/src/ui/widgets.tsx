/** The panel's controls in Figma: the browser's own, in Figma's look. */

import "./panel.css";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { RefObject } from "preact";
import type { Focusable } from "../../../shared/src/view/dom.ts";
import type {
  ButtonProps,
  CheckboxProps,
  FieldProps,
  IconName,
  ProgressProps,
  SliderProps,
  Widgets,
} from "../../../shared/src/view/widgets.ts";
import { Brush } from "./brush.tsx";

/** `Focusable` is the part of an element that the shared code sees. */
function refOf<E extends HTMLElement>(handle: RefObject<Focusable> | undefined): RefObject<E> | null {
  return (handle ?? null) as RefObject<E> | null;
}

function Button({ text, kind = "plain", name, off = false, icon, handle, onPress }: ButtonProps) {
  const look = kind === "primary" ? "fg-primary" : kind === "quiet" ? "fg-quiet" : "";
  return (
    <button
      ref={refOf<HTMLButtonElement>(handle)}
      type="button"
      class={`fg-button ${look} ${icon === undefined ? "" : "fg-icon-button"}`}
      aria-label={name}
      title={name}
      // Not `disabled`: a button that goes off while it has the focus would lose it.
      aria-disabled={off}
      onClick={() => {
        if (!off) onPress();
      }}
    >
      {icon === undefined ? text : <Icon name={icon} />}
    </button>
  );
}

function Field({ name, value, placeholder, lines = 1, off = false, code = false, handle, onInput, onKey }: FieldProps) {
  const own = useRef<HTMLInputElement | HTMLTextAreaElement | null>(null);
  useLayoutEffect(() => {
    // What the panel did not take (a text that is too long) leaves the field again.
    if (own.current !== null && own.current.value !== value) own.current.value = value;
  });
  const take = (element: HTMLInputElement | HTMLTextAreaElement | null) => {
    own.current = element;
    if (handle !== undefined) handle.current = element;
  };
  const shared = {
    "aria-label": name,
    placeholder,
    spellcheck: false,
    autocomplete: "off",
    readOnly: off,
    value,
    onInput: (event: { readonly currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
      onInput(event.currentTarget.value),
    onKeyDown: (event: KeyboardEvent & { readonly currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
      onKey?.(event, event.currentTarget.selectionStart),
  } as const;
  if (lines > 1) return <textarea {...shared} ref={take} rows={lines} class="fg-field fg-lines" />;
  return <input {...shared} ref={take} type="text" class={`fg-field ${code ? "fg-code" : ""}`} />;
}

function Checkbox({ text, checked, onChange }: CheckboxProps) {
  return (
    <label class="fg-check-row">
      <input
        type="checkbox"
        class="fg-check"
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>{text}</span>
    </label>
  );
}

function Slider({ name, value, onChange }: SliderProps) {
  return (
    <input
      type="range"
      class="fg-slider"
      min={0}
      max={100}
      value={value}
      aria-label={name}
      onInput={(event) => onChange(Number(event.currentTarget.value))}
    />
  );
}

function Progress({ name, fraction }: ProgressProps) {
  const percent = Math.round(Math.max(0, Math.min(1, fraction)) * 100);
  return (
    <div
      class="fg-progress"
      role="progressbar"
      aria-label={name}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <div class="fg-progress-done" style={{ width: `${percent}%` }} />
    </div>
  );
}

const PATHS: { readonly [name in IconName]: string } = {
  alert: "M8 2.6 14 13H2zM8 6.6v3M8 11.2v.2",
  check: "M3.5 8.4 6.6 11.5 12.5 5",
  close: "M4.5 4.5l7 7M11.5 4.5l-7 7",
  info: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M8 7.4v3.4M8 5.2v.2",
  success: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M5.6 8.2 7.3 9.9 10.5 6.4",
};

function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="fg-icon" viewBox="0 0 16 16" aria-hidden="true">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        stroke-width="1.2"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}

function Divider() {
  return <div class="fg-divider" role="separator" />;
}

/** The clipboard's own interface is closed to frames without an origin; the old command still works after a click. */
async function copy(text: string): Promise<boolean> {
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.style.position = "fixed";
  field.style.opacity = "0";
  document.body.append(field);
  field.select();
  let done = false;
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- there is no other way in a frame without an origin
    done = document.execCommand("copy");
  } catch {
    done = false;
  }
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  if (done) return true;
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

export const figmaWidgets: Widgets = {
  Button,
  Field,
  Checkbox,
  Slider,
  Progress,
  Icon,
  Divider,
  Brush,
  copy,
  hasFocus: () => document.activeElement !== null && document.activeElement !== document.body,
  watchScroll: (part, scrolled) => {
    const element = part as Element;
    element.addEventListener("scroll", scrolled, { passive: true });
    return () => element.removeEventListener("scroll", scrolled);
  },
  watchWidth: (_root, changed) => {
    const tell = () => changed(document.documentElement.clientWidth);
    tell();
    window.addEventListener("resize", tell);
    return () => window.removeEventListener("resize", tell);
  },
};
