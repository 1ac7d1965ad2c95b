/** What lies over the picture: what one selects, first looks at edits, and where the others point. */

import type { JSX, TargetedKeyboardEvent } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Drawing } from "../drawing.ts";
import { byKey } from "../keys.ts";
import type { Point } from "../selection.ts";
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
          <div
            key={one.person_id}
            class={`cursor hue-${hueOf(one.person_id, state.members)}`}
            data-person={one.person_id}
            hidden
          >
            <svg viewBox="0 0 16 20" width="16" height="20">
              <path d="M1 1l13 11-6.200.5L5 18z" />
            </svg>
            <span class="cut">{one.name}</span>
          </div>
        ))}
    </div>
  );
}
