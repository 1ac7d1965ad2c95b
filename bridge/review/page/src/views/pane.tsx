/** One pane of pictures: tiles below, what is placed on the layer's pixels above, and a pointer that moves or draws. */

import type { ComponentChildren, HTMLAttributes, JSX, TargetedKeyboardEvent, TargetedPointerEvent } from "preact";
import { useEffect, useLayoutEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import "../styles/pane.css";
import { type Cut, Deep, type Sheet } from "../deep.ts";
import { type Known, unknownPath } from "../known.ts";
import type { Box } from "../state.ts";
import type { Point, Viewport } from "../viewport.ts";

/** Where a layer's pixels lie in a space that several share: x, y, scale. */
type Lies = readonly [number, number, number];

/** Panes that show the same place, each in its own layer's pixels. */
export class Linked {
  private readonly deeps = new Map<Deep, Lies>();
  private busy = false;

  /** From now on it follows the others, and they it; first it goes where they are. */
  join(deep: Deep, lies: Lies): () => void {
    const first = [...this.deeps.keys()][0];
    this.deeps.set(deep, lies);
    this.busy = true;
    const stop = deep.viewport.subscribe(() => this.moved(deep));
    this.busy = false;
    if (first !== undefined) this.moved(first);
    return () => {
      stop();
      this.deeps.delete(deep);
    };
  }

  private moved(deep: Deep): void {
    const own = this.deeps.get(deep);
    const { pane, scale } = deep.viewport.get();
    if (this.busy || own === undefined || pane.width === 0) return;
    this.busy = true;
    const { x, y } = deep.viewport.toLayer({ x: pane.width / 2, y: pane.height / 2 });
    for (const [other, lies] of this.deeps) {
      const to = { x: (x * own[2] + own[0] - lies[0]) / lies[2], y: (y * own[2] + own[1] - lies[1]) / lies[2] };
      if (other !== deep) other.follow((scale / own[2]) * lies[2], to);
    }
    this.busy = false;
  }
}

export interface Link {
  readonly group: Linked;
  readonly lies: Lies;
}

interface PaneProps {
  /** What is to be seen, for those who do not see it. */
  readonly label: string;
  readonly layer: Known;
  readonly sheets: readonly Sheet[];
  readonly cuts?: readonly Cut[];
  /** What is shown first, and again whenever `opens` changes; null: what the others show. */
  readonly box: Box | null;
  readonly opens: string;
  readonly link?: Link;
  readonly onViewport?: (viewport: Viewport | null) => void;
  readonly onFailed?: () => void;
  /** Takes the focus when this becomes true. */
  readonly focused?: boolean;
  /** Keys that are not the pane's own. */
  readonly onKey?: (event: KeyboardEvent) => boolean;
  /** On the layer's pixels, see `placed`. */
  readonly children?: ComponentChildren;
  /** On the pane. */
  readonly front?: ComponentChildren;
}

const WHOLE: readonly Cut[] = [];
const WHEEL = 0.0022;
/** A pinch on a touchpad comes as a wheel of small steps. */
const PINCH_WHEEL = 0.012;
const LINE_PX = 16;
const KEY_ZOOM = 1.5;
/** Of the pane, for each press of an arrow key. */
const KEY_PAN = 0.15;
/** What is shown already, and fills so much of the pane, is not moved. */
const GOOD_ENOUGH = 0.2;

export function Pane(props: PaneProps): JSX.Element {
  const {
    label,
    layer,
    sheets,
    cuts = WHOLE,
    box,
    opens,
    link,
    onViewport,
    onFailed,
    focused,
    onKey,
    children,
    front,
  } = props;
  const host = useRef<HTMLDivElement>(null);
  const over = useRef<HTMLDivElement>(null);
  const under = useRef<SVGSVGElement>(null);
  const [deep, setDeep] = useState<Deep | null>(null);
  const [busy, setBusy] = useState(true);
  const failed = useRef(onFailed);
  failed.current = onFailed;

  useEffect(() => {
    if (host.current === null) return undefined;
    const made = new Deep(host.current, layer, () => failed.current?.(), setBusy);
    const stop = made.viewport.subscribe(({ scale, origin }) => {
      const style = over.current?.style;
      style?.setProperty("--scale", String(scale));
      style?.setProperty("--left", `${origin.x}px`);
      style?.setProperty("--top", `${origin.y}px`);
      under.current?.firstElementChild?.setAttribute("patternTransform", `scale(${1 / scale})`);
      under.current?.lastElementChild?.setAttribute("transform", `translate(${origin.x} ${origin.y}) scale(${scale})`);
    });
    setDeep(made);
    return () => {
      stop();
      made.stop();
    };
  }, []);
  useEffect(() => {
    if (deep === null) return undefined;
    onViewport?.(deep.viewport);
    return () => onViewport?.(null);
  }, [deep]);
  useEffect(() => (deep === null ? undefined : link?.group.join(deep, link.lies)), [deep, link]);
  const shown = sheets.map(({ key, opacity }) => `${key} ${opacity}`).join("\n");
  useEffect(() => deep?.lay(layer, sheets), [deep, shown, layer]);
  useEffect(() => {
    if (deep === null || box === null) return;
    // Whoever compares one version after the other keeps their place, where that is a good one.
    if (!isWellShown(deep.viewport, box)) deep.show(box, deep.viewport.get().scale === 1);
  }, [deep, opens]);
  useEffect(() => {
    if (deep === null) return undefined;
    deep.cut(cuts);
    return undefined;
  }, [deep, cuts]);
  const unknown = useMemo(() => unknownPath(layer), [layer]);
  // Before the next key: whoever types on at once means the picture.
  useLayoutEffect(() => {
    if (focused === true) host.current?.parentElement?.focus({ preventScroll: true });
  }, [focused, deep]);
  const pattern = useId();
  const pointer = usePointer(deep);

  const key = (event: TargetedKeyboardEvent<HTMLDivElement>): void => {
    if (deep === null || isControl(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (onKey?.(event) === true || moveByKey(deep, event.key)) event.preventDefault();
  };
  return (
    <div
      class="pane"
      tabIndex={0}
      role="application"
      aria-busy={busy}
      aria-label={`${label}. Plus and minus zoom, arrows move, 0 shows all, 1 shows each pixel as one.`}
      onKeyDown={key}
      {...pointer}
    >
      <svg class="under" ref={under} aria-hidden="true">
        <pattern id={pattern} width="10" height="10" patternUnits="userSpaceOnUse">
          <rect width="10" height="10" class="ground" />
          <path d="M-2 12L12 -2M-2 2L2 -2M8 12L12 8" />
        </pattern>
        <g>
          <rect class="paper" width={layer.width} height={layer.height} />
          {unknown !== "" && <path class="unsent" d={unknown} fill={`url(#${pattern})`} />}
        </g>
      </svg>
      <div class="deep" ref={host} />
      <div class="over" ref={over}>
        <div
          class="placed frame"
          role="img"
          aria-label={label}
          style={placed([0, 0, layer.width, layer.height])}
          data-known={unknown === "" ? "all" : "some"}
        />
        {children}
      </div>
      {front}
    </div>
  );
}

/** For the style of what has the class `placed`: it lies on these layer pixels, wherever they are. */
export function placed([x0, y0, x1, y1]: Box): Record<string, string> {
  return { "--x": String(x0), "--y": String(y0), "--w": String(x1 - x0), "--h": String(y1 - y0) };
}

/** What the pointer does: moves the picture, with two fingers or the wheel zooms it, or uses the tool. */
function usePointer(
  deep: Deep | null,
): HTMLAttributes<HTMLDivElement> & { readonly ref: (e: HTMLDivElement | null) => void } {
  const fingers = useRef(new Map<number, Point>()).current;
  const element = useRef<HTMLDivElement | null>(null);
  const [cursor, setCursor] = useState("");
  useEffect(() => deep?.viewport.subscribeTool((tool) => setCursor(tool?.cursor ?? "")), [deep]);
  useEffect(() => {
    if (element.current !== null) element.current.style.cursor = cursor;
  }, [cursor]);
  const at = (event: MouseEvent): Point => {
    const box = element.current?.getBoundingClientRect();
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) };
  };
  useEffect(() => {
    const pane = element.current;
    if (pane === null || deep === null) return undefined;
    // Preact's own would be passive, and the page would scroll or zoom too.
    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1;
      deep.zoomBy(Math.exp(-event.deltaY * lines * (event.ctrlKey ? PINCH_WHEEL : WHEEL)), at(event));
    };
    pane.addEventListener("wheel", wheel, { passive: false });
    return () => pane.removeEventListener("wheel", wheel);
  }, [deep]);

  const down = (event: TargetedPointerEvent<HTMLDivElement>): void => {
    // The middle button moves the picture whatever lies over it.
    if (deep === null || event.button > 1 || (event.button === 0 && isControl(event.target))) return;
    element.current?.focus({ preventScroll: true });
    event.currentTarget.setPointerCapture(event.pointerId);
    event.preventDefault();
    fingers.set(event.pointerId, at(event));
    const { tool } = deep.viewport;
    if (fingers.size === 2) tool?.cancel();
    else if (event.button === 0) tool?.down(deep.viewport.toLayer(at(event)), event);
  };
  const move = (event: TargetedPointerEvent<HTMLDivElement>): void => {
    if (deep === null) return;
    const { viewport } = deep;
    const now = at(event);
    viewport.pointed(viewport.toLayer(now));
    const before = fingers.get(event.pointerId);
    const { tool } = viewport;
    if (tool !== null && fingers.size < 2 && (event.buttons & 4) === 0) {
      tool.move(viewport.toLayer(now), event);
      return;
    }
    if (before === undefined) return;
    fingers.set(event.pointerId, now);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other === undefined) deep.pan({ x: now.x - before.x, y: now.y - before.y });
    else {
      const apart = (one: Point): number => Math.hypot(one.x - other.x, one.y - other.y);
      const middle = (one: Point): Point => ({ x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 });
      const held = viewport.toLayer(middle(before));
      deep.pinch((viewport.get().scale * apart(now)) / Math.max(1, apart(before)), held, middle(now));
    }
  };
  const up = (event: TargetedPointerEvent<HTMLDivElement>): void => {
    const wasDown = fingers.delete(event.pointerId);
    if (wasDown && fingers.size === 0 && event.button === 0)
      deep?.viewport.tool?.up(deep.viewport.toLayer(at(event)), event);
  };
  return {
    ref: (found) => {
      element.current = found;
    },
    onPointerDown: down,
    onPointerMove: move,
    onPointerUp: up,
    onPointerCancel: (event) => {
      fingers.delete(event.pointerId);
      deep?.viewport.tool?.cancel();
    },
    onPointerLeave: () => deep?.viewport.pointed(null),
    onDblClick: (event) => {
      if (deep === null || deep.viewport.tool !== null || isControl(event.target)) return;
      deep.zoomBy(2, at(event));
    },
  };
}

