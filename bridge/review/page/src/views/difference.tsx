/** What the difference has of its own: how much it is multiplied, what was counted, and the selections' outline. */

import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { VersionCompareIs } from "../../../../../plugins/shared/src/protocol/messages.ts";
import { sentenceOf } from "../figures.ts";
import type { Viewport } from "../viewport.ts";
import { Segments, usePage } from "./parts.tsx";

export function Gains(): JSX.Element {
  const { review, state } = usePage();
  return (
    <Segments
      label="How much the difference is multiplied"
      value={String(state.comparing.gain)}
      choices={[
        ["1", "×1"],
        ["8", "×8"],
        ["64", "×64"],
        ["fit", "Fit"],
      ]}
      onChoose={(gain) => review.comparer.setGain(gain === "1" ? 1 : gain === "8" ? 8 : gain === "64" ? 64 : "fit")}
    />
  );
}

export function Figures({ figures }: { readonly figures: VersionCompareIs | null }): JSX.Element {
  const { state } = usePage();
  if (figures === null) return <p class="figures dim">Counting…</p>;
  const version = state.versions.find((one) => one.version_id === figures.version_id);
  const { words, isKept, more } = sentenceOf(figures, version?.parent_id !== figures.from_version_id);
  return (
    <p class="figures" role="status">
      <strong class={isKept ? "" : "wants"}>{words}</strong> <span class="dim">{more}</span>
    </p>
  );
}

interface OutlineProps {
  readonly figures: VersionCompareIs;
  readonly viewport: Viewport | null;
}

/** Around the selections: a line of one width at every zoom. */
export function Outline({ figures, viewport }: OutlineProps): JSX.Element {
  const lines = useRef<SVGGElement>(null);
  const path = useMemo(() => figures.outline.map(pathOf).join(""), [figures]);
  useEffect(
    () =>
      viewport?.subscribe(({ scale, origin }) => {
        lines.current?.setAttribute("transform", `translate(${origin.x} ${origin.y}) scale(${scale})`);
      }),
    [viewport],
  );
  return (
    <svg class="outline" aria-hidden="true">
      <g ref={lines}>
        <path d={path} />
        <path class="dashes" d={path} />
      </g>
    </svg>
  );
}

function pathOf(polygon: readonly number[]): string {
  let path = "M";
  for (let at = 0; at < polygon.length; at += 2) path += `${at === 0 ? "" : "L"}${polygon[at]} ${polygon[at + 1]}`;
  return `${path}z`;
}
