/** The real bundles: the main thread in its bare context, the panel's frame in a browser, as Figma would hold them. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { FigmaDocument } from "../hosts/figma/document.ts";
import { launchBrowser } from "../hosts/figma/frame.ts";
import { openFigma } from "../hosts/figma/open.ts";

/** Nobody listens there. */
const PORT = 9;
const rocket = readFileSync(new URL("../../../bridge/demo/photos/rocket.jpg", import.meta.url));

function page(): FigmaDocument {
  const document = new FigmaDocument();
  document.select(document.addPicture(rocket, { name: "Rocket" }));
  return document;
}

describe("the frame in a browser", () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  it("has no origin, no storage, and reaches the bridge's address only", async () => {
    const figma = await openFigma({ document: page(), port: PORT, browser });
    const frame = await figma.frame();
    assert.equal(await frame.evaluate(() => self.origin), "null");
    assert.equal(
      await frame.evaluate(() => {
        try {
          return String(self.localStorage.length);
        } catch (error) {
          return (error as Error).name;
        }
      }),
      "SecurityError",
    );
    const refused = await frame.evaluate(
      () =>
        new Promise<string>((resolve) => {
          self.document.addEventListener("securitypolicyviolation", (event) => {
            if (event.blockedURI.includes("example")) resolve(event.blockedURI);
          });
          fetch("https://example.com/").catch(() => undefined);
        }),
    );
    assert.match(refused, /example\.com/);
    await figma.close();
  });

  it("says that the bridge is not running, and how to start it", async () => {
    const figma = await openFigma({ document: page(), port: PORT, browser });
    const frame = await figma.frame();
    await frame.getByText("The bridge is not running.").waitFor();
    await frame.getByText("inlay serve").first().waitFor();
    assert.deepEqual(figma.main.errors, []);
    assert.deepEqual(await figma.frameSide.problems(), []);
    await figma.close();
  });

  it("says that the browser keeps it from this machine, where it does", async () => {
    const figma = await openFigma({ document: page(), port: PORT, browser, localNetwork: false });
    const frame = await figma.frame();
    await frame.getByText("Local network access").first().waitFor();
    await figma.close();
  });

  it("stays hidden for a quick action, and shows itself when a person must act first", async () => {
    const document = page();
    const parameters = { text: "make it brighter" };
    const figma = await openFigma({ document, port: PORT, browser, command: "edit", parameters });
    assert.equal(figma.frameSide.visible, false);
    const frame = await figma.frame();
    await frame.getByText("The bridge is not running.").waitFor();
    assert.equal(figma.frameSide.visible, true);
    assert.deepEqual(JSON.parse(String(figma.storage.get("typed"))), ["make it brighter"]);
    await figma.close();
  });

  it("has Figma's colours, light and dark", async () => {
    for (const dark of [false, true]) {
      const figma = await openFigma({ document: page(), port: PORT, browser, dark });
      const frame = await figma.frame();
      const said = frame.getByText("The bridge is not running.");
      await said.waitFor();
      const colour = await said.evaluate((element) => getComputedStyle(element).color);
      assert.equal(colour, dark ? "rgb(255, 255, 255)" : "rgba(0, 0, 0, 0.9)");
      await figma.close();
    }
  });
});
