/** The app in its frame: with its panel, or hidden for one quick action. */

import { App } from "../../../shared/src/app/app.ts";
import { PORT } from "../../../shared/src/globals.ts";
import { mountPanel } from "../../../shared/src/view/mount.tsx";
import type { Run } from "../shared/asks.ts";
import type { FigmaHost } from "./host.ts";
import { BrowserPlatform } from "../../../browser/platform.ts";
import { quick } from "./quick.ts";
import { figmaWidgets } from "./widgets.tsx";

export async function mount(host: FigmaHost, root: HTMLElement, run: Run): Promise<void> {
  const app = new App(host, new BrowserPlatform(), PORT);
  const show = () => mountPanel({ state$: app, actions: app, widgets: figmaWidgets, host, root });
  if (!run.hidden) show();
  await app.start();
  if (run.command === "history") app.go("history");
  if (!run.hidden) {
    // A relaunch button or a menu entry with words: the panel is open, and does it.
    if (run.command === "undo") await app.undo();
    else if (run.text !== "") await app.run(run.text);
    return;
  }
  const visible = {
    say: (text: string, error: boolean, sticky: boolean) => host.say(text, error, sticky),
    show: async () => {
      show();
      await host.show();
    },
    close: (say: string | null, error: boolean) => host.close(say, error),
  };
  await quick({ actions: app, state: () => app.get(), subscribe: (listener) => app.subscribe(listener) }, visible, run);
}
