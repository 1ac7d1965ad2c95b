/** Where Photoshop begins: `entrypoints.setup` at once, it waits 300 ms for it and no longer. */

import "./polyfill.ts";
import * as photoshop from "photoshop";
import { PhotoshopHost } from "./host.ts";
import { MENU } from "./menu.ts";
import { mount, type Root } from "./panel.ts";
import { uxpPlatform } from "./platform.ts";
import { entrypoints, uxp } from "./uxp.ts";

const host = new PhotoshopHost(photoshop, uxp, { clock: uxpPlatform, random: (count) => uxpPlatform.random(count) });

let mounted = false;
/** `create` and `show` may both be called, `show` once only, `hide` never. */
function open(root: Root): void {
  if (mounted) return;
  mounted = true;
  mount(host, root);
}

entrypoints.setup({
  plugin: { create: () => undefined, destroy: () => undefined },
  panels: { inlay: { create: open, show: open, menuItems: [...MENU] } },
  commands: {},
} as never);
