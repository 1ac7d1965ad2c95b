/** What lies over the picture: what one selects, first looks at edits, and where the others point. */

import type { JSX, TargetedKeyboardEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { nextSize } from "../../../../../plugins/figma/src/ui/tool.ts";
import { Drawing } from "../drawing.ts";
import { type Point, type Selection, strokeOf } from "../selection.ts";
import type { Box } from "../state.ts";
import { toolFor } from "../tools.ts";
import type { Viewport } from "../viewport.ts";
import { mayEdit } from "../words.ts";
import { hueOf, usePage, useStored } from "./parts.tsx";
import "../styles/over.css";

/** For the viewer's pane: everything lies at its upper left corner and moves with the picture. */
export function Over({ viewport }: { readonly viewport: Viewport }): JSX.Element {
  const { state } = usePage();
  const may = state.document !== null && mayEdit(state.document.role);
  return (
    <>
      <Drawn viewport={viewport} may={may} />
      <Others viewport={viewport} />
    </>
  );
}

function Drawn({ viewport, may }: { readonly viewport: Viewport; readonly may: boolean }): JSX.Element {
  const { review, state } = usePage();
  const { commands } = review;
  const canvas = useRef<HTMLCanvasElement>(null);
  const { selection, mine } = useStored(commands.store);
  const kind = may && mine === null && !state.pinning ? (selection?.kind ?? "whole") : "whole";
  // Where the brush is: by the pointer, or by keys.
  const ring = useRef<Point | null>(null);
  const redraw = useRef<() => void>(() => undefined);

  useEffect(() => commands.shows(viewport.layer), [commands, viewport]);
  useEffect(() => {
    if (kind === "whole") return undefined;
    const tool = toolFor(kind, commands, viewport);
    viewport.use(tool);
    return () => {
      if (viewport.tool === tool) viewport.use(null);
    };
  }, [kind, commands, viewport]);
  useEffect(() => {
    if (canvas.current === null) return undefined;
    const drawing = new Drawing(canvas.current);
    let asked = 0;
    const draw = (): void => {
      asked ||= requestAnimationFrame(() => {
        asked = 0;
        drawing.draw(commands.store.get(), review.store.get().version_id, viewport.get(), ring.current);
      });
    };
    redraw.current = draw;
    const stops = [
      viewport.subscribe(draw),
      commands.store.subscribe(draw),
      review.store.subscribe(draw),
      viewport.subscribePointer((at) => {
        review.here.point(pixel(viewport, at));
        if (ring.current === at) return;
        ring.current = at;
        if (commands.store.get().selection?.kind === "brush") draw();
      }),
    ];
    return () => {
      cancelAnimationFrame(asked);
      for (const stop of stops) stop();
      review.here.point(null);
    };
  }, [commands, review, viewport]);

  const key = (event: TargetedKeyboardEvent<HTMLCanvasElement>): void => {
    if (selection === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const done = byKey(event, selection, ring.current);
    if (done === null) return;
    event.preventDefault();
    event.stopPropagation();
    ring.current = done.ring;
    commands.draw(done.fields);
    redraw.current();
  };
  return (
    <canvas
      ref={canvas}
      class="drawn"
      tabIndex={kind === "box" || kind === "brush" ? 0 : undefined}
      role={kind === "box" || kind === "brush" ? "application" : undefined}
      aria-hidden={kind === "box" || kind === "brush" ? undefined : true}
      aria-label={kind === "box" ? BY_KEY.box : kind === "brush" ? BY_KEY.brush : undefined}
      onKeyDown={key}
    />
  );
}

const BY_KEY = {
  box: "Select a box: the arrow keys move it, with Shift they resize it",
  brush:
    "Paint what to change: the arrow keys move the brush, with Shift they paint, Space paints a dab, square brackets change its size, E erases",
} as const;
/** Of the layer's sides: one press of an arrow key, and the box that the keys begin with. */
const STEP = 0.02;
const FIRST: readonly [number, number, number, number] = [0.4, 0.4, 0.6, 0.6];
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

interface ByKey {
  readonly fields: Partial<Selection>;
  readonly ring: Point | null;
}

/** What a key does to what is selected; null: nothing. */
export function byKey(
  { key, shiftKey }: { readonly key: string; readonly shiftKey: boolean },
  selection: Selection,
  ring: Point | null,
): ByKey | null {
  const { kind, size, brush } = selection;
  const arrow = ARROWS[key];
  if (kind === "box") {
    if (arrow === undefined && key !== "Enter") return null;
    const { box } = selection;
    if (box === null || arrow === undefined) {
      const [x0, y0, x1, y1] = FIRST;
      const { width, height } = size;
      return {
        fields: {
          box: [Math.floor(x0 * width), Math.floor(y0 * height), Math.ceil(x1 * width), Math.ceil(y1 * height)],
        },
        ring,
      };
    }
    const [dx, dy] = [Math.ceil(size.width * STEP) * arrow[0], Math.ceil(size.height * STEP) * arrow[1]];
    return { fields: { box: shiftKey ? resized(box, dx, dy, size) : moved(box, dx, dy, size) }, ring };
  }
  if (kind !== "brush") return null;
  const from = ring ?? { x: size.width / 2, y: size.height / 2 };
  if (key === "[" || key === "]") {
    return { fields: { brush: { ...brush, sizePx: nextSize(brush.sizePx, key === "]" ? 1 : -1, size) } }, ring: from };
  }
  if (key.toLowerCase() === "e") return { fields: { brush: { ...brush, erase: !brush.erase } }, ring: from };
  if (key === " ") return { fields: { strokes: [...selection.strokes, strokeOf(brush, [from])] }, ring: from };
  if (arrow === undefined) return null;
  const step = Math.max(1, brush.sizePx / 3);
  const within = (value: number, most: number): number => Math.max(0, Math.min(most, value));
  const to = { x: within(from.x + arrow[0] * step, size.width), y: within(from.y + arrow[1] * step, size.height) };
  return { fields: shiftKey ? { strokes: [...selection.strokes, strokeOf(brush, [from, to])] } : {}, ring: to };
}

type Layer = Selection["size"];

function moved([x0, y0, x1, y1]: Box, dx: number, dy: number, { width, height }: Layer): Box {
  const x = Math.max(-x0, Math.min(width - x1, dx));
  const y = Math.max(-y0, Math.min(height - y1, dy));
  return [x0 + x, y0 + y, x1 + x, y1 + y];
}

function resized([x0, y0, x1, y1]: Box, dx: number, dy: number, { width, height }: Layer): Box {
  return [x0, y0, Math.max(x0 + 1, Math.min(width, x1 + dx)), Math.max(y0 + 1, Math.min(height, y1 + dy))];
}

function pixel(viewport: Viewport, at: Point | null): readonly [number, number] | null {
  const found = at === null ? null : viewport.pixelAt(at);
  return found === null ? null : [found.x, found.y];
}

/** The others' cursors, with their names. Moved by hand: no component is drawn anew while somebody points. */
function Others({ viewport }: { readonly viewport: Viewport }): JSX.Element {
  const { review, state } = usePage();
  const layer = useRef<HTMLDivElement>(null);
  const { version_id, me, here } = state;
  useEffect(() => {
    const place = (): void => {
      const { cursors } = review.here.cursors.get();
      for (const element of layer.current?.querySelectorAll<HTMLElement>("[data-person]") ?? []) {
        const cursor = cursors.get(element.dataset["person"] ?? "");
        const isHere = cursor?.version_id === version_id;
        element.hidden = !isHere;
        if (!isHere) continue;
        const at = viewport.toScreen({ x: cursor.x + 0.5, y: cursor.y + 0.5 });
        element.style.transform = `translate(${at.x}px, ${at.y}px)`;
      }
    };
    const stops = [viewport.subscribe(place), review.here.cursors.subscribe(place)];
    place();
    return () => {
      for (const stop of stops) stop();
    };
  }, [review, viewport, version_id, here]);
  return (
    <div class="cursors" ref={layer} aria-hidden="true">
      {here
        .filter((one) => one.person_id !== me && one.points)
        .map((one) => (
          <div key={one.person_id} class={`cursor hue-${hueOf(one.person_id)}`} data-person={one.person_id} hidden>
            <svg viewBox="0 0 16 20" width="16" height="20">
              <path d="M1 1l13 11-6.200.5L5 18z" />
            </svg>
            <span class="cut">{one.name}</span>
          </div>
        ))}
    </div>
  );
}
