/** The frame: a page without an origin that Figma shows as the panel, or hides for a quick action. */

import type { Asks, NoAsks } from "../shared/asks.ts";
import { Wire } from "../shared/wire.ts";
import { FigmaHost } from "./host.ts";
import { mount } from "./mount.ts";

const session = Array.from(crypto.getRandomValues(new Uint32Array(2)), (word) => word.toString(16)).join("-");
const wire = new Wire<NoAsks, Asks>(session, (message) => {
  parent.postMessage({ pluginMessage: message }, "*");
});

window.addEventListener("message", (event: MessageEvent<unknown>) => {
  // Only the page that holds this frame speaks for the main thread.
  if (event.source !== parent) return;
  const data = event.data;
  if (typeof data === "object" && data !== null && "pluginMessage" in data) wire.receive(data.pluginMessage);
});

async function begin(): Promise<void> {
  const { body } = await wire.ask("hello", null);
  const root = document.getElementById("root");
  if (root !== null) await mount(new FigmaHost(wire), root, body.run);
}

void begin();
