/**
 * The panel's controls in Photoshop: UXP's built-in Spectrum widgets. Their properties and events are set by hand on the
 * element, since they are neither attributes nor in Preact's list.
 */

import "./panel.css";
import { h, type RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Focusable, KeyEvent, Scrollable } from "../../shared/src/view/dom.ts";
import type {
  ButtonProps,
  CheckboxProps,
  FieldProps,
  IconName,
  ProgressProps,
  SliderProps,
  Widgets,
} from "../../shared/src/view/widgets.ts";

/** What the panel uses of a built-in widget. */
interface Element extends Focusable {
  value: string | number;
  checked: boolean;
  readonly selectionStart?: number | null;
  addEventListener(name: string, handler: (event: never) => void): void;
  removeEventListener(name: string, handler: (event: never) => void): void;
}

type Listeners = Readonly<Record<string, ((event: never) => void) | undefined>>;

interface BuiltInProps {
  readonly tag: string;
  readonly class?: string;
  readonly name: string | undefined;
  /** Plain attributes. */
  readonly attributes?: Readonly<Record<string, string | number | undefined>>;
  /** Set after each drawing where the element has another. */
  readonly properties?: Partial<Pick<Element, "value" | "checked">>;
  readonly listeners: Listeners;
  readonly handle?: RefObject<Focusable> | undefined;
  readonly children?: unknown;
}

function BuiltIn({ tag, name, attributes = {}, properties, listeners, handle, children, ...rest }: BuiltInProps) {
  const own = useRef<Element>(null);
  const latest = useRef(listeners);
  latest.current = listeners;
  useLayoutEffect(() => {
    const element = own.current;
    if (element === null) return undefined;
    if (handle !== undefined) handle.current = element;
    const bound = Object.keys(latest.current).map((event) => {
      const handler = (value: never) => latest.current[event]?.(value);
      element.addEventListener(event, handler);
      return [event, handler] as const;
    });
    return () => {
      for (const [event, handler] of bound) element.removeEventListener(event, handler);
    };
  }, [handle]);
  useLayoutEffect(() => {
    const element = own.current;
    if (element === null || properties === undefined) return;
    // Setting what it already has would move the caret.
    if (properties.value !== undefined && element.value !== properties.value) element.value = properties.value;
    if (properties.checked !== undefined && element.checked !== properties.checked)
      element.checked = properties.checked;
  });
  return h(tag, { ...attributes, ...rest, "aria-label": name, title: name, ref: own as never }, children as never);
}

const VARIANTS = {
  primary: { variant: "cta" },
  plain: { variant: "secondary" },
  quiet: { variant: "secondary", quiet: "" },
};

function Button({ text, kind = "plain", name, off = false, icon, handle, onPress }: ButtonProps) {
  // Never `disabled`: UXP's Tab key does not find a control again that was.
  const press = () => {
    if (!off) onPress();
  };
  const look = off ? "ps-off" : "";
  if (icon !== undefined) {
    return (
      <BuiltIn
        tag="sp-action-button"
        class={`ps-icon-button ${look}`}
        name={name ?? text}
        attributes={{ quiet: "" }}
        listeners={{ click: press }}
        handle={handle}
      >
        <Icon name={icon} />
      </BuiltIn>
    );
  }
  return (
    <BuiltIn
      tag={kind === "primary" ? "sp-button" : "sp-action-button"}
      class={look}
      name={name}
      attributes={kind === "primary" ? VARIANTS.primary : kind === "quiet" ? { quiet: "" } : {}}
      listeners={{ click: press }}
      handle={handle}
    >
      {text}
    </BuiltIn>
  );
}

function Field({ name, value, placeholder, lines = 1, off = false, handle, onInput, onKey }: FieldProps) {
  const element = useRef<Element>(null);
  const read = () => {
    const field = (handle ?? element).current as Element | null;
    return field === null ? "" : String(field.value);
  };
  return (
    <BuiltIn
      tag={lines > 1 ? "sp-textarea" : "sp-textfield"}
      class={lines > 2 ? "ps-lines-3" : lines > 1 ? "ps-lines-2" : "ps-field"}
      name={name}
      attributes={{ placeholder, readonly: off ? "" : undefined }}
      properties={{ value }}
      listeners={{
        input: () => onInput(read()),
        keydown: (event: KeyEvent) => {
          const field = (handle ?? element).current as Element | null;
          onKey?.(event, field?.selectionStart ?? null);
        },
      }}
      handle={handle ?? element}
    />
  );
}

