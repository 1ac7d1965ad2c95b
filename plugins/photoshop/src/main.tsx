/** Where Photoshop begins: `entrypoints.setup` at once, it waits 300 ms for it and no longer. */

import "./polyfill.ts";
import * as photoshop from "photoshop";
import { PhotoshopHost } from "./host.ts";
import { COMMANDS, isMenuId, MENU } from "./menu.ts";
import { PhotoshopPanel, type Root } from "./panel.ts";
import { uxpPlatform } from "./platform.ts";
import { entrypoints, uxp } from "./uxp.ts";

const host = new PhotoshopHost(photoshop, uxp, {
  clock: uxpPlatform,
  random: (count) => uxpPlatform.random(count),
  waits: (waiting) => panel.waits(waiting),
});
const panel: PhotoshopPanel = new PhotoshopPanel(host);
const open = (root: Root) => panel.open(root);

entrypoints.setup({
  plugin: { create: () => undefined, destroy: () => panel.stop() },
  panels: {
    inlay: {
      // Both may be called; `show` comes once only, `hide` never.
      create: open,
      show: open,
      menuItems: MENU.map((item) => ({ ...item, enabled: true, checked: false })),
      invokeMenu: (id: string) => (isMenuId(id) ? panel.perform(id) : undefined),
    },
  },
  commands: Object.fromEntries(COMMANDS.map((id) => [id, { run: () => panel.perform(id) }])),
  // UXP's typings have lists where it takes objects by id.
} as never);
