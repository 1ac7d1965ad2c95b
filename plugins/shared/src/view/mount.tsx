/** Puts the panel into a page and keeps it as the state says. */

import { type ContainerNode, render } from "preact";
import type { Actions, PanelState } from "../app/state.ts";
import type { Host } from "../host.ts";
import type { Focusable } from "./dom.ts";
import { type Kit, KitProvider } from "./kit.ts";
import { Panel } from "./panel.tsx";
import type { Widgets } from "./widgets.ts";

/** Where the state comes from; `App` is one. */
export interface Store {
  get(): PanelState;
  /** Calls back after each change. Returns how to stop. */
  subscribe(changed: () => void): () => void;
}

export interface Mounting {
  readonly state$: Store;
  readonly actions: Actions;
  readonly widgets: Widgets;
  readonly host: Pick<Host, "kind" | "canMerge">;
  readonly root: ContainerNode;
  /** Milliseconds since 1970; the machine's clock when not given. */
  readonly now?: () => number;
}

/** The panel's own margins, left and right together. */
const MARGINS_PX = 24;

/** Shows the panel in `root`. Returns how to take it away. */
export function mountPanel({ state$, actions, widgets, host, root, now = Date.now }: Mounting): () => void {
  const homes = new Set<Focusable>();
  const drafts = new Map<string, string>();
  let kit: Kit | null = null;
  let queued = false;
  let mounted = true;

  const draw = () => {
    queued = false;
    if (!mounted || kit === null) return;
    const had = widgets.hasFocus();
    render(
      <KitProvider value={kit}>
        <Panel state={state$.get()} />
      </KitProvider>,
      root,
    );
    if (!had || widgets.hasFocus()) return;
    // What had the focus is gone: without this, the next key would go nowhere.
    [...homes].pop()?.focus();
  };
  const later = () => {
    if (queued) return;
    queued = true;
    void Promise.resolve().then(draw);
  };
  const stopWidth = widgets.watchWidth(root, (width) => {
    kit = { actions, widgets, host, homes, drafts, now, width: Math.max(0, width - MARGINS_PX) };
    later();
  });
  const stopState = state$.subscribe(later);
  return () => {
    mounted = false;
    stopWidth();
    stopState();
    render(null, root);
  };
}
