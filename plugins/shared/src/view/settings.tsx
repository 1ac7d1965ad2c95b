/** How results come into the document, and which bridge this is. */

import { useState } from "preact/hooks";
import type { PanelSettings, PanelState } from "../app/state.ts";
import { PLUGIN_VERSION } from "../globals.ts";
import { useOpening } from "./homes.ts";
import { useKit } from "./kit.ts";
import { Choice } from "./parts.tsx";

const VARIATIONS = [1, 2, 3, 4] as const;

export function SettingsPage({ state }: { readonly state: PanelState }) {
  const { actions, widgets, host } = useKit();
  const { Checkbox, Divider } = widgets;
  const { settings, connection } = state;
  const change = (changed: Partial<PanelSettings>) => void actions.set(changed);
  return (
    <div class="in-page in-settings">
      {host.canMerge && (
        <>
          <div class="in-caption">Place results</div>
          <Choice
            name="Place results"
            look="segments"
            options={[
              { value: "layer", text: "As a layer above" },
              { value: "merge", text: "Into the image" },
            ]}
            value={settings.placeAs}
            onChoose={(placeAs: PanelSettings["placeAs"]) => change({ placeAs })}
          />
        </>
      )}
      <div class="in-caption">Results to choose from</div>
      <Choice
        name="Results to choose from"
        look="segments"
        options={VARIATIONS.map((value) => ({ value, text: String(value) }))}
        value={settings.variations}
        onChoose={(variations: number) => change({ variations })}
      />
      <div class="in-checks">
        <Checkbox
          text="Letters and placed pictures as layers of their own"
          checked={settings.native}
          onChange={(native) => change({ native })}
        />
        {/* Whatever Photoshop shows on its canvas is a step of its history. */}
        {host.kind === "figma" && (
          <Checkbox
            text="First looks on the canvas too"
            checked={settings.previewOnCanvas}
            onChange={(previewOnCanvas) => change({ previewOnCanvas })}
          />
        )}
      </div>
      <Divider />
      <div class="in-caption">Bridge</div>
      {connection.state === "ready" ? (
        <div class="in-text-tight">
          Paired as <span class="in-strong">{connection.person}</span>
          <div class="in-dim">
            {connection.bridge} · plugin {PLUGIN_VERSION}
          </div>
        </div>
      ) : (
        <div class="in-text-tight in-dim">Not connected.</div>
      )}
      <Forget />
    </div>
  );
}

/** Asks once more: what follows is finding a code. */
function Forget() {
  const { actions, widgets } = useKit();
  const { Button } = widgets;
  const [asking, setAsking] = useState(false);
  const [keep, ask] = useOpening(asking);
  if (!asking) {
    return (
      <div class="in-actions">
        <Button text="Forget this bridge" handle={ask} onPress={() => setAsking(true)} />
      </div>
    );
  }
  return (
    <div class="in-ask" role="group" aria-label="Forget this bridge?">
      <div class="in-text-tight">To use it again you will need a new pairing code. Versions stay at the bridge.</div>
      <div class="in-actions">
        <Button text="Forget" kind="primary" name="Forget this bridge" onPress={() => void actions.forget()} />
        <Button text="Keep" name="Keep this bridge" handle={keep} onPress={() => setAsking(false)} />
      </div>
    </div>
  );
}
