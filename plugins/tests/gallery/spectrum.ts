/**
 * Stand-ins for Photoshop's built-in widgets, for looking and for tests in a browser: each takes the attributes and
 * properties and sends the events that UXP documents, in the shape and the colours of Spectrum's first version.
 */

export type Theme = "darkest" | "dark" | "light" | "lightest";

/** UXP's theme variables, measured from pictures of Photoshop's four themes. */
const THEMES: Readonly<Record<Theme, Readonly<Record<string, string>>>> = {
  darkest: {
    bg: "#323232",
    text: "#ffffff",
    secondary: "#9c9c9c",
    border: "#3e3e3e",
    field: "#0d0d0d",
    line: "#0d0d0d",
    action: "#1c1c1c",
  },
  dark: {
    bg: "#535353",
    text: "#ffffff",
    secondary: "#b4b4b4",
    border: "#626262",
    field: "#262626",
    line: "#262626",
    action: "#2f2f2f",
  },
  light: {
    bg: "#b8b8b8",
    text: "#2c2c2c",
    secondary: "#474747",
    border: "#9d9d9d",
    field: "#ffffff",
    line: "#8f8f8f",
    action: "#ffffff",
  },
  lightest: {
    bg: "#f0f0f0",
    text: "#4a4a4a",
    secondary: "#5f5f5f",
    border: "#cdcdcd",
    field: "#ffffff",
    line: "#c4c4c4",
    action: "#ffffff",
  },
};

export function applyTheme(theme: Theme): void {
  const colours = THEMES[theme];
  const set = (name: string, value: string | undefined) =>
    document.documentElement.style.setProperty(name, value ?? "");
  set("--uxp-host-background-color", colours["bg"]);
  set("--uxp-host-text-color", colours["text"]);
  set("--uxp-host-text-color-secondary", colours["secondary"]);
  set("--uxp-host-border-color", colours["border"]);
  set("--uxp-host-link-text-color", theme.startsWith("dark") ? "#78b9ff" : "#0d66d0");
  set("--uxp-host-widget-hover-background-color", colours["border"]);
  set("--sp-action", colours["action"]);
  set("--uxp-host-font-size", "12px");
  set("--sp-field", colours["field"]);
  set("--sp-line", colours["line"]);
}

abstract class Widget extends HTMLElement {
  protected readonly inside = this.attachShadow({ mode: "open", delegatesFocus: true });
  protected style_(css: string): void {
    const style = document.createElement("style");
    style.textContent = `:host{display:inline-flex;box-sizing:border-box;font-size:14px;color:var(--uxp-host-text-color)} *{box-sizing:border-box;font-family:inherit} ${css}`;
    this.inside.append(style);
  }
}

class Button extends Widget {
  constructor() {
    super();
    this.style_(`
      button{display:flex;align-items:center;justify-content:center;height:100%;width:100%;border-radius:16px;border:2px solid var(--uxp-host-text-color);background:transparent;color:inherit;font-size:14px;font-weight:700;padding:0 14px;white-space:nowrap}
      :host{height:32px;flex-shrink:0}
      :host([variant="cta"]) button{background:#1473e6;border-color:#1473e6;color:#fff}
      :host([quiet]) button{border-color:transparent}
    `);
    const button = document.createElement("button");
    button.append(document.createElement("slot"));
    this.inside.append(button);
  }
}

class ActionButton extends Widget {
  constructor() {
    super();
    this.style_(`
      button{display:flex;align-items:center;justify-content:center;height:100%;width:100%;border-radius:4px;border:1px solid var(--sp-line);background:var(--sp-action);color:inherit;font-size:inherit;padding:0 11px;white-space:nowrap}
      :host{height:32px;flex-shrink:0}
      :host([quiet]) button{border-color:transparent;background:transparent}
      button:hover{background:var(--uxp-host-widget-hover-background-color)}
      :host(.ps-icon-button) button{padding:0}
    `);
    const icon = document.createElement("slot");
    icon.name = "icon";
    const button = document.createElement("button");
    button.append(icon, document.createElement("slot"));
    this.inside.append(button);
  }
}

abstract class TextWidget extends Widget {
  protected abstract readonly field: HTMLInputElement | HTMLTextAreaElement;
  static readonly observedAttributes = ["placeholder", "readonly"];
  attributeChangedCallback(name: string, _: string | null, value: string | null): void {
    if (name === "placeholder") this.field.placeholder = value ?? "";
    else this.field.readOnly = value !== null;
  }
  get value(): string {
    return this.field.value;
  }
  set value(value: string) {
    this.field.value = value;
  }
}

const FIELD = `height:100%;width:100%;border:1px solid var(--sp-line);border-radius:4px;background:var(--sp-field);color:inherit;font-size:inherit;padding:3px 11px 5px;resize:none;outline:none`;

