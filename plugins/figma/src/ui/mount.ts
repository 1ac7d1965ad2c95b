/** The panel in its frame. Until the app is there, a placeholder that shows what is selected. */

import type { Run } from "../shared/asks.ts";
import type { FigmaHost } from "./host.ts";

export async function mount(host: FigmaHost, root: HTMLElement, run: Run): Promise<void> {
  const show = async () => {
    const selected = await host.selected();
    root.textContent = "target" in selected ? `${run.command}: ${selected.target.layerName}` : selected.none.reason;
  };
  host.watch(() => void show());
  await show();
}
