/** The built Photoshop plugin against the real bridge when something goes wrong, or somebody else is at work. */

import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { launchBrowser } from "../hosts/photoshop/open.ts";
import { RealBridge } from "../support/bridge.ts";
import { Desk, documentOf, type Photo, photograph, type Scene } from "../support/photoshop.ts";
import { Proxy } from "../support/proxy.ts";

/** Of the coffee's photograph, as much as the engine needs a second or two for. */
const CUP = { left: 180, top: 90, right: 400, bottom: 270 };
const ALL = { left: 0, top: 0, right: 600, bottom: 400 };
/** Of the cat's, an eye. */
const EYE = { left: 60, top: 70, right: 100, bottom: 100 };

let bridge: RealBridge;
let browser: Browser;
let desk: Desk;
let coffee: Photo;
let cat: Photo;

before(async () => {
  coffee = await photograph("coffee.png");
  cat = await photograph("chelsea.png", { left: 110, top: 30, right: 310, bottom: 180 });
  browser = await launchBrowser();
  bridge = await RealBridge.start();
  desk = new Desk(bridge, browser);
});
after(async () => {
  await browser.close();
  await bridge.dispose();
});

/** An edit that takes some seconds has begun. */
async function working(scene: Scene, moment: "sending" | "working" = "working"): Promise<void> {
  await scene.select(CUP);
  await scene.panel.type("remove this");
  await scene.running(moment);
}

/** The bridge is there again, and the plugin has found it. */
async function isBack(scene: Scene): Promise<void> {
  await bridge.again();
  // It may find it by itself in this very moment, and the button is gone.
  await scene.panel
    .button("Try now")
    .click({ timeout: 2000 })
    .catch(() => undefined);
  await scene.ready();
}