class Textfield extends TextWidget {
  protected readonly field = document.createElement("input");
  constructor() {
    super();
    this.style_(
      `:host{height:32px;width:192px} input{${FIELD}} input:focus{border-color:#2680eb} input::placeholder{color:var(--uxp-host-text-color-secondary);font-style:italic}`,
    );
    this.inside.append(this.field);
  }
}

class Textarea extends TextWidget {
  protected readonly field = document.createElement("textarea");
  constructor() {
    super();
    this.style_(
      `:host{height:76px;width:240px} textarea{${FIELD}} textarea:focus{border-color:#2680eb} textarea::placeholder{color:var(--uxp-host-text-color-secondary);font-style:italic}`,
    );
    this.inside.append(this.field);
  }
}

class Checkbox extends Widget {
  private readonly box = document.createElement("input");
  constructor() {
    super();
    this.style_(
      `:host{min-height:32px;align-items:center} label{display:flex;align-items:flex-start;font-size:14px} input{width:14px;height:14px;margin:2px 10px 0 0;accent-color:#1473e6;flex-shrink:0}`,
    );
    this.box.type = "checkbox";
    const label = document.createElement("label");
    label.append(this.box, document.createElement("slot"));
    this.inside.append(label);
    // UXP's event comes from the widget itself; a shadow root keeps a browser's `change` inside.
    this.box.addEventListener("change", () => this.dispatchEvent(new Event("change", { bubbles: true })));
  }
  get checked(): boolean {
    return this.box.checked;
  }
  set checked(checked: boolean) {
    this.box.checked = checked;
  }
}

class Slider extends Widget {
  private readonly range = document.createElement("input");
  constructor() {
    super();
    this.style_(
      `:host{height:32px;align-items:center} input{width:100%;margin:0;appearance:none;height:2px;background:var(--uxp-host-text-color-secondary)} input::-webkit-slider-thumb{appearance:none;width:16px;height:16px;border-radius:8px;border:2px solid var(--uxp-host-text-color);background:var(--uxp-host-background-color)}`,
    );
    this.range.type = "range";
    this.inside.append(this.range);
  }
  get value(): number {
    return Number(this.range.value);
  }
  set value(value: number) {
    this.range.value = String(value);
  }
}

class Progress extends Widget {
  private readonly done = document.createElement("div");
  static readonly observedAttributes = ["value", "max"];
  constructor() {
    super();
    this.style_(
      `:host{display:flex} .track{width:100%;height:4px;border-radius:2px;background:var(--sp-line);overflow:hidden} .done{height:4px;background:#2680eb}`,
    );
    const track = document.createElement("div");
    track.className = "track";
    this.done.className = "done";
    track.append(this.done);
    this.inside.append(track);
  }
  attributeChangedCallback(): void {
    this.done.style.width = `${(100 * Number(this.getAttribute("value") ?? 0)) / Number(this.getAttribute("max") ?? 100)}%`;
  }
}

class Divider extends Widget {
  constructor() {
    super();
    this.style_(`:host{display:block;height:1px;background:var(--uxp-host-border-color)}`);
  }
}

/** Spectrum's own icons, simplified. */
const ICONS: Readonly<Record<string, string>> = {
  "ui:AlertMedium": "M9 2.5 16.5 15.5H1.5zM9 7v4.2M9 13v.3",
  "ui:CheckmarkMedium": "M3.5 9.5 7.5 13.5 14.5 4.5",
  "ui:CrossMedium": "M4.5 4.5l9 9M13.5 4.5l-9 9",
  "ui:InfoMedium": "M9 2a7 7 0 1 0 0 14a7 7 0 1 0 0-14M9 8v5M9 5v.4",
  "ui:SuccessMedium": "M9 2a7 7 0 1 0 0 14a7 7 0 1 0 0-14M5.5 9.2 8 11.7 12.7 6.3",
};

class Icon extends Widget {
  static readonly observedAttributes = ["name"];
  constructor() {
    super();
    this.style_(
      `:host{width:16px;height:16px;color:inherit} svg{width:16px;height:16px;fill:none;stroke:currentColor;stroke-width:1.5}`,
    );
  }
  attributeChangedCallback(_: string, __: string | null, name: string | null): void {
    const path = ICONS[name ?? ""];
    if (path === undefined) throw new Error(`UXP has no icon “${name ?? ""}”.`);
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 18 18");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    line.setAttribute("d", path);
    svg.append(line);
    this.inside.querySelector("svg")?.remove();
    this.inside.append(svg);
  }
}

export function defineSpectrum(): void {
  const all: Readonly<Record<string, CustomElementConstructor>> = {
    "sp-button": Button,
    "sp-action-button": ActionButton,
    "sp-textfield": Textfield,
    "sp-textarea": Textarea,
    "sp-checkbox": Checkbox,
    "sp-slider": Slider,
    "sp-progressbar": Progress,
    "sp-divider": Divider,
    "sp-icon": Icon,
  };
  for (const [name, element] of Object.entries(all)) {
    if (customElements.get(name) === undefined) customElements.define(name, element);
  }
}
