/** The chosen version, before and after, and what is pinned on it. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Shot } from "../state.ts";
import { mayComment, numberOf, titleOf } from "../words.ts";
import { CopyLink } from "./links.tsx";
import { Moment, Segments, usePage } from "./parts.tsx";
import { sizeOf, Stage } from "./stage.tsx";

export type Mode = "slider" | "side" | "blink" | "after";
const BLINK_MS = 700;

export function Viewer(): JSX.Element {
  const { review, state } = usePage();
  const { versions, version_id, looked, document: opened } = state;
  const [mode, setMode] = useState<Mode>("slider");
  const version = versions.find((one) => one.version_id === version_id);
  if (version === undefined) {
    return (
      <section class="viewer" aria-label="Picture">
        <p class="none">{state.layers.length === 0 ? "Nothing was edited in this document yet." : "Loading…"}</p>
      </section>
    );
  }
  const before = looked?.before ?? null;
  const after = looked?.after ?? null;
  const resized = before !== null && after !== null && !sameShape(before, after);
  // Pictures of another size do not lie over each other.
  const shows: Mode = resized && mode !== "after" ? "side" : mode;
  return (
    <section class="viewer" aria-label="Picture">
      <div class="row tools">
        <Segments
          label="How to compare"
          value={shows}
          disabled={resized ? ["slider", "blink"] : []}
          choices={[
            ["slider", "Slider"],
            ["side", "Side by side"],
            ["blink", "Blink"],
            ["after", "After"],
          ]}
          onChoose={setMode}
        />
        <span class="grow" />
        {opened !== null && mayComment(opened.role) && after !== null && (
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
      <div class={`pictures${shows === "side" ? " two" : ""}`}>
        {looked !== null && looked.none !== null && <p class="none">{looked.none}</p>}
        {(looked === null || (looked.none === null && after === null)) && <p class="none">Loading…</p>}
        {after !== null && shows === "side" && (
          <>
            <figure>
              <figcaption class="caption">Before</figcaption>
              {before === null ? <p class="none">Loading…</p> : <Plain shot={before} />}
            </figure>
            <figure>
              <figcaption class="caption">After</figcaption>
              <Stage after={after} over={null} at={null} />
            </figure>
          </>
        )}
        {after !== null && shows === "slider" && <Slider before={before} after={after} />}
        {after !== null && shows === "blink" && <Blink before={before} after={after} />}
        {after !== null && shows === "after" && <Stage after={after} over={null} at={null} />}
      </div>
      <div class="about">
        <div class="row">
          <h2 class="cut" title={titleOf(version)}>
            {version.kind === "source" ? "Original" : `${numberOf(versions, version.version_id)} · ${titleOf(version)}`}
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
    </section>
  );
}

interface Pair {
  readonly before: Shot | null;
  readonly after: Shot;
}

function Slider({ before, after }: Pair): JSX.Element {
  const [at, setAt] = useState(50);
  return (
    <>
      <Stage after={after} over={before} at={at} onSlide={setAt} />
      <label class="row slide">
        <input
          type="range"
          min={0}
          max={100}
          value={at}
          aria-label="How much of the picture before is shown"
          onInput={(event) => setAt(Number(event.currentTarget.value))}
        />
      </label>
    </>
  );
}

function Blink({ before, after }: Pair): JSX.Element {
  const [isBefore, setBefore] = useState(false);
  // Nothing flickers by itself for those who do not want that: they press the button.
  const [running, setRunning] = useState(!matchMedia("(prefers-reduced-motion: reduce)").matches);
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => setBefore((now) => !now), BLINK_MS);
    return () => clearInterval(timer);
  }, [running]);
  return (
    <>
      <Stage after={after} over={before} at={isBefore ? 100 : 0} />
      <div class="row slide">
        <button type="button" onClick={() => setRunning(!running)}>
          {running ? "Pause" : "Blink"}
        </button>
        <button
          type="button"
          onClick={() => {
            setRunning(false);
            setBefore(!isBefore);
          }}
        >
          Show {isBefore ? "after" : "before"}
        </button>
        <span class="caption">{isBefore ? "Before" : "After"}</span>
      </div>
    </>
  );
}

function Plain({ shot }: { readonly shot: Shot }): JSX.Element {
  return (
    <div class="stage">
      <img src={shot.url} style={sizeOf(shot)} alt="The version before" draggable={false} />
    </div>
  );
}

function sameShape(one: Shot, other: Shot): boolean {
  return one.width === other.width && one.height === other.height;
}

export function PinIcon(): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d="M8 1.5a4.5 4.5 0 0 0-4.5 4.5C3.5 9.5 8 14.5 8 14.5s4.5-5 4.5-8.5A4.5 4.5 0 0 0 8 1.5z" />
      <circle cx="8" cy="6" r="1.6" />
    </svg>
  );
}
