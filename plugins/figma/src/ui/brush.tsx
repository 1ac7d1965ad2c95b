/** The brush: paints a mask over the layer's picture. The maths are in strokes.ts. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { TINT } from "../../../shared/src/app/tint.ts";
import type { Mask } from "../../../shared/src/pixels/raster.ts";
import { heightOf, type Size, widthOf } from "../../../shared/src/pixels/rect.ts";
import type { BrushProps } from "../../../shared/src/view/widgets.ts";
import { apply, painted, type Point, scaled, type Stroke } from "./strokes.ts";
import { bounded, nextSize, type Tool, toolFor } from "./tool.ts";

const STRENGTH = 0.58;

export function Brush({ picture, size, mask, onDone, onCancel }: BrushProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [strokes, setStrokes] = useState<readonly Stroke[]>([]);
  const [base, setBase] = useState(mask);
  const [tool, setTool] = useState<Tool>(() => toolFor(size));
  const [box, setBox] = useState<Size>({ width: 0, height: 0 });
  /** The stroke under way, and where the brush is; both change too often for states. */
  const current = useRef<Point[] | null>(null);
  const cursor = useRef<Point>({ x: size.width / 2, y: size.height / 2 });
  const ring = useRef<HTMLDivElement>(null);
  const finished = useRef<Mask | null>(null);
  /** Screen pixels for one of the layer. */
  const scale = box.width / size.width;

  useLayoutEffect(() => {
    dialog.current?.showModal();
    canvas.current?.focus();
    const room = stage.current;
    if (room === null) return;
    const fit = Math.min(room.clientWidth / size.width, room.clientHeight / size.height);
    setBox({ width: Math.max(1, Math.floor(size.width * fit)), height: Math.max(1, Math.floor(size.height * fit)) });
  }, [size.width, size.height]);

  const stroke = (points: readonly Point[]): Stroke => ({
    erase: tool.erase,
    sizePx: tool.sizePx,
    featherPx: tool.featherPx,
    points,
  });
  const draw = () => {
    const target = canvas.current;
    const before = finished.current;
    if (target === null || before === null) return;
    if (current.current === null) {
      show(target, before);
      return;
    }
    const under = { rect_px: before.rect_px, data: before.data.slice() };
    apply(under, scaled(stroke(current.current), target.width / size.width), target);
    show(target, under);
  };
  useEffect(() => {
    const target = canvas.current;
    if (target === null || box.width === 0) return;
    // What is finished is computed once, not at each move of the pointer.
    finished.current = small(strokes, base, size, target);
    draw();
  }, [strokes, base, box]);

  const place = () => {
    const element = ring.current;
    if (element === null) return;
    const across = Math.max(3, tool.sizePx * scale);
    element.style.width = `${across}px`;
    element.style.height = `${across}px`;
    element.style.left = `${cursor.current.x * scale - across / 2}px`;
    element.style.top = `${cursor.current.y * scale - across / 2}px`;
  };
  useEffect(place, [tool.sizePx, scale]);

  const at = (event: PointerEvent): Point => {
    const bounds = canvas.current?.getBoundingClientRect();
    if (bounds === undefined) return cursor.current;
    return { x: (event.clientX - bounds.left) / scale, y: (event.clientY - bounds.top) / scale };
  };
  const end = () => {
    const points = current.current;
    current.current = null;
    if (points !== null && points.length > 0) setStrokes([...strokes, stroke(points)]);
  };
  const undo = () => {
    current.current = null;
    setStrokes(strokes.slice(0, -1));
  };
  const clear = () => {
    setBase(null);
    setStrokes([]);
  };
  const done = () => onDone(painted(strokes, size, base));

  const key = (event: KeyboardEvent) => {
    // Neither the panel nor Figma is meant while the brush is open.
    event.stopPropagation();
    const command = event.metaKey || event.ctrlKey;
    if (event.key === "[" || event.key === "]") {
      setTool({ ...tool, sizePx: nextSize(tool.sizePx, event.key === "]" ? 1 : -1, size) });
    } else if (event.key.toLowerCase() === "e" && !command) {
      setTool({ ...tool, erase: !tool.erase });
    } else if (event.key.toLowerCase() === "z" && command) {
      undo();
    } else if (event.key === "Enter" && event.target === canvas.current) {
      done();
    } else {
      return;
    }
    event.preventDefault();
  };
  /** Painting without a mouse: the arrow keys move the brush, with Shift they paint, the space bar dabs. */
  const paintByKey = (event: KeyboardEvent) => {
    const step = Math.max(1, tool.sizePx / 3);
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, -step],
      ArrowDown: [0, step],
    };
    const move = moves[event.key];
    if (move === undefined && event.key !== " ") return;
    event.preventDefault();
    const from = cursor.current;
    if (move === undefined) {
      setStrokes([...strokes, stroke([from])]);
      return;
    }
    cursor.current = bounded({ x: from.x + move[0], y: from.y + move[1] }, size);
    if (event.shiftKey) setStrokes([...strokes, stroke([from, cursor.current])]);
    place();
  };

  const percentOf = (px: number, most: number) => Math.round(Math.sqrt(px / most) * 100);
  const most = tool.mostPx;
  return (
    <dialog
      ref={dialog}
      class="br-dialog"
      aria-label="Brush"
      onKeyDown={key}
      onCancel={(event) => {
        event.preventDefault();
        onCancel();
      }}
    >
      <div class="br-bar">
        <div class="in-choice in-segments br-modes" role="radiogroup" aria-label="Brush">
          {[false, true].map((erase) => (
            <button
              key={String(erase)}
              type="button"
              class={`in-option br-mode ${tool.erase === erase ? "in-chosen" : ""}`}
              role="radio"
              aria-checked={tool.erase === erase}
              title={erase ? "Erase (E)" : "Add (E)"}
              onClick={() => setTool({ ...tool, erase })}
            >
              {erase ? "Erase" : "Add"}
            </button>
          ))}
        </div>
        <span class="in-grow" />
        <button type="button" class="fg-button fg-quiet" aria-disabled={strokes.length === 0} onClick={undo}>
          Undo
        </button>
        <button
          type="button"
          class="fg-button fg-quiet"
          aria-disabled={strokes.length === 0 && base === null}
          onClick={clear}
        >
          Clear
        </button>
      </div>
      <div class="br-stage" ref={stage}>
        <div class="br-paper" style={{ width: `${box.width}px`, height: `${box.height}px` }}>
          <img class="br-picture" src={picture.url} alt="" draggable={false} />
          <canvas
            ref={canvas}
            class="br-canvas"
            width={Math.round(box.width * ratio())}
            height={Math.round(box.height * ratio())}
            tabIndex={0}
            role="application"
            aria-label="The layer's picture. Arrow keys move the brush, Shift and arrow keys paint, Space paints a dab, square brackets change the size, E erases."
            onKeyDown={paintByKey}
            onPointerDown={(event) => {
              if (event.button !== 0) return;
              event.currentTarget.setPointerCapture(event.pointerId);
              cursor.current = at(event);
              current.current = [cursor.current];
              place();
              draw();
            }}
            onPointerMove={(event) => {
              const points = current.current;
              cursor.current = at(event);
              place();
              if (points === null) return;
              points.push(...passed(event).map(at));
              draw();
            }}
            onPointerUp={end}
            onPointerCancel={end}
          />
          <div ref={ring} class={`br-ring ${tool.erase ? "br-ring-erase" : ""}`} />
        </div>
      </div>
      <label class="br-row">
        <span class="br-label">Size</span>
        <input
          type="range"
          class="fg-slider"
          min={1}
          max={100}
          value={percentOf(tool.sizePx, most)}
          onInput={(event) =>
            setTool({ ...tool, sizePx: Math.max(1, (Number(event.currentTarget.value) / 100) ** 2 * most) })
          }
        />
        <span class="br-value">{Math.round(tool.sizePx)} px</span>
      </label>
      <label class="br-row">
        <span class="br-label">Feather</span>
        <input
          type="range"
          class="fg-slider"
          min={0}
          max={100}
          value={percentOf(tool.featherPx, most / 2)}
          onInput={(event) =>
            setTool({ ...tool, featherPx: ((Number(event.currentTarget.value) / 100) ** 2 * most) / 2 })
          }
        />
        <span class="br-value">{Math.round(tool.featherPx)} px</span>
      </label>
      <div class="br-bar br-foot">
        <span class="in-dim in-grow">[ ] size · E erase</span>
        <button type="button" class="fg-button" onClick={onCancel}>
          Cancel
        </button>
        <button type="button" class="fg-button fg-primary" onClick={done}>
          Done
        </button>
      </div>
    </dialog>
  );
}

