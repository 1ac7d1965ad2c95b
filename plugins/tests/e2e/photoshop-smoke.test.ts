/** The built plugin in Chromium with UXP's globals only: it loads, shows its panel and says that no bridge is there. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openPhotoshop, type PhotoshopInBrowser } from "../hosts/photoshop/open.ts";
import { photo } from "../photoshop/helpers.ts";
import { freePort } from "../support/bridge.ts";

describe("the built Photoshop plugin", () => {
  let opened: PhotoshopInBrowser;

  before(async () => {
    const document = { width: 40, height: 30, layers: [{ name: "Photo", pixels: photo(8, 3, undefined, () => 1) }] };
    opened = await openPhotoshop({ document, port: await freePort() });
  });

  after(() => opened.close());

  it("shows the layer and that the bridge is not running, with the command that starts it", async () => {
    await opened.page.getByText("inlay serve").first().waitFor();
    assert.match(await opened.page.innerText("#panel"), /not running/);
  });

  it("is there again after it was loaded again", async () => {
    await opened.reload();
    await opened.page.getByText("inlay serve").first().waitFor();
  });

  it("asks for nothing that UXP or Photoshop forbid, and holds no image data", async () => {
    assert.deepEqual(await opened.faults(), []);
  });
});
