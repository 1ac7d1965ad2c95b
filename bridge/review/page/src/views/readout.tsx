/** Under the picture: which pixel the pointer is on and what it holds, how near one is, and how to come nearer. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Box } from "../state.ts";
import type { Point, Viewport } from "../viewport.ts";
import { usePage } from "./parts.tsx";

/** While the pointer moves, the bridge is asked no more often. */
const ASK_MS = 90;
const STEP = 1.5;

interface ReadoutProps {
  readonly viewport: Viewport | null;
  readonly version_id: string;
  /** What the version changed. */
  readonly box: Box;
}

export function Readout({ viewport, version_id, box }: ReadoutProps): JSX.Element {
  const [scale, setScale] = useState(1);
  useEffect(() => viewport?.subscribe((view) => setScale(view.scale)), [viewport]);
  const percent = scale * devicePixelRatio * 100;
  const isWhole =
    viewport !== null && box[2] - box[0] === viewport.layer.width && box[3] - box[1] === viewport.layer.height;
  return (
    <div class="readout">
      <Pixel viewport={viewport} version_id={version_id} />
      <span class="grow" />
      <div class="zoom" role="group" aria-label="Zoom">
        <button type="button" aria-label="Zoom out" title="Zoom out (−)" onClick={() => viewport?.zoom(scale / STEP)}>
          −
        </button>
        <output class="percent" aria-label="Zoom">
          {percent >= 10 ? Math.round(percent) : percent.toPrecision(2)} %
        </output>
        <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => viewport?.zoom(scale * STEP)}>
          +
        </button>
        <button
          type="button"
          title="All of the layer (0)"
          onClick={() => viewport?.show([0, 0, viewport.layer.width, viewport.layer.height])}
        >
          Fit
        </button>
        {!isWhole && (
          <button type="button" title="What this version changed" onClick={() => viewport?.show(box)}>
            Change
          </button>
        )}
        <button
          type="button"
          title="Each pixel as one of the screen's (1)"
          onClick={() => viewport?.zoom(1 / devicePixelRatio)}
        >
          1:1
        </button>
      </div>
    </div>
  );
}

interface PixelProps {
  readonly viewport: Viewport | null;
  readonly version_id: string;
}

function Pixel({ viewport, version_id }: PixelProps): JSX.Element {
  const { review } = usePage();
  const [at, setAt] = useState<Point | null>(null);
  const [told, setTold] = useState<{ readonly of: Point; readonly values: readonly number[] } | null>(null);
  const pointed = useRef<Point | null>(null);
  useEffect(() => {
    if (viewport === null) return undefined;
    const stop = viewport.subscribePointer((point) => {
      const pixel = point === null ? null : viewport.pixelAt(point);
      const before = pointed.current;
      if (pixel?.x === before?.x && pixel?.y === before?.y) return;
      pointed.current = pixel;
      setAt(pixel);
    });
    return () => {
      stop();
      pointed.current = null;
      setAt(null);
    };
  }, [viewport, version_id]);
  useEffect(() => {
    if (at === null) return undefined;
    const timer = setTimeout(() => {
      void review.comparer.pixel(version_id, at.x, at.y).then((values) => {
        if (values !== null && pointed.current === at) setTold({ of: at, values });
      });
    }, ASK_MS);
    return () => clearTimeout(timer);
  }, [at, version_id]);
  if (at === null) return <span class="pixel dim">Point at a pixel to read it</span>;
  const isTold = told !== null && told.of === at;
  return (
    <span class="pixel">
      <span class="place">
        {at.x}, {at.y}
      </span>
      {isTold && (
        <span class="values">{told.values.length === 0 ? "not sent" : told.values.map(number).join(" ")}</span>
      )}
    </span>
  );
}

/** As it is stored, but not in more digits than tell two apart. */
function number(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(5);
}
