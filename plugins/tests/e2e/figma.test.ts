/** The Figma plugin, whole: its bundles in the stand-in, the panel in a real browser, the real bridge and engine. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { FigmaDocument, type PagePixels } from "../hosts/figma/document.ts";
import { launchBrowser } from "../hosts/figma/frame.ts";
import { type OpenedFigma, openFigma } from "../hosts/figma/open.ts";
import { RealBridge } from "../support/bridge.ts";
import { Panel } from "../support/panel.ts";

const rocket = readFileSync(new URL("../../../bridge/demo/photos/rocket.jpg", import.meta.url));
/** Where the rocket is in its photograph. */
const ROCKET = { x: 300, y: 100, width: 90, height: 260 };

let bridge: RealBridge;
let browser: Browser;
const storage = new Map<string, unknown>();

before(async () => {
  bridge = await RealBridge.start();
  browser = await launchBrowser();
});
after(async () => {
  await browser.close();
  await bridge.dispose();
});

interface Opened extends OpenedFigma {
  readonly panel: Panel;
}

/** The plugin on a document, paired: the first time by its code, then by what Figma keeps. */
async function open(document: FigmaDocument, options: { storage?: Map<string, unknown> } = {}): Promise<Opened> {
  const kept = options.storage ?? storage;
  const figma = await openFigma({ document, port: bridge.port, browser, storage: kept });
  const panel = new Panel("figma", await figma.frame());
  if (kept.has("token")) await panel.field("What should change").waitFor({ timeout: 60_000 });
  else await panel.pair(bridge.pairingCode());
  return { ...figma, panel };
}

/** A page with the photograph and a rectangle drawn over its rocket, both selected. */
function scene(): { document: FigmaDocument; photo: string; mark: string } {
  const document = new FigmaDocument();
  const photo = document.addPicture(rocket, { name: "Rocket", x: 40, y: 30 });
  const { x, y, width, height } = ROCKET;
  const mark = document.add("RECTANGLE", {
    name: "Mark",
    width,
    height,
    transform: [
      [1, 0, 40 + x],
      [0, 1, 30 + y],
    ],
    fills: [{ type: "SOLID", color: { r: 1, g: 0, b: 0 } }],
  });
  document.select(photo, mark);
  return { document, photo, mark };
}

describe("the Figma plugin", () => {
  it("removes what a shape over the image covers", async () => {
    const { document, mark } = scene();
    const figma = await open(document);
    await figma.panel.shows("1 shape over the image");
    await figma.panel.run("remove this");
    console.log(await figma.panel.text());
    console.log(
      document.patches().map((p) => [p.name, p.version, p.width, p.height, p.transform]),
      mark,
    );
    assert.deepEqual(figma.main.errors, []);
    assert.deepEqual(figma.frameErrors, []);
    await figma.close();
  });
});