/** All that the pointer passed since the last frame, so that quick strokes stay round; frames that are not secure only tell the last. */
function passed(event: PointerEvent): readonly PointerEvent[] {
  const all = "getCoalescedEvents" in event ? event.getCoalescedEvents() : [];
  return all.length > 0 ? all : [event];
}

function ratio(): number {
  return Math.min(2, window.devicePixelRatio);
}

/** All strokes at the canvas' own size: they are the same, only smaller. */
function small(strokes: readonly Stroke[], base: Mask | null, size: Size, canvas: Size): Mask {
  const { width, height } = canvas;
  const factor = width / size.width;
  const mask: Mask = { rect_px: { x0: 0, y0: 0, x1: width, y1: height }, data: new Uint8Array(width * height) };
  if (base !== null) shrink(base, mask, factor);
  for (const stroke of strokes) apply(mask, scaled(stroke, factor), canvas);
  return mask;
}

/** Shows a mask of the canvas' size as a tint. */
function show(canvas: HTMLCanvasElement, mask: Mask): void {
  const context = canvas.getContext("2d");
  const { width, height } = canvas;
  if (context === null || mask.data.length !== width * height) return;
  const image = context.createImageData(width, height);
  mask.data.forEach((value, index) => {
    if (value === 0) return;
    image.data.set(TINT, index * 4);
    image.data[index * 4 + 3] = value * STRENGTH;
  });
  context.putImageData(image, 0, 0);
}

function shrink(mask: Mask, into: Mask, factor: number): void {
  const { rect_px } = mask;
  const width = widthOf(rect_px);
  const stride = widthOf(into.rect_px);
  for (let y = 0; y < heightOf(into.rect_px); y++) {
    const sourceY = Math.floor((y + 0.5) / factor) - rect_px.y0;
    if (sourceY < 0 || sourceY >= heightOf(rect_px)) continue;
    for (let x = 0; x < stride; x++) {
      const sourceX = Math.floor((x + 0.5) / factor) - rect_px.x0;
      if (sourceX >= 0 && sourceX < width) into.data[y * stride + x] = mask.data[sourceY * width + sourceX] ?? 0;
    }
  }
}
