/** Draws over the picture what is selected, and first looks at edits that run, in their place. */

import { TINT } from "../../../../plugins/shared/src/app/tint.ts";
import { unpackTile } from "../../../../plugins/shared/src/protocol/tiles.ts";
import type { CommandState, FirstLook, Running } from "./commands.ts";
import { outlineOf, type Point, type Selection, type Stroke } from "./selection.ts";
import type { View } from "./viewport.ts";

/** Of the tint over what is fully selected. */
const STRENGTH = 0.4;
const DASH_PX = 5;

/** One frame: all of it anew, only what is in sight costs. */
export class Drawing {
  private readonly looks = new WeakMap<FirstLook, HTMLCanvasElement>();
  private readonly strokes = document.createElement("canvas");

  constructor(private readonly canvas: HTMLCanvasElement) {}

  /**
   * @param shown the version that lies beneath
   * @param ring where the brush is, in layer pixels
   */
  draw(state: CommandState, shown: string | null, view: View, ring: Point | null): void {
    const { canvas } = this;
    const ratio = Math.min(2, devicePixelRatio);
    const [width, height] = [Math.round(view.pane.width * ratio), Math.round(view.pane.height * ratio)];
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const context = canvas.getContext("2d");
    if (context === null || width === 0 || height === 0) return;
    const scale = view.scale * ratio;
    const place = (on: CanvasRenderingContext2D): void =>
      on.setTransform(scale, 0, 0, scale, view.origin.x * ratio, view.origin.y * ratio);
    context.resetTransform();
    context.clearRect(0, 0, width, height);
    place(context);
    for (const edit of [...state.others, ...(state.mine === null ? [] : [state.mine])]) {
      if (edit.version_id === shown) this.edit(context, edit, scale);
    }
    const { selection } = state;
    if (selection === null || selection.kind === "whole") return;
    if (state.mine === null) {
      if (selection.kind === "brush") this.painted(context, selection.strokes, place, scale);
      else outlined(context, selection, scale);
    }
    if (ring !== null && selection.kind === "brush") ringed(context, selection, ring, scale);
  }

  /** A first look where it belongs, and the box of what is being changed. */
  private edit(context: CanvasRenderingContext2D, { look, rect_px }: Running, scale: number): void {
    if (look !== null) {
      const [x0, y0] = look.rect_px;
      context.imageSmoothingEnabled = true;
      context.imageSmoothingQuality = "high";
      context.drawImage(this.pictureOf(look), x0, y0, look.width * look.scale, look.height * look.scale);
    }
    if (rect_px === null) return;
    const [x0, y0, x1, y1] = rect_px;
    ants(context, scale, () => context.strokeRect(x0, y0, x1 - x0, y1 - y0));
  }

  private pictureOf(look: FirstLook): HTMLCanvasElement {
    const known = this.looks.get(look);
    if (known !== undefined) return known;
    const { width, height, channels } = look;
    const made = document.createElement("canvas");
    made.width = width;
    made.height = height;
    const bytes = unpackTile(look, width * height * channels, channels);
    const image = new ImageData(width, height);
    for (let pixel = 0; pixel < width * height; pixel++) {
      for (let c = 0; c < 4; c++) image.data[pixel * 4 + c] = c < channels ? (bytes[pixel * channels + c] ?? 0) : 255;
    }
    made.getContext("2d")?.putImageData(image, 0, 0);
    this.looks.set(look, made);
    return made;
  }

  /** Strokes one after another, so that the eraser takes away what was painted before it. */
  private painted(
    context: CanvasRenderingContext2D,
    strokes: readonly Stroke[],
    place: (on: CanvasRenderingContext2D) => void,
    scale: number,
  ): void {
    const on = this.strokes.getContext("2d");
    if (on === null || strokes.length === 0) return;
    const { width, height } = this.canvas;
    this.strokes.width = width; // cleared with it
    this.strokes.height = height;
    place(on);
    for (const { erase, sizePx, featherPx, points } of strokes) {
      const first = points[0];
      if (first === undefined) continue;
      on.globalCompositeOperation = erase ? "destination-out" : "source-over";
      on.filter = soft(featherPx, scale);
      on.strokeStyle = colour(1);
      on.lineWidth = sizePx;
      on.lineCap = on.lineJoin = "round";
      on.beginPath();
      on.moveTo(first.x, first.y);
      for (const { x, y } of points) on.lineTo(x, y);
      on.stroke();
    }
    context.resetTransform();
    context.globalAlpha = STRENGTH;
    context.drawImage(this.strokes, 0, 0);
    context.globalAlpha = 1;
    place(context);
  }
}

function outlined(context: CanvasRenderingContext2D, selection: Selection, scale: number): void {
  const points = outlineOf(selection);
  const first = points[0];
  if (first === undefined) return;
  const path = new Path2D();
  path.moveTo(first.x, first.y);
  for (const { x, y } of points) path.lineTo(x, y);
  path.closePath();
  context.filter = soft(selection.featherPx, scale);
  context.fillStyle = colour(STRENGTH);
  context.fill(path, "nonzero");
  context.filter = "none";
  ants(context, scale, () => context.stroke(path));
}

/** A line that is seen on every picture: white, with black dashes on it. */
function ants(context: CanvasRenderingContext2D, scale: number, stroke: () => void): void {
  context.lineWidth = 1.5 / scale;
  context.setLineDash([]);
  context.strokeStyle = "#fff";
  stroke();
  context.setLineDash([DASH_PX / scale, DASH_PX / scale]);
  context.strokeStyle = "#111";
  stroke();
  context.setLineDash([]);
}

function ringed(context: CanvasRenderingContext2D, { brush }: Selection, { x, y }: Point, scale: number): void {
  context.beginPath();
  context.arc(x, y, Math.max(brush.sizePx / 2, 2 / scale), 0, 2 * Math.PI);
  if (brush.erase) ants(context, scale, () => context.stroke());
  else {
    context.lineWidth = 3 / scale;
    context.strokeStyle = "rgb(0 0 0 / 0.6)";
    context.stroke();
    context.lineWidth = 1.5 / scale;
    context.strokeStyle = "#fff";
    context.stroke();
  }
}

function colour(alpha: number): string {
  return `rgb(${TINT.join(" ")} / ${alpha})`;
}

/** A Gaussian on the screen whose deviation is half of the feather. */
function soft(featherPx: number, scale: number): string {
  const sigma = (featherPx / 2) * scale;
  return sigma < 0.5 ? "none" : `blur(${sigma}px)`;
}
