/** Figma's main thread: the document. It has no network and no DOM; the frame (ui.tsx) has those and asks. */

import type { Asks, NoAsks } from "../shared/asks.ts";
import { Wire } from "../shared/wire.ts";
import { rememberTyped, runOf, suggestWhileTyping } from "./commands.ts";
import { takeAllPreviews, takeLeftovers } from "./preview.ts";
import { isQuiet } from "./quiet.ts";
import { type MainWire, serve } from "./serve.ts";

const PANEL = { width: 360, height: 640, themeColors: true } as const;
/** Many changes in a row are told as one. */
const SETTLE_MS = 150;

let wire: MainWire | null = null;

suggestWhileTyping();

figma.on("run", ({ command, parameters }) => {
  const run = runOf(command, parameters);
  if (run.command === "edit" && run.text !== "") void rememberTyped(run.text);
  takeLeftovers();
  figma.showUI(__html__, { ...PANEL, visible: !run.hidden });
  figma.ui.onmessage = (message: unknown) => {
    const session = sessionOf(message);
    if (session === null) return;
    if (session !== wire?.session) {
      // A frame that has just begun, or begun again: what was open with the one before ends.
      wire?.close();
      wire = new Wire<Asks, NoAsks>(session, (answer) => figma.ui.postMessage(answer));
      serve(wire, run);
    }
    wire.receive(message);
  };
});

function sessionOf(message: unknown): string | null {
  if (typeof message !== "object" || message === null || !("inlay" in message)) return null;
  if (typeof message.inlay !== "string") return null;
  // Only a frame's first words open a session; all else of another session is late.
  const opens = "name" in message && message.name === "hello";
  return opens || message.inlay === wire?.session ? message.inlay : null;
}

let timer: number | null = null;
function changed(): void {
  if (timer !== null) clearTimeout(timer);
  timer = setTimeout(() => {
    timer = null;
    wire?.tell("changed", null);
  }, SETTLE_MS);
}

let page: PageNode = figma.currentPage;
const nodesChanged = ({ nodeChanges }: NodeChangeEvent) => {
  // The page itself changes with all that comes and goes on it.
  if (!isQuiet(nodeChanges.filter((change) => change.id !== page.id))) changed();
};
page.on("nodechange", nodesChanged);
figma.on("selectionchange", changed);
figma.on("currentpagechange", () => {
  page.off("nodechange", nodesChanged);
  page = figma.currentPage;
  page.on("nodechange", nodesChanged);
  changed();
});
figma.on("close", takeAllPreviews);
