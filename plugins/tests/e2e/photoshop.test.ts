/** The built Photoshop plugin in the stand-in, against the real bridge with the real engine: edits and versions. */

import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import type { Depth } from "../hosts/photoshop/model.ts";
import { launchBrowser } from "../hosts/photoshop/open.ts";
import { RealBridge } from "../support/bridge.ts";
import { Desk, documentOf, feathered, type Kind, type Photo, photograph } from "../support/photoshop.ts";

/** Of the cat's photograph, its right eye. */
const EYE = { left: 60, top: 70, right: 100, bottom: 100 };

let bridge: RealBridge;
let browser: Browser;
let desk: Desk;
let cat: Photo;

before(async () => {
  [bridge, browser, cat] = await Promise.all([
    RealBridge.start(),
    launchBrowser(),
    photograph("chelsea.png", { left: 110, top: 30, right: 310, bottom: 180 }),
  ]);
  desk = new Desk(bridge, browser);
});
after(async () => {
  await browser.close();
  await bridge.dispose();
});

describe("an edit in Photoshop", () => {
  afterEach(() => desk.closeAll());

  it("asks for the code, and is ready for words then", async () => {
    const scene = await desk.open(documentOf(cat));
    await scene.panel.shows("Photo");
    await scene.panel.shows("The whole layer");
    await scene.panel.go("Settings");
    await scene.panel.shows("Paired as");
    await scene.clean();
  });

  const kinds: readonly (Kind & { depth: Depth; feather: number })[] = [
    { depth: 8, feather: 0 },
    { depth: 16, layer: "background", feather: 10 },
    { depth: 32, feather: 6 },
    { depth: 16, mode: "grayscaleMode", feather: 4 },
  ];
  for (const kind of kinds) {
    const { depth, mode, layer = "pixel", feather } = kind;
    const what = `${depth} bit ${mode === "grayscaleMode" ? "grey" : "RGB"}, ${layer}, feather ${feather}`;
    it(`removes what is selected: ${what}`, async () => {
      const scene = await desk.open(documentOf(cat, kind));
      const original = await scene.ps.flattened();
      await scene.select(EYE, feather === 0 ? undefined : feathered(EYE, feather));
      await scene.panel.run("remove this");
      const changed = await scene.placed(original, await scene.head(), EYE);
      assert.ok(changed > 700, `only ${changed} pixels changed`);
      assert.deepEqual(await scene.ps.history(), ["Open", "Marquee", "Inlay: remove this"]);
      await scene.ps.undo();
      await scene.isAs(original);
      await scene.clean();
    });
  }
});
