/** Draws the stand-in's nodes: fills in every scale mode, outlines, letters, opacity, blur. */

import type { ImagePaint, Paint, SolidPaint } from "@figma/plugin-typings/plugin-api-standalone";
import {
  type Canvas,
  createCanvas,
  GlobalFonts,
  type Image,
  loadImage,
  Path2D,
  type SKRSContext2D,
} from "@napi-rs/canvas";
import { type Affine, type Box, chain, scaling, translation } from "../../../figma/src/shared/affine.ts";
import { repeats } from "../../../figma/src/shared/fit.ts";
import { absoluteOf, renderBounds } from "./space.ts";
import type { NodeState, Store } from "./store.ts";

/** The images of a document, by hash. */
export class Pool {
  private readonly bytes = new Map<string, Uint8Array>();
  private readonly drawn = new Map<string, Promise<Image>>();

  add(hash: string, bytes: Uint8Array): void {
    this.bytes.set(hash, bytes);
  }

  get(hash: string): Uint8Array | undefined {
    return this.bytes.get(hash);
  }

  async image(hash: string): Promise<Image> {
    const bytes = this.bytes.get(hash);
    if (bytes === undefined) throw new Error(`no image ${hash}`);
    let image = this.drawn.get(hash);
    if (image === undefined) {
      image = loadImage(Buffer.from(bytes));
      this.drawn.set(hash, image);
    }
    return await image;
  }
}

export interface Look {
  readonly store: Store;
  readonly pool: Pool;
  /** Between pixels: off, every page pixel is one of the image, so that pictures can be compared exactly. */
  readonly smooth: boolean;
}

interface Paper {
  readonly context: SKRSContext2D;
  readonly images: ReadonlyMap<string, Image>;
  readonly look: Look;
  readonly toPaper: Affine;
  readonly width: number;
  readonly height: number;
}

/** These nodes (with what they hold), where `box` of the page is `scale` px a unit. */
export async function draw(look: Look, ids: readonly string[], box: Box, scale: number): Promise<Canvas> {
  const width = Math.max(1, Math.ceil((box.x1 - box.x0) * scale - 1e-6));
  const height = Math.max(1, Math.ceil((box.y1 - box.y0) * scale - 1e-6));
  const canvas = createCanvas(width, height);
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = look.smooth;
  const images = new Map<string, Image>();
  for (const node of look.store.nodes.values()) {
    for (const paint of [...node.fills, ...node.strokes]) {
      if (paint.type === "IMAGE" && paint.imageHash !== null && !images.has(paint.imageHash)) {
        images.set(paint.imageHash, await look.pool.image(paint.imageHash));
      }
    }
  }
  const toPaper = chain(scaling(scale), translation(-box.x0, -box.y0));
  const paper = { context, images, look, toPaper, width, height };
  for (const id of ids) node(paper, look.store.get(id));
  return canvas;
}

/** As `exportAsync` gives it: the box of what is seen, grown to whole pixels of the page's grid. */
export async function exportPng(look: Look, id: string, scale: number): Promise<Uint8Array> {
  const state = look.store.get(id);
  const bounds = renderBounds(look.store, state);
  if (bounds === null)
    throw new Error("in exportAsync: Failed to export node. This node may not have any visible layers.");
  const box = {
    x0: Math.floor(bounds.x0 * scale) / scale,
    y0: Math.floor(bounds.y0 * scale) / scale,
    x1: Math.ceil(bounds.x1 * scale - 1e-6) / scale,
    y1: Math.ceil(bounds.y1 * scale - 1e-6) / scale,
  };
  return new Uint8Array((await draw(look, [id], box, scale)).toBuffer("image/png"));
}

function node(paper: Paper, state: NodeState): void {
  if (!state.visible || state.type === "SLICE" || state.opacity === 0) return;
  const blur = state.effects.find((effect) => effect.visible && effect.type === "LAYER_BLUR");
  if (state.opacity < 1 || blur !== undefined) {
    const canvas = createCanvas(paper.width, paper.height);
    const context = canvas.getContext("2d");
    context.imageSmoothingEnabled = paper.look.smooth;
    content({ ...paper, context }, state);
    paper.context.save();
    paper.context.globalAlpha = state.opacity;
    if (blur !== undefined && "radius" in blur) {
      // A blur of radius r in Figma looks like a Gaussian of r / 2.
      const scale = Math.hypot(paper.toPaper[0][0], paper.toPaper[1][0]);
      paper.context.filter = `blur(${(blur.radius / 2) * scale}px)`;
    }
    paper.context.drawImage(canvas, 0, 0);
    paper.context.restore();
  } else {
    content(paper, state);
  }
}

