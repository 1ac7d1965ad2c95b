/** The chosen version, to the single pixel, alone or compared with another one, and what is pinned on it. */

import type { ComponentChildren, JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import "../styles/viewer.css";
import type { VersionCanvasIs, VersionCompareIs } from "../../../../../plugins/shared/src/protocol/messages.ts";
import { type Gain, type Mode, modeOf, otherOf } from "../comparing.ts";
import type { Cut, Sheet } from "../deep.ts";
import type { Box } from "../state.ts";
import type { Numbered } from "../versions.ts";
import type { Viewport } from "../viewport.ts";
import { mayComment, titleOf } from "../words.ts";
import { Figures, Gains, Outline } from "./difference.tsx";
import { CopyLink } from "./links.tsx";
import { Blinking, Edge, Onion } from "./modes.tsx";
import { Over } from "./over.tsx";
import { Linked, Pane } from "./pane.tsx";
import { Moment, Segments, usePage } from "./parts.tsx";
import { Mark, markByKey, Pins } from "./pins.tsx";
import { Readout } from "./readout.tsx";

export function Viewer(): JSX.Element {
  const { state } = usePage();
  const { versions, version_id } = state;
  const version = versions.find((one) => one.version_id === version_id);
  if (version === undefined) {
    return (
      <section class="viewer" aria-label="Picture">
        <p class="none">{state.layers.length === 0 ? "Nothing was edited in this document yet." : "Loading…"}</p>
      </section>
    );
  }
  return (
    <section class="viewer" aria-label="Picture">
      <Tools />
      {state.comparing.canvas === null ? (
        <p class="none">Loading…</p>
      ) : (
        <Pictures version={version} canvas={state.comparing.canvas} />
      )}
      <About version={version} />
    </section>
  );
}

function Tools(): JSX.Element {
  const { review, state } = usePage();
  const { comparing, document: opened } = state;
  const other = otherOf(state);
  const cannot: Mode[] =
    other === null ? ["slider", "side", "onion", "blink", "difference"] : lies(comparing.other) ? [] : APART;
  return (
    <div class="tools">
      <Segments
        label="How to compare"
        value={modeOf(state)}
        disabled={cannot}
        choices={[
          ["alone", "Alone"],
          ["slider", "Slider"],
          ["side", short("Side", " by side")],
          ["onion", short("Onion", " skin")],
          ["blink", "Blink"],
          ["difference", short("Diff", "erence")],
        ]}
        onChoose={(mode) => review.comparer.setMode(mode)}
      />
      <span class="grow" />
      {opened !== null && mayComment(opened.role) && (
        <button
          type="button"
          class={state.pinning ? "main" : ""}
          aria-pressed={state.pinning}
          aria-label={state.pinning ? "Stop pinning" : "Pin a comment"}
          onClick={() => review.pin(!state.pinning)}
        >
          <PinIcon />
          {state.pinning ? "Stop" : "Pin"}
          <span class="long">{state.pinning ? " pinning" : " a comment"}</span>
        </button>
      )}
    </div>
  );
}

/** What pictures of two versions between which no way leads cannot do: lie over each other. */
const APART: Mode[] = ["slider", "onion", "blink", "difference"];

interface PicturesProps {
  readonly version: Numbered;
  readonly canvas: VersionCanvasIs;
}

function Pictures({ version, canvas }: PicturesProps): JSX.Element {
  const { review, state } = usePage();
  const other = state.comparing.other;
  const wanted = modeOf(state);
  const mode: Mode = other === null ? "alone" : lies(other) || wanted === "alone" ? wanted : "side";
  const [viewport, setViewport] = useState<Viewport | null>(null);
  const [at, setAt] = useState(0.5);
  const [onion, setOnion] = useState(0.5);
  const [isBefore, setBefore] = useState(false);
  /** Tiles that did not come are asked for again with the next connection. */
  const [tries, setTries] = useState({ failed: false, count: 0 });
  const isReady = state.connection.state === "ready";
  if (tries.failed && isReady) setTries({ failed: false, count: tries.count + 1 });
  const group = useMemo(() => new Linked(), []);
  const link = useMemo(() => ({ group, lies: SAME_PLACE }), [group]);
  const otherLink = useMemo(() => ({ group, lies: other?.lies ?? SAME_PLACE }), [group, other]);

  const figures = mode === "difference" ? state.comparing.figures : null;
  const { gain } = state.comparing;
  const difference = useMemo(
    () => (other === null ? null : differenceSheet(canvas, other, figures, gain, tries.count)),
    [canvas, other, figures, gain, tries.count],
  );
  const isOver = other !== null && (mode === "slider" || mode === "onion" || mode === "blink");
  const covers = mode === "onion" ? onion : mode === "blink" && !isBefore ? 0 : 1;
  // Through what is transparent in the one before, this one is not seen.
  const below = mode === "blink" && isBefore ? 0 : 1;
  const main = useMemo(() => sheetOf(canvas, below, tries.count), [canvas, below, tries.count]);
  const upper = useMemo(
    () => (other === null ? null : sheetOf(other, isOver ? covers : 1, tries.count)),
    [other, isOver, covers, tries.count],
  );
  const alone = useMemo(
    () => (other === null ? [] : [sheetOf({ ...other, lies: null }, 1, tries.count)]),
    [other, tries.count],
  );
  const sheets = useMemo(() => {
    if (mode === "difference" && figures?.why_not !== "") return figures === null ? [] : [main];
    if (mode === "difference") return difference === null ? [] : [difference];
    return isOver && upper !== null ? [main, upper] : [main];
  }, [main, upper, isOver, mode, difference]);
  const cuts = useMemo<readonly Cut[]>(
    () =>
      mode === "slider" && upper !== null
        ? [
            { key: upper.key, from: 0, to: at },
            { key: main.key, from: at, to: 1 },
          ]
        : [],
    [mode, upper?.key, main.key, at],
  );
  const names: readonly [string, string] = [
    nameOf(version),
    other === null ? "" : nameById(state.versions, other.version_id),
  ];
  const box: Box =
    version.kind === "source" || version.canvas !== null ? [0, 0, canvas.width, canvas.height] : version.rect_px;
  const onFailed = (): void => setTries((now) => (now.failed ? now : { ...now, failed: !isReady }));
  const onKey = (event: KeyboardEvent): boolean => {
    if (!state.pinning) return false;
    if (event.key === "Escape") {
      review.pin(false);
      return true;
    }
    const marked = markByKey(event, viewport, state.mark);
    if (marked !== null) review.mark(marked);
    return marked !== null;
  };
  return (
    <>
      {mode !== "alone" && (
        <With>
          {mode === "onion" && <Onion value={onion} onChange={setOnion} />}
          {mode === "blink" && <Blinking isBefore={isBefore} onShow={setBefore} />}
          {mode === "difference" && <Gains />}
        </With>
      )}
      {mode === "difference" && <Figures figures={figures} />}
      <div class={`pictures${mode === "side" ? " two" : ""}`}>
        {mode === "side" && other !== null && (
          <figure>
            <figcaption class="caption cut">{names[1]}</figcaption>
            <Pane
              label="The version before"
              layer={other}
              sheets={alone}
              box={null}
              opens={other.version_id}
              link={otherLink}
              onFailed={onFailed}
            />
          </figure>
        )}
        <figure>
          {mode === "side" && <figcaption class="caption cut">{names[0]}</figcaption>}
          <Pane
            label="This version"
            layer={canvas}
            sheets={sheets}
            cuts={cuts}
            box={box}
            opens={version.version_id}
            link={link}
            onViewport={setViewport}
            onFailed={onFailed}
            focused={state.pinning}
            onKey={onKey}
            front={
              <>
                {viewport !== null && <Over viewport={viewport} />}
                {mode === "slider" && <Edge at={at} onSlide={setAt} left={names[1]} right={names[0]} />}
                {mode === "blink" && <span class="corner">{isBefore ? names[1] : names[0]}</span>}
              </>
            }
          >
            {figures !== null && <Outline figures={figures} viewport={viewport} />}
            <Pins />
            <Mark viewport={viewport} />
          </Pane>
        </figure>
      </div>
      <Readout viewport={viewport} version_id={version.version_id} box={box} />
    </>
  );
}

/** With which version it is compared, and what the way of comparing has to be set. */
function With({ children }: { readonly children: ComponentChildren }): JSX.Element {
  const { review, state } = usePage();
  const { versions, version_id } = state;
  // There may be a thousand: the same elements again cost nothing.
  const choices = useMemo(
    () =>
      versions
        .filter((one) => one.version_id !== version_id)
        .reverse()
        .map((one) => (
          <option key={one.version_id} value={one.version_id}>
            {nameOf(one)}
          </option>
        )),
    [versions, version_id],
  );
  return (
    <div class="strip">
      <label class="with">
        <span class="dim">with</span>
        <select
          aria-label="Compare with"
          value={otherOf(state) ?? ""}
          onChange={(event) => review.comparer.compareWith(event.currentTarget.value)}
        >
          {choices}
        </select>
      </label>
      {children}
    </div>
  );
}

function About({ version }: { readonly version: Numbered }): JSX.Element {
  return (
    <div class="about">
      <div class="row">
        <h2 class="cut" title={titleOf(version)}>
          {nameOf(version)}
        </h2>
        <CopyLink goal={{ version_id: version.version_id }} name="Copy the link to this version" />
      </div>
      {version.says.length > 0 && <p>{version.says.join(" ")}</p>}
      <p class="dim">
        {version.author} · <Moment iso={version.created_at} />
        {version.model !== "" && ` · ${version.model}`}
        {version.seed !== null && ` · seed ${version.seed}`}
      </p>
      {version.notes.length > 0 && <p class="dim">{version.notes.join(" ")}</p>}
    </div>
  );
}

/** As the bridge takes it. */
const MOST_GAIN = 65_535;
const SAME_PLACE = [0, 0, 1] as const;

/** A version's picture, where it lies in the one that is looked at. */
function sheetOf(canvas: VersionCanvasIs, opacity: number, tries: number): Sheet {
  const { version_id, pyramid, width, height, levels } = canvas;
  const [x, y, scale] = canvas.lies ?? [0, 0, 1];
  return {
    key: [version_id, pyramid, x, y, scale, tries].join(" "),
    size: { width, height },
    levels,
    isOpaque: canvas.opaque,
    url: (level, col, row) => `/tiles/${version_id}/${level}/${col}_${row}?of=${pyramid}`,
    at: { x, y },
    scale,
    opacity,
  };
}

/** How the two differ, as tiles; null until that is counted, and where it cannot be. */
function differenceSheet(
  canvas: VersionCanvasIs,
  other: VersionCanvasIs,
  figures: VersionCompareIs | null,
  gain: Gain,
  tries: number,
): Sheet | null {
  if (figures === null || figures.why_not !== "") return null;
  const fits = figures.largest > 0 ? Math.floor(figures.white / figures.largest) : 1;
  const by = gain === "fit" ? Math.min(MOST_GAIN, Math.max(1, fits)) : gain;
  const both = `${other.version_id}..${canvas.version_id}`;
  const of = `${other.pyramid}-${canvas.pyramid}`;
  return {
    key: ["difference", both, of, by, tries].join(" "),
    size: { width: canvas.width, height: canvas.height },
    levels: canvas.levels,
    isOpaque: false,
    url: (level, col, row) => `/tiles/${both}/difference/${level}/${col}_${row}?by=${by}&of=${of}`,
    at: { x: 0, y: 0 },
    scale: 1,
    opacity: 1,
  };
}

function lies(other: VersionCanvasIs | null): boolean {
  return other === null || other.lies !== null;
}

function nameOf(version: Numbered): string {
  return version.kind === "source" ? "Original" : `v${version.number} · ${titleOf(version)}`;
}

function nameById(versions: readonly Numbered[], version_id: string): string {
  const version = versions.find((one) => one.version_id === version_id);
  return version === undefined ? "The version before" : nameOf(version);
}

function short(always: string, long: string): JSX.Element {
  return (
    <>
      {always}
      <span class="long">{long}</span>
    </>
  );
}

export function PinIcon(): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d="M8 1.5a4.5 4.5 0 0 0-4.5 4.5C3.5 9.5 8 14.5 8 14.5s4.5-5 4.5-8.5A4.5 4.5 0 0 0 8 1.5z" />
      <circle cx="8" cy="6" r="1.6" />
    </svg>
  );
}
