/** What the pointer does on the picture while something is selected: a box, a lasso, strokes. */

import type { Commands } from "./commands.ts";
import { boxBetween, type Kind, type Point, type Stroke, strokeOf } from "./selection.ts";
import type { Tool, Viewport } from "./viewport.ts";

/** On the screen, in CSS pixels: a lasso's points are no closer, and what is smaller than that is a click. */
const LEAST_PX = 3;

export function toolFor(kind: Kind, commands: Commands, viewport: Viewport): Tool | null {
  switch (kind) {
    case "whole":
      return null;
    case "box":
      return new BoxTool(commands);
    case "lasso":
      return new LassoTool(commands, viewport);
    case "brush":
      return new BrushTool(commands, viewport);
  }
}

class BoxTool implements Tool {
  readonly cursor = "crosshair";
  private from: Point | null = null;

  constructor(private readonly commands: Commands) {}

  down(at: Point): void {
    this.from = at;
    this.commands.draw({ box: null });
  }

  move(at: Point): void {
    const { selection } = this.commands.store.get();
    if (this.from !== null && selection !== null) {
      this.commands.draw({ box: boxBetween(this.from, at, selection.size) });
    }
  }

  up(at: Point): void {
    this.move(at);
    this.from = null;
  }

  cancel(): void {
    this.from = null;
  }
}

class LassoTool implements Tool {
  readonly cursor = "crosshair";
  private line: Point[] | null = null;

  constructor(
    private readonly commands: Commands,
    private readonly viewport: Viewport,
  ) {}

  down(at: Point): void {
    this.line = [at];
    this.commands.draw({ line: [] });
  }

  move(at: Point): void {
    const last = this.line?.at(-1);
    if (this.line === null || last === undefined || isNear(last, at, this.viewport)) return;
    this.line.push(at);
    this.commands.draw({ line: [...this.line] });
  }

  up(at: Point): void {
    this.move(at);
    if (this.line !== null && this.line.length < 3) this.commands.draw({ line: [] });
    this.line = null;
  }

  cancel(): void {
    this.line = null;
    this.commands.draw({ line: [] });
  }
}

class BrushTool implements Tool {
  /** The ring is the cursor. */
  readonly cursor = "none";
  private points: Point[] | null = null;
  private before: readonly Stroke[] = [];

  constructor(
    private readonly commands: Commands,
    private readonly viewport: Viewport,
  ) {}

  down(at: Point): void {
    const { selection } = this.commands.store.get();
    if (selection === null) return;
    this.before = selection.strokes;
    this.points = [at];
    this.paint();
  }

  move(at: Point): void {
    const last = this.points?.at(-1);
    if (this.points === null || last === undefined || isNear(last, at, this.viewport)) return;
    this.points.push(at);
    this.paint();
  }

  up(at: Point): void {
    this.move(at);
    this.points = null;
  }

  cancel(): void {
    if (this.points !== null) this.commands.draw({ strokes: this.before });
    this.points = null;
  }

  private paint(): void {
    const { selection } = this.commands.store.get();
    if (selection === null || this.points === null) return;
    this.commands.draw({ strokes: [...this.before, strokeOf(selection.brush, [...this.points])] });
  }
}

function isNear(one: Point, other: Point, viewport: Viewport): boolean {
  return Math.hypot(one.x - other.x, one.y - other.y) * viewport.get().scale < LEAST_PX;
}
