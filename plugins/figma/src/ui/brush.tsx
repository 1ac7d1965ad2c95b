import type { BrushProps } from "../../../shared/src/view/widgets.ts";
export function Brush(_: BrushProps) {
  return null;
}