function content(paper: Paper, state: NodeState): void {
  const { context, look } = paper;
  const map = chain(paper.toPaper, absoluteOf(look.store, state));
  const outline = outlineOf(state);
  context.save();
  transform(context, map);
  for (const paint of state.fills) {
    if (paint.visible === false) continue;
    if (state.type === "TEXT") letters(context, state, paint);
    else fill(paper, state, outline, paint);
  }
  context.restore();
  context.save();
  if ("clipsContent" in state && state.clipsContent && ["FRAME", "COMPONENT", "INSTANCE"].includes(state.type)) {
    transform(context, map);
    context.clip(outline);
    context.resetTransform();
  }
  // A mask shows what comes after it only where the mask is.
  for (const id of state.children) node(paper, look.store.get(id));
  context.restore();
  context.save();
  transform(context, map);
  for (const stroke of state.strokes) {
    if (stroke.visible === false || stroke.type !== "SOLID") continue;
    context.strokeStyle = css(stroke);
    context.lineWidth = state.strokeWeight;
    context.stroke(outline);
  }
  context.restore();
}

function transform(context: SKRSContext2D, map: Affine): void {
  context.setTransform(map[0][0], map[1][0], map[0][1], map[1][1], map[0][2], map[1][2]);
}

function outlineOf(state: NodeState): Path2D {
  const path = new Path2D();
  if (state.type === "ELLIPSE") {
    path.ellipse(state.width / 2, state.height / 2, state.width / 2, state.height / 2, 0, 0, 2 * Math.PI);
  } else if (state.type === "VECTOR") {
    for (const { data } of state.vectorPaths) path.addPath(new Path2D(data));
  } else if (state.radii.some((radius) => radius > 0)) {
    path.roundRect(0, 0, state.width, state.height, state.radii);
  } else if (!["GROUP", "PAGE"].includes(state.type)) {
    path.rect(0, 0, state.width, state.height);
  }
  return path;
}

function css(paint: SolidPaint): string {
  const { r, g, b } = paint.color;
  const byte = (value: number) => Math.round(value * 255);
  return `rgba(${byte(r)}, ${byte(g)}, ${byte(b)}, ${paint.opacity ?? 1})`;
}

function fill(paper: Paper, state: NodeState, outline: Path2D, paint: Paint): void {
  const { context } = paper;
  context.save();
  if (paint.type === "SOLID") {
    context.fillStyle = css(paint);
    context.fill(outline);
  } else if (paint.type === "IMAGE") {
    image(paper, state, outline, paint);
  } else if (paint.type === "GRADIENT_LINEAR") {
    const gradient = context.createLinearGradient(0, 0, state.width, 0);
    for (const { position, color } of paint.gradientStops) {
      gradient.addColorStop(position, css({ type: "SOLID", color, opacity: color.a }));
    }
    context.globalAlpha = paint.opacity ?? 1;
    context.fillStyle = gradient;
    context.fill(outline);
  }
  context.restore();
}

function image(paper: Paper, state: NodeState, outline: Path2D, paint: ImagePaint): void {
  const picture = paint.imageHash === null ? undefined : paper.images.get(paint.imageHash);
  if (picture === undefined) return;
  const { context } = paper;
  context.clip(outline);
  context.globalAlpha = paint.opacity ?? 1;
  // Figma keeps sizes and transforms as 32 bit floats.
  const size = { width: picture.width, height: picture.height };
  for (const map of repeats(paint, size, state)) {
    context.save();
    context.transform(map[0][0], map[1][0], map[0][1], map[1][1], map[0][2], map[1][2]);
    context.drawImage(picture, 0, 0);
    context.restore();
  }
}

function letters(context: SKRSContext2D, state: NodeState, paint: Paint): void {
  if (paint.type !== "SOLID") return;
  context.fillStyle = css(paint);
  context.font = fontOf(state);
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  const line = lineOf(state);
  state.characters.split("\n").forEach((text, index) => {
    const free = state.width - context.measureText(text).width;
    const x = { LEFT: 0, CENTER: free / 2, RIGHT: free, JUSTIFIED: 0 }[state.textAlignHorizontal];
    // Ascent and descent of common fonts are about 0.93 and 0.24 em.
    context.fillText(text, x, index * line + line / 2 + state.fontSize * 0.345);
  });
}

function lineOf(state: NodeState): number {
  return state.lineHeight.unit === "PIXELS" ? state.lineHeight.value : state.fontSize * 1.2;
}

function fontOf(state: NodeState): string {
  const weight = /bold|black|heavy/i.test(state.fontName.style) ? "bold" : "normal";
  const slant = /italic|oblique/i.test(state.fontName.style) ? "italic" : "normal";
  const family = GlobalFonts.has(state.fontName.family) ? state.fontName.family : "sans-serif";
  return `${slant} ${weight} ${state.fontSize}px "${family}"`;
}

export function textSize(state: NodeState): { width: number; height: number } {
  const context = createCanvas(1, 1).getContext("2d");
  context.font = fontOf(state);
  const lines = state.characters.split("\n");
  const width = Math.max(...lines.map((text) => context.measureText(text).width));
  return { width: Math.max(0.01, Math.fround(width)), height: Math.fround(lines.length * lineOf(state)) };
}