function Checkbox({ text, checked, onChange }: CheckboxProps) {
  const element = useRef<Focusable>(null);
  return (
    <BuiltIn
      tag="sp-checkbox"
      class="ps-check"
      name={text}
      properties={{ checked }}
      listeners={{ change: () => onChange((element.current as Element | null)?.checked === true) }}
      handle={element}
    >
      {text}
    </BuiltIn>
  );
}

function Slider({ name, value, onChange }: SliderProps) {
  const element = useRef<Focusable>(null);
  return (
    <BuiltIn
      tag="sp-slider"
      class="ps-slider"
      name={name}
      attributes={{ min: 0, max: 100, "show-value": "false" }}
      properties={{ value }}
      listeners={{ input: () => onChange(Number((element.current as Element | null)?.value ?? value)) }}
      handle={element}
    />
  );
}

function Progress({ name, fraction }: ProgressProps) {
  const percent = Math.round(Math.max(0, Math.min(1, fraction)) * 100);
  return (
    <BuiltIn
      tag="sp-progressbar"
      class="ps-progress"
      name={name}
      attributes={{ max: 100, value: percent, size: "small", "show-value": "false" }}
      listeners={{}}
    />
  );
}

const ICONS: { readonly [name in IconName]: string } = {
  alert: "ui:AlertMedium",
  check: "ui:CheckmarkMedium",
  close: "ui:CrossMedium",
  info: "ui:InfoMedium",
  success: "ui:SuccessMedium",
};

function Icon({ name }: { readonly name: IconName }) {
  return (
    <BuiltIn
      tag="sp-icon"
      name={undefined}
      attributes={{ name: ICONS[name], size: "s", slot: "icon" }}
      listeners={{}}
    />
  );
}

function Divider() {
  return <BuiltIn tag="sp-divider" class="ps-divider" name={undefined} attributes={{ size: "small" }} listeners={{}} />;
}

async function copy(text: string): Promise<boolean> {
  try {
    // Needs `clipboard: "readAndWrite"` in the manifest.
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** The manifest's preferred width, for as long as UXP has not laid the panel out. */
const PREFERRED_PX = 300;

function watchWidth(root: unknown, changed: (width: number) => void): () => void {
  const panel = root as { readonly clientWidth?: number };
  let last = 0;
  const tell = () => {
    const width = panel.clientWidth === undefined || panel.clientWidth <= 0 ? PREFERRED_PX : panel.clientWidth;
    if (width === last) return;
    last = width;
    changed(width);
  };
  tell();
  // The first look may come before the first layout.
  const soon = setTimeout(tell, 100);
  window.addEventListener("resize", tell);
  const Observer = (globalThis as { readonly ResizeObserver?: ResizeObserverLike }).ResizeObserver;
  const observer = Observer === undefined ? null : new Observer(tell);
  observer?.observe(root);
  return () => {
    clearTimeout(soon);
    window.removeEventListener("resize", tell);
    observer?.disconnect();
  };
}

/** UXP does not document that it tells of scrolling, so it is looked at as well. */
function watchScroll(part: Scrollable, scrolled: () => void): () => void {
  let last = part.scrollTop;
  const look = () => {
    if (part.scrollTop === last) return;
    last = part.scrollTop;
    scrolled();
  };
  const element = part as unknown as Element;
  element.addEventListener("scroll", look);
  const timer = setInterval(look, LOOK_MS);
  return () => {
    element.removeEventListener("scroll", look);
    clearInterval(timer);
  };
}

const LOOK_MS = 120;

/** Newer UXP has one; its typings do not. */
type ResizeObserverLike = new (changed: () => void) => { observe(element: unknown): void; disconnect(): void };

/**
 * Lets elements be made by name alone. Preact makes each with a namespace; that UXP makes its own widgets by name is
 * documented, that it does with a namespace is not.
 */
export function plainElements(page: Maker): void {
  const withNamespace = page.createElementNS.bind(page);
  page.createElementNS = (namespace, name) =>
    namespace === XHTML ? page.createElement(name) : withNamespace(namespace, name);
}

interface Maker {
  createElement(name: string): unknown;
  createElementNS(namespace: string | null, name: string): unknown;
}

const XHTML = "http://www.w3.org/1999/xhtml";

export const photoshopWidgets: Widgets = {
  Button,
  Field,
  Checkbox,
  Slider,
  Progress,
  Icon,
  Divider,
  Brush: null,
  copy,
  hasFocus: () => document.activeElement !== null && document.activeElement !== document.body,
  watchWidth,
  watchScroll,
};
