/** The stand-in is as strict as Photoshop: each rule is seen to bite. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FakeDocument } from "../hosts/photoshop/document.ts";
import { FakePhotoshop } from "../hosts/photoshop/photoshop.ts";
import { H, photo, W } from "./helpers.ts";

function open(depth: 8 | 16 = 8): { ps: FakePhotoshop; document: FakeDocument } {
  const ps = new FakePhotoshop();
  const layers = [{ name: "Photo", pixels: photo(depth, 3, undefined, (x) => (x < 5 ? 0 : 1)) }];
  return { ps, document: ps.openDocument({ width: W, height: H, depth, layers }) };
}

const BOUNDS = { left: 0, top: 0, right: 10, bottom: 10 };

describe("the stand-in for Photoshop", () => {
  it("refuses changes outside a modal scope", async () => {
    const { ps, document } = open();
    await assert.rejects(document.handle.createPixelLayer(), /executeAsModal/);
    assert.throws(() => (document.handle.layers[0]!.visible = false), /executeAsModal/);
    assert.equal(ps.rules.offences.length, 2);
  });

  it("lets one command at a time be modal", async () => {
    const { ps } = open();
    const modal = (run: () => Promise<void>) => ps.api.core.executeAsModal(run, { commandName: "test" });
    const first = modal(() => ps.rules.answer(() => undefined));
    await assert.rejects(
      modal(() => Promise.resolve()),
      (error: { number?: number }) => error.number === 9,
    );
    await first;
  });

  it("notices when something else than Photoshop is waited for inside", async () => {
    const { ps, document } = open();
    const run = async () => {
      await document.handle.createPixelLayer();
      await new Promise((resolve) => setTimeout(resolve, 50));
    };
    await assert.rejects(ps.api.core.executeAsModal(run, { commandName: "test" }), /something else/);
  });

  it("makes one history state of a suspension, none when it goes back, and one a change without", async () => {
    for (const [commit, states] of [
      [true, ["Open", "Name"]],
      [false, ["Open"]],
      [null, ["Open", "make", "make"]],
    ] as const) {
      const { ps, document } = open();
      await ps.api.core.executeAsModal(
        async ({ hostControl }) => {
          const options = { documentID: document.id, name: "Name" };
          const suspension = commit === null ? null : await hostControl.suspendHistory(options);
          await document.handle.createPixelLayer();
          await document.handle.createPixelLayer();
          if (suspension !== null) await hostControl.resumeHistory(suspension, commit ?? true);
        },
        { commandName: "test" },
      );
      assert.deepEqual(document.historyNames, states);
    }
  });

  it("goes back by itself when a scope ends with an error", async () => {
    const { ps, document } = open();
    const run = ps.api.core.executeAsModal(
      async ({ hostControl }) => {
        await hostControl.suspendHistory({ documentID: document.id, name: "Name" });
        await document.handle.createPixelLayer();
        throw new Error("no");
      },
      { commandName: "test" },
    );
    await assert.rejects(run, /no/);
    assert.deepEqual(document.panel(), ["Photo"]);
  });

  it("trims what it reads, throws where there is nothing, and counts what is held", async () => {
    const { ps, document } = open();
    const layerID = document.named("Photo").id;
    const { imageData, sourceBounds } = await ps.imaging.getPixels({ layerID, sourceBounds: BOUNDS });
    assert.deepEqual(sourceBounds, { ...BOUNDS, left: 5 });
    assert.equal(ps.imaging.live.size, 1);
    await imageData.dispose();
    await assert.rejects(imageData.getData({}), /disposed/);
    assert.equal(ps.imaging.live.size, 0);
    await assert.rejects(ps.imaging.getPixels({ layerID, sourceBounds: { ...BOUNDS, right: 4 } }), /no pixels/);
  });

  it("has 16 bit as 0..32768 unless the full range is asked for", async () => {
    const { ps } = open(16);
    const { imageData } = await ps.imaging.getPixels({ sourceBounds: { ...BOUNDS, left: 5 } });
    const most = async (fullRange: boolean) => Math.max(...(await imageData.getData({ fullRange })));
    assert.ok((await most(false)) <= 32_768);
    assert.ok((await most(true)) > 32_768);
    const options = { width: 1, height: 1, components: 3, colorSpace: "RGB" };
    await assert.rejects(ps.imaging.createImageDataFromBuffer(Uint16Array.of(0, 0, 40_000), options), /32768/);
  });

  it("drops what was in a layer unless it is told not to, and takes pixels into pixel layers only", async () => {
    const { ps, document } = open();
    const layerID = document.named("Photo").id;
    const image = await ps.imaging.createImageDataFromBuffer(Uint8Array.of(1, 2, 3, 255), {
      width: 1,
      height: 1,
      components: 4,
      colorSpace: "RGB",
    });
    const targetBounds = { left: 2, top: 3, width: 9, height: 9 };
    const put = (more: object) =>
      ps.api.core.executeAsModal(() => ps.imaging.putPixels({ layerID, imageData: image, targetBounds, ...more }), {
        commandName: "test",
      });
    await put({ replace: false });
    assert.deepEqual(document.boundsOf(document.named("Photo")), { left: 2, top: 0, right: W, bottom: H });
    await put({});
    assert.deepEqual(document.boundsOf(document.named("Photo")), { left: 2, top: 3, right: 3, bottom: 4 });
    document.change("test", layerID, (layer) => ({ ...layer, kind: "smartObject" }));
    await assert.rejects(put({}), /pixel layer/);
  });

  it("a document's handle dies with it", () => {
    const { document } = open();
    const { handle } = document;
    assert.equal(handle.id, document.id);
    document.close();
    assert.throws(() => handle.id, /closed/);
    assert.throws(() => handle.layers, /closed/);
  });
});
