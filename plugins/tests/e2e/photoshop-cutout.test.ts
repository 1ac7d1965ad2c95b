/** Results that take opacity away, which no layer over another can: what becomes of the layers, and that it all goes back. */

import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { launchBrowser } from "../hosts/photoshop/open.ts";
import { RealBridge } from "../support/bridge.ts";
import { Desk, differing, documentOf, type Photo, photograph } from "../support/photoshop.ts";

let bridge: RealBridge;
let browser: Browser;
let desk: Desk;
let cup: Photo;

before(async () => {
  [bridge, browser, cup] = await Promise.all([
    RealBridge.start(),
    launchBrowser(),
    photograph("coffee.png", { left: 150, top: 60, right: 350, bottom: 210 }),
  ]);
  desk = new Desk(bridge, browser);
});
after(async () => {
  await browser.close();
  await bridge.dispose();
});

describe("a background that goes", () => {
  afterEach(() => desk.closeAll());

  for (const layer of ["pixel", "background"] as const) {
    it(`leaves the source hidden beneath the cut-out, to the bit the bridge's version: ${layer}`, async () => {
      const scene = await desk.open(documentOf(cup, { layer }));
      const original = await scene.ps.flattened();
      await scene.run("remove the background");
      const { canvas, pixels } = await scene.head();
      assert.equal(canvas !== null, layer === "background", "a Background gains transparency");
      const { width } = cup;
      const { rect_px, data } = pixels;
      const wanted = original.slice();
      for (let y = rect_px.y0; y < rect_px.y1; y++) {
        const row = (y - rect_px.y0) * (rect_px.x1 - rect_px.x0) * 4;
        wanted.set(data.subarray(row, row + (rect_px.x1 - rect_px.x0) * 4), (y * width + rect_px.x0) * 4);
      }
      // Photoshop keeps no colour where nothing is to be seen.
      for (let at = 3; at < wanted.length; at += 4) if (wanted[at] === 0) wanted.fill(0, at - 3, at);
      const shown = await scene.ps.flattened();
      assert.equal(differing(shown, wanted, 4).length, 0, "not the bridge's version");
      assert.ok(shown.some((value, at) => at % 4 === 3 && value === 0));
      assert.match((await scene.ps.layers()).join("\n"), /Photo \(hidden\)/);
      await scene.press("Undo the last edit of this layer");
      await scene.panel.shows("Undone.");
      await scene.isAs(original);
      assert.deepEqual(await scene.ps.layers(), ["Photo"]);
      await scene.clean();
    });
  }
});
