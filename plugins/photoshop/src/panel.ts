/** Until the view is here: shows what is selected, so that the plugin can be loaded and tried. */

import type { Host } from "../../shared/src/host.ts";

/** What is used of UXP's elements. */
export interface Root {
  textContent: string | null;
}

/** Shows the panel in an element of UXP. */
export function mount(host: Host, root: Root): void {
  const show = async () => {
    const selected = await host.selected();
    root.textContent = "target" in selected ? `Inlay: ${selected.target.layerName}` : `Inlay: ${selected.none.reason}`;
  };
  host.watch(() => void show());
  void show();
}