function moveByKey(deep: Deep, key: string): boolean {
  const { viewport } = deep;
  const { pane, scale } = viewport.get();
  const { width, height } = viewport.layer;
  const arrow = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key];
  if (arrow !== undefined) {
    deep.pan({ x: (arrow[0] ?? 0) * pane.width * KEY_PAN, y: (arrow[1] ?? 0) * pane.height * KEY_PAN });
  } else if (key === "+" || key === "=") deep.zoom(scale * KEY_ZOOM, null);
  else if (key === "-" || key === "_") deep.zoom(scale / KEY_ZOOM, null);
  else if (key === "0") deep.show([0, 0, width, height], false);
  else if (key === "1") deep.zoom(1 / devicePixelRatio, null);
  else return false;
  return true;
}

function isWellShown(viewport: Viewport, box: Box): boolean {
  const { pane, scale } = viewport.get();
  if (pane.width === 0) return false;
  const [start, end] = [viewport.toScreen({ x: box[0], y: box[1] }), viewport.toScreen({ x: box[2], y: box[3] })];
  const isInside = start.x >= 0 && start.y >= 0 && end.x <= pane.width && end.y <= pane.height;
  const fills = Math.max(((box[2] - box[0]) * scale) / pane.width, ((box[3] - box[1]) * scale) / pane.height);
  return isInside && fills >= GOOD_ENOUGH;
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("button, input, select, textarea, a, [role=slider]") !== null;
}
