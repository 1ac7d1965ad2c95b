/** What every component needs: what can be done, and the program's own controls. */

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Actions } from "../app/state.ts";
import type { Host } from "../host.ts";
import type { Focusable } from "./dom.ts";
import type { Widgets } from "./widgets.ts";

export interface Kit {
  readonly actions: Actions;
  readonly widgets: Widgets;
  readonly host: Pick<Host, "kind" | "canMerge">;
  /** Where the focus goes when what had it is gone. The first that is there takes it. */
  readonly homes: Set<Focusable>;
  /** What was typed and not sent, by field: it outlives the page that shows the field. */
  readonly drafts: Map<string, string>;
  /** Of what is inside the panel's margins, in CSS pixels. */
  readonly width: number;
  /** Milliseconds since 1970, for “2 minutes ago”. */
  readonly now: () => number;
}

const KitContext = createContext<Kit | null>(null);

export const KitProvider = KitContext.Provider;

export function useKit(): Kit {
  const kit = useContext(KitContext);
  if (kit === null) throw new Error("The panel's parts are shown by mountPanel.");
  return kit;
}
