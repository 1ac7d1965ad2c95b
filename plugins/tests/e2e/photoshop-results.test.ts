/** What each kind of result becomes in a document, with the real engine: letters, transparency, another size; reloading. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { PhotoshopInBrowser } from "../hosts/photoshop/open.ts";
import type { LayerSpec } from "../hosts/photoshop/spec.ts";
import { noisyWall } from "../photoshop/helpers.ts";
import { RealBridge } from "../support/bridge.ts";
import { commandBox, hasStates, pairedPhotoshop, run, until } from "../support/photoshop_panel.ts";

const SIZE = { width: 240, height: 180 };

describe("results in Photoshop", () => {
  let bridge: RealBridge;
  const all: PhotoshopInBrowser[] = [];

  before(async () => {
    bridge = await RealBridge.start();
  });

  after(async () => {
    for (const one of all) await one.close();
    await bridge.dispose();
  });

  async function open(name: string, kind: NonNullable<LayerSpec["kind"]>): Promise<PhotoshopInBrowser> {
    const pixels = noisyWall(8, SIZE, kind === "background" ? 3 : 4);
    const document = { ...SIZE, path: `/pictures/${name}.psd`, title: name, layers: [{ name: "Photo", kind, pixels }] };
    const opened = await pairedPhotoshop(bridge, document);
    all.push(opened);
    return opened;
  }

  it("letters become a text layer, of the right spelling", async () => {
    const opened = await open("letters", "background");
    await run(opened, "write “Sale” at the top in bold white", 2);
    const layers = await opened.layers();
    assert.ok(
      layers.some((line) => line.trim() === "Sale"),
      `${layers.join("\n")}\n${await opened.page.innerText("#panel")}`,
    );
    assert.deepEqual(await opened.faults(), []);
  });

  it("a background that goes leaves the layer hidden beneath its cut-out, and comes back", async () => {
    const opened = await open("cut-out", "pixel");
    const before = await opened.flattened();
    await opened.select({ left: 90, top: 50, right: 150, bottom: 120 });
    await run(opened, "remove the background", 3);
    const shown = await opened.flattened();
    assert.ok(
      shown.some((alpha, at) => at % 4 === 3 && alpha === 0),
      "nothing became transparent",
    );
    assert.match((await opened.layers()).join("\n"), /Photo \(hidden\)/);
    await opened.menu("undo");
    await hasStates(opened, 4);
    assert.deepEqual(await opened.flattened(), before);
    assert.deepEqual(await opened.layers(), ["Photo"]);
    assert.deepEqual(await opened.faults(), []);
  });

  for (const kind of ["pixel", "background"] as const) {
    it(`“make it 16:9” extends the canvas, the old pixels stay to the bit, and it goes back: ${kind}`, async () => {
      const opened = await open(`wide-${kind}`, kind);
      const before = await opened.flattened();
      await run(opened, "make it 16:9", 2);
      const { width, height } = await opened.size();
      assert.ok(Math.abs(width / height - 16 / 9) < 0.02 && height === SIZE.height, `${width} × ${height}`);
      const shown = await opened.flattened();
      const x0 = Math.round((width - SIZE.width) / 2);
      let differing = 0;
      for (let y = 0; y < SIZE.height; y++) {
        for (let x = 0; x < SIZE.width; x++) {
          for (let channel = 0; channel < 4; channel++) {
            const old = before[(y * SIZE.width + x) * 4 + channel];
            if (shown[(y * width + x + x0) * 4 + channel] !== old) differing++;
          }
        }
      }
      assert.equal(differing, 0, "samples of the old picture changed");
      await opened.menu("undo");
      await hasStates(opened, 3);
      assert.deepEqual(await opened.size(), SIZE);
      assert.deepEqual(await opened.flattened(), before);
      assert.deepEqual(await opened.faults(), []);
    });
  }

  it("a plugin that is loaded again needs no pairing, knows what is shown, and can take it away", async () => {
    const opened = await open("again", "pixel");
    const before = await opened.flattened();
    await opened.select({ left: 100, top: 60, right: 140, bottom: 110 });
    await run(opened, "remove this", 3);
    await opened.reload();
    await commandBox(opened).waitFor();
    await until(opened, async () => (await opened.page.innerText("#panel")).includes("Photo"));
    await opened.menu("undo");
    await hasStates(opened, 4);
    assert.deepEqual(await opened.flattened(), before);
    assert.deepEqual(await opened.faults(), []);
  });
});
