/** The controls that a program brings itself: real buttons and fields in Figma, `sp-*` in Photoshop. */

import type { ComponentType, ContainerNode, RefObject } from "preact";
import type { Picture } from "../host.ts";
import type { Mask } from "../pixels/raster.ts";
import type { Size } from "../pixels/rect.ts";
import type { Focusable, KeyEvent, Scrollable } from "./dom.ts";

/** Only what both sets of icons have. */
export type IconName = "alert" | "check" | "close" | "info" | "success";

export interface ButtonProps {
  readonly text: string;
  /** primary: the one thing to do here · plain · quiet: no border until it is looked at. */
  readonly kind?: "primary" | "plain" | "quiet";
  /** What screen readers and tooltips say, where the text alone would not do. */
  readonly name?: string;
  /** Stays in the order of the Tab key, but does nothing. */
  readonly off?: boolean;
  /** Shown instead of the text. */
  readonly icon?: IconName;
  readonly handle?: RefObject<Focusable>;
  readonly onPress: () => void;
}

export interface FieldProps {
  /** For screen readers; the panel writes visible labels itself. */
  readonly name: string;
  readonly value: string;
  readonly placeholder?: string;
  /** More than 1: several lines, where Enter is left to `onKey`. */
  readonly lines?: number;
  readonly off?: boolean;
  /** Letters wide apart, for codes. */
  readonly code?: boolean;
  readonly handle?: RefObject<Focusable>;
  readonly onInput: (value: string) => void;
  /** Before the field acts on it. `caret`: where it stands, null when the program does not tell. */
  readonly onKey?: (event: KeyEvent, caret: number | null) => void;
}

export interface CheckboxProps {
  readonly text: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

export interface SliderProps {
  readonly name: string;
  /** 0..100 */
  readonly value: number;
  readonly onChange: (value: number) => void;
}

export interface ProgressProps {
  readonly name: string;
  /** 0..1 */
  readonly fraction: number;
}

export interface BrushProps {
  readonly picture: Picture;
  readonly size: Size;
  /** What was painted before. */
  readonly mask: Mask | null;
  /** null: nothing is painted. */
  readonly onDone: (mask: Mask | null) => void;
  readonly onCancel: () => void;
}

export interface Widgets {
  readonly Button: ComponentType<ButtonProps>;
  readonly Field: ComponentType<FieldProps>;
  readonly Checkbox: ComponentType<CheckboxProps>;
  readonly Slider: ComponentType<SliderProps>;
  readonly Progress: ComponentType<ProgressProps>;
  readonly Icon: ComponentType<{ readonly name: IconName }>;
  readonly Divider: ComponentType;
  /** Where the program can draw on a canvas. */
  readonly Brush: ComponentType<BrushProps> | null;
  /** Puts text on the clipboard; false when the program does not let us. */
  copy(text: string): Promise<boolean>;
  /** Whether something has the focus at all. */
  hasFocus(): boolean;
  /** The width of the panel's root in CSS pixels, now and whenever it changes. Returns how to stop. */
  watchWidth(root: ContainerNode, changed: (width: number) => void): () => void;
  /** Calls back when a part has been scrolled. Returns how to stop. */
  watchScroll(part: Scrollable, scrolled: () => void): () => void;
}
