/** What is edited: the layer, and where in it. */

import { useState } from "preact/hooks";
import type { MaskSource, Target } from "../host.ts";
import type { PanelState } from "../app/state.ts";
import { useOpening } from "./homes.ts";
import { useKit } from "./kit.ts";
import { Choice, Empty } from "./parts.tsx";
import { Frame, heightFor } from "./picture.tsx";
import { layerWords, rectWords } from "./words.tsx";

/** The picture's side beside the name, when there is no room for a large one. */
const SMALL_PX = 44;

interface TargetProps {
  readonly state: PanelState;
  /** An edit runs or is done: the room is its own. */
  readonly small: boolean;
}

export function TargetLine({ state, small }: TargetProps) {
  const { width } = useKit();
  const { target, mask, overview, maskPicture } = state;
  if (target === null) return null;
  return (
    <section class="in-target" aria-label="What is edited">
      {!small && (
        <div class="in-target-picture">
          <Frame
            picture={overview}
            over={maskPicture}
            width={width}
            height={heightFor(width)}
            name={`${target.layerName}${mask === null ? "" : `; selected: ${mask.source.label}`}`}
          />
        </div>
      )}
      <div class="in-row">
        {small && (
          <div class="in-target-small">
            <Frame picture={overview} over={maskPicture} width={SMALL_PX} height={SMALL_PX} how="cover" />
          </div>
        )}
        <div class="in-grow in-clip">
          <div class="in-strong in-cut" title={target.layerName}>
            {target.layerName}
          </div>
          <div class="in-dim in-cut">{layerWords(target)}</div>
        </div>
      </div>
      <MaskChoice target={target} state={state} small={small} />
    </section>
  );
}

function MaskChoice({ target, state, small }: TargetProps & { readonly target: Target }) {
  const { actions, widgets } = useKit();
  const { Button, Brush } = widgets;
  const [painting, setPainting] = useState(false);
  const [, paint] = useOpening(painting);
  const { mask, overview } = state;
  const sources = target.masks.filter(({ kind }) => kind !== "brush" || Brush !== null);
  const choose = (key: string, pressed: boolean) => {
    const source = sources.find((one) => keyOf(one) === key);
    if (source === undefined) return;
    void actions.chooseMask(source);
    // The arrow keys only pass over it.
    if (source.kind === "brush" && pressed) setPainting(true);
  };
  const chosen = mask === null ? undefined : sources.find(({ kind }) => kind === mask.source.kind);
  const where = mask === null || mask.source.kind === "whole" ? null : (mask.mask?.rect_px ?? mask.source.rect_px);
  return (
    <>
      {small ? (
        <div class="in-chips-above" />
      ) : (
        <div class="in-row in-caption-row">
          <span class="in-caption in-grow">Where</span>
          {where !== null && <span class="in-dim in-cut">{rectWords(where)}</span>}
        </div>
      )}
      <Choice
        name="Where"
        look="chips"
        options={sources.map((source) => ({ value: keyOf(source), text: source.label }))}
        value={chosen === undefined ? "" : keyOf(chosen)}
        onChoose={choose}
      />
      {mask?.source.kind === "brush" && (
        <div class="in-row in-brush-row">
          <span class="in-dim in-grow">{mask.mask === null ? "Nothing is painted yet." : "Painted by hand."}</span>
          {mask.mask !== null && (
            <Button text="Clear" kind="quiet" name="Clear what is painted" onPress={() => actions.paint(null)} />
          )}
          <Button text={mask.mask === null ? "Paint" : "Paint on"} handle={paint} onPress={() => setPainting(true)} />
        </div>
      )}
      {painting && Brush !== null && overview !== null && (
        <Brush
          picture={overview}
          size={target.size}
          mask={mask?.source.kind === "brush" ? mask.mask : null}
          onCancel={() => setPainting(false)}
          onDone={(painted) => {
            setPainting(false);
            actions.paint(painted);
          }}
        />
      )}
    </>
  );
}

function keyOf(source: MaskSource): string {
  return `${source.kind} ${source.label}`;
}

export function NoTargetPage({ state }: { readonly state: PanelState }) {
  const reason = state.noTarget?.reason ?? "Nothing is selected.";
  const hint = state.noTarget?.hint ?? "Select an image to edit it.";
  return <Empty title={reason}>{hint}</Empty>;
}