describe("the Photoshop plugin in trouble", () => {
  afterEach(() => desk.closeAll());

  it("asks for a code again when its token is not known, and says when the code is wrong", async () => {
    const scene = await desk.open(documentOf(cat));
    const { texts } = await scene.ps.kept();
    const other = await desk.open(documentOf(cat), {
      kept: { texts, secrets: { token: "x".repeat(43) } },
      unpaired: true,
    });
    await other.panel.shows("The bridge does not know this plugin any more.");
    await other.panel.field("Pairing code").fill("ABCD-EFGH");
    await other.press("Pair");
    await other.panel.shows("The pairing code is wrong or too old.");
    await other.panel.pair(bridge.pairingCode());
    const original = await other.ps.flattened();
    await other.run("make it warmer");
    await other.placed(original, await other.head(), ALL);
    await other.clean();
  });

  it("says that the bridge is gone, finds it again, and goes on", async () => {
    const scene = await desk.open(documentOf(cat));
    await scene.run("make it warmer");
    await bridge.stop(true);
    await scene.panel.shows("The bridge is not running.");
    await scene.panel.shows("inlay serve");
    await isBack(scene);
    const before = await scene.ps.flattened();
    await scene.press("Close the result");
    await scene.run("make it darker");
    await scene.placed(before, await scene.head(), ALL);
    await scene.clean();
  });

  it("says what became of an edit whose bridge was killed, and changes nothing", async () => {
    const scene = await desk.open(documentOf(coffee));
    const original = await scene.ps.flattened();
    await working(scene);
    await bridge.stop(true);
    await scene.panel.shows("The bridge is not running.");
    await isBack(scene);
    await scene.until("over", async () => (await scene.ps.page.locator('[aria-label="Running edit"]').count()) === 0);
    await scene.panel.shows("The bridge stopped while this edit ran; nothing was changed.");
    await scene.isAs(original);
    await scene.run("make it darker");
    await scene.placed(original, await scene.head(), CUP);
    await scene.clean();
  });

  for (const moment of ["sending", "working"] as const) {
    it(`goes on with an edit when the connection is cut while it is ${moment}`, async () => {
      const proxy = await Proxy.to(bridge.port);
      try {
        const scene = await desk.open(documentOf(coffee), { port: proxy.port });
        const original = await scene.ps.flattened();
        await working(scene, moment);
        proxy.cut();
        await scene.until("placed", async () => (await scene.ps.history()).length === 3);
        await scene.panel.shows("Done");
        await scene.placed(original, await scene.head(), CUP);
        assert.equal((await scene.stored()).versions.length, 2);
        await scene.clean();
        await scene.ps.close();
      } finally {
        await proxy.close();
      }
    });

    it(`says or places what became of an edit when the plugin is loaded again while it is ${moment}`, async () => {
      const scene = await desk.open(documentOf(coffee));
      const original = await scene.ps.flattened();
      await working(scene, moment);
      await scene.ps.reload();
      // All of it may have been sent already; else what was selected is not known any more, and nothing is begun that
      // nobody asked for now.
      await scene.panel.shows(moment === "sending" ? /^Done$|was cut off/ : "Done");
      if ((await scene.panel.text()).includes("was cut off")) {
        await scene.isAs(original);
        return;
      }
      await scene.until("placed", async () => (await scene.ps.history()).length === 3);
      await scene.panel.shows("Done");
      await scene.placed(original, await scene.head(), CUP);
      assert.equal((await scene.stored()).versions.length, 2);
      await scene.clean();
    });
  }

  it("offers the result when the layer was changed meanwhile, and applies it on demand", async () => {
    const scene = await desk.open(documentOf(coffee));
    await working(scene);
    await scene.ps.paint("Photo", { left: 200, top: 100, right: 260, bottom: 140 }, [255, 0, 0, 255]);
    const painted = await scene.ps.flattened();
    await scene.panel.shows("Ready, not placed");
    await scene.panel.shows("The layer was changed while the edit ran.");
    await scene.isAs(painted);
    const { length } = await scene.ps.history();
    await scene.press("Apply anyway");
    await scene.panel.shows("Done");
    assert.deepEqual(await scene.steps(length), ["Inlay: remove this"]);
    await scene.placed(painted, await scene.head(), CUP);
    await scene.clean();
  });

  it("places the result when the layer was changed where the edit does not reach, or another part is selected", async () => {
    const scene = await desk.open(documentOf(coffee));
    const spoon = { left: 430, top: 60, right: 590, bottom: 200 };
    await scene.select(spoon);
    await scene.panel.type("remove this");
    await scene.running();
    await scene.ps.paint("Photo", { left: 2, top: 2, right: 20, bottom: 20 }, [255, 0, 0, 255]);
    await scene.ps.select(EYE);
    const painted = await scene.ps.flattened();
    assert.equal((await scene.ps.history()).length, 4, "the edit was over too soon for this test");
    await scene.panel.shows("Done");
    assert.deepEqual(await scene.steps(4), ["Inlay: remove this"]);
    await scene.placed(painted, await scene.head(), spoon);
    await scene.clean();
  });

  it("offers the result when the layer was deleted meanwhile, and applies it when it is back", async () => {
    const scene = await desk.open(documentOf(coffee));
    const original = await scene.ps.flattened();
    await working(scene);
    await scene.ps.deleteLayer("Photo");
    await scene.panel.shows("Ready, not placed");
    await scene.panel.shows("The layer is not there any more.");
    assert.deepEqual(await scene.ps.layers(), []);
    await scene.press("Apply anyway");
    await scene.panel.shows("Undo its deletion, then apply the result.");
    assert.deepEqual(await scene.ps.layers(), []);
    await scene.ps.undo();
    await scene.press("Apply anyway");
    await scene.panel.shows("Done");
    await scene.placed(original, await scene.head(), CUP);
    await scene.clean();
  });

  it("waits while a dialog is open in Photoshop, says so, and places the result then", async () => {
    const scene = await desk.open(documentOf(cat));
    const original = await scene.ps.flattened();
    await scene.select(EYE);
    await scene.ps.busy(true);
    await scene.panel.type("remove this");
    await scene.panel.shows("Photoshop is busy");
    await scene.isAs(original);
    await scene.ps.busy(false);
    await scene.until("placed", async () => (await scene.ps.history()).length === 3);
    await scene.until("quiet", async () => !(await scene.panel.text()).includes("Photoshop is busy"));
    await scene.placed(original, await scene.head(), EYE);
    await scene.clean();
  });

  it("shows somebody else's edit of the same layer, and offers its own that meets it", async () => {
    const document = documentOf(cat);
    const one = await desk.open(document);
    const original = await one.ps.flattened();
    await one.run("make it warmer");
    await one.ps.undo();
    const other = await desk.open(document, { kept: await one.ps.kept() });
    assert.equal(await other.documentKey(), await one.documentKey());
    await one.press("Close the result");
    await one.run("make it darker");
    await other.panel.shows("Newer version by");
    await other.press("Bring in");
    await other.panel.shows("Brought in.");
    await other.isAs(await one.ps.flattened());

    await one.press("Close the result");
    await one.run("make it brighter");
    await other.panel.shows("Newer version by");
    const before = await other.ps.flattened();
    await other.panel.type("make it warmer");
    await other.panel.shows("Ready, not placed");
    await other.isAs(before);
    await other.press("Apply anyway");
    await other.panel.shows("Done");
    await other.placed(before, await other.head(), ALL);
    assert.notDeepEqual(before, original);
    await one.clean();
    await other.clean();
  });
});
