/** The real bundles: the main thread in its bare context, the panel's frame in a browser, as Figma would hold them. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { FigmaDocument } from "../hosts/figma/document.ts";
import { launchBrowser } from "../hosts/figma/frame.ts";
import { openFigma } from "../hosts/figma/open.ts";

const PORT = 9417;
const rocket = readFileSync(new URL("../../../bridge/demo/photos/rocket.jpg", import.meta.url));

describe("the frame in a browser", () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  it("has no origin, and reaches the bridge's address only", async () => {
    const document = new FigmaDocument();
    const figma = await openFigma({ document, port: PORT, browser });
    const frame = await figma.frame();
    assert.equal(await frame.evaluate(() => self.origin), "null");
    const refused = await frame.evaluate(
      () =>
        new Promise<string>((resolve) => {
          self.document.addEventListener("securitypolicyviolation", (event) => resolve(event.blockedURI));
          fetch("https://example.com/").catch(() => undefined);
        }),
    );
    assert.match(refused, /example\.com/);
    await figma.close();
  });

  it("shows what is selected, and follows the selection", async () => {
    const document = new FigmaDocument();
    const id = document.addPicture(rocket, { name: "Rocket" });
    const figma = await openFigma({ document, port: PORT, browser });
    const frame = await figma.frame();
    await frame.getByText("Nothing is selected.").waitFor();
    document.select(id);
    await frame.getByText("Rocket").waitFor();
    assert.deepEqual(figma.main.errors, []);
    assert.deepEqual(figma.frameErrors, []);
    await figma.close();
  });
});
