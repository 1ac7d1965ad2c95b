/** The edit that runs: what will be done, how far it is, a first look. */

import type { RunningEdit } from "../app/state.ts";
import { heightOf, widthOf } from "../pixels/rect.ts";
import { useKit } from "./kit.ts";
import { Frame, heightFor } from "./picture.tsx";
import { Words } from "./words.tsx";

/** Inside the card's own margins. */
export const CARD_MARGIN_PX = 24;

/** @param elsewhere another layer is selected than the edit is for. */
export function Running({ edit, elsewhere }: { readonly edit: RunningEdit; readonly elsewhere: boolean }) {
  const { actions, widgets, width } = useKit();
  const { Button, Progress } = widgets;
  const waiting = edit.position > 0;
  const percent = Math.round(edit.fraction * 100);
  return (
    <section class="in-card" aria-label="Running edit">
      <div class="in-strong in-words" title={edit.text}>
        “{edit.text}”
      </div>
      {elsewhere && (
        <div class="in-dim in-cut" title={edit.layerName}>
          On {edit.layerName}
        </div>
      )}
      <Plan says={edit.says} />
      {edit.preview !== null && (
        <div class="in-card-picture">
          <Frame
            // As large as what it is of: a first look has few pixels, and they are no stamp in an empty box.
            picture={{
              url: edit.preview.picture.url,
              width: widthOf(edit.preview.rect_px),
              height: heightOf(edit.preview.rect_px),
            }}
            width={width - CARD_MARGIN_PX}
            height={heightFor(width)}
            name="First look"
          />
        </div>
      )}
      <div class="in-card-progress">
        <Progress name="Progress" fraction={edit.fraction} />
      </div>
      <div class="in-row in-card-foot">
        <span class="in-dim in-grow in-cut">
          {edit.cancelling
            ? "Cancelling…"
            : edit.away
              ? "Goes on at the bridge"
              : waiting
                ? `Waiting: ${edit.position} before this one`
                : `${edit.stage === "" ? "Starting" : capital(edit.stage)} · ${percent} %`}
        </span>
        <Button
          text="Cancel"
          name="Cancel the edit (Esc)"
          off={edit.cancelling}
          onPress={() => void actions.cancel()}
        />
      </div>
    </section>
  );
}

/** The plan, a line an operation. */
export function Plan({ says }: { readonly says: readonly string[] }) {
  if (says.length === 0) return null;
  return (
    <div class="in-plan" role="list" aria-label="Plan">
      {says.map((line, index) => (
        <div key={index} class="in-plan-line" role="listitem">
          {says.length > 1 && <span class="in-plan-number">{index + 1}</span>}
          <span class="in-grow">
            <Words text={line} />
          </span>
        </div>
      ))}
    </div>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
