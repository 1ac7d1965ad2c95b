/** The built plugin in the stand-in for Photoshop, against the real bridge with the real engine. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Depth, Store } from "../hosts/photoshop/model.ts";
import { openPhotoshop, type PhotoshopInBrowser } from "../hosts/photoshop/open.ts";
import { RealBridge } from "../support/bridge.ts";
import { noisyWall } from "../photoshop/helpers.ts";

const SIZE = { width: 200, height: 150 };
const HOLE = { left: 80, top: 50, right: 120, bottom: 90 };
const EDIT_MS = 60_000;

describe("the Photoshop plugin and the bridge", () => {
  let bridge: RealBridge;
  const all: PhotoshopInBrowser[] = [];

  before(async () => {
    bridge = await RealBridge.start();
  });

  after(async () => {
    for (const one of all) await one.close();
    await bridge.dispose();
  });

  async function paired(depth: Depth, kind: "pixel" | "background"): Promise<PhotoshopInBrowser> {
    const document = {
      ...SIZE,
      depth,
      path: `/pictures/${kind}-${depth}.psd`,
      title: `${kind}-${depth}.psd`,
      layers: [{ name: "Photo", kind, pixels: noisyWall(depth, SIZE, kind === "background" ? 3 : 4) }],
    } as const;
    const opened = await openPhotoshop({ document, port: bridge.port });
    all.push(opened);
    const code = opened.page.locator("sp-textfield").first();
    await code.waitFor();
    await code.click();
    await opened.page.keyboard.type(bridge.pairingCode());
    await opened.page.keyboard.press("Enter");
    await opened.page.locator("sp-textarea").first().waitFor();
    return opened;
  }

  async function run(opened: PhotoshopInBrowser, words: string, states: number): Promise<void> {
    const box = opened.page.locator("sp-textarea").first();
    await box.click();
    await opened.page.keyboard.type(words);
    await opened.page.keyboard.press("Enter");
    await until(opened, async () => (await opened.history()).length === states);
  }

  async function until(opened: PhotoshopInBrowser, holds: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + EDIT_MS;
    while (!(await holds())) {
      if (Date.now() > end) throw new Error(`it never came: ${await opened.page.innerText("#panel")}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  for (const depth of [8, 16, 32] as const) {
    it(`removes what a feathered selection holds, ${depth} bit: outside untouched, one undo step`, async () => {
      const opened = await paired(depth, depth === 8 ? "background" : "pixel");
      const before = await opened.flattened();
      await opened.select(HOLE, feathered());
      await run(opened, "remove this", 3);
      const shown = await opened.flattened();
      assert.deepEqual(await opened.history(), ["Open", "Marquee", "Inlay: remove this"]);
      const { inside, outside } = differences(before, shown);
      assert.equal(outside, 0, "pixels outside the selection changed");
      assert.ok(inside > 800, `only ${inside} pixels inside changed`);
      await opened.undo();
      assert.deepEqual(await opened.flattened(), before);
      assert.deepEqual(await opened.faults(), []);
    });
  }

  it("waits for a dialog of Photoshop's, and says so", async () => {
    const opened = await paired(8, "background");
    await opened.select(HOLE);
    await opened.busy(true);
    const box = opened.page.locator("sp-textarea").first();
    await box.click();
    await opened.page.keyboard.type("remove this");
    await opened.page.keyboard.press("Enter");
    await busy(opened).waitFor();
    assert.equal((await opened.history()).length, 2);
    await opened.busy(false);
    await until(opened, async () => (await opened.history()).length === 3);
    await busy(opened).waitFor({ state: "detached" });
    assert.deepEqual(await opened.faults(), []);
  });

  it("a layer that was changed meanwhile is left alone: the result is offered", async () => {
    const opened = await paired(8, "pixel");
    await opened.select(HOLE);
    await opened.busy(true);
    const box = opened.page.locator("sp-textarea").first();
    await box.click();
    await opened.page.keyboard.type("remove this");
    await opened.page.keyboard.press("Enter");
    await busy(opened).waitFor();
    await opened.paint("Photo", { left: 78, top: 60, right: 82, bottom: 64 }, [255, 0, 0, 255]);
    const painted = await opened.flattened();
    await opened.busy(false);
    await opened.page.getByText("was changed meanwhile").first().waitFor();
    assert.deepEqual(await opened.flattened(), painted);
    assert.deepEqual(await opened.layers(), ["Photo"]);
    assert.deepEqual(await opened.faults(), []);
  });

  /** What the panel shows for all to see, beside what it tells screen readers. */
  const busy = (opened: PhotoshopInBrowser) => opened.page.locator("span", { hasText: "Photoshop is busy" });

  function feathered(): Uint8Array {
    const [width, height] = [HOLE.right - HOLE.left, HOLE.bottom - HOLE.top];
    return Uint8Array.from({ length: width * height }, (_, at) => {
      const [x, y] = [at % width, Math.floor(at / width)];
      return Math.min(255, 64 * Math.min(x + 1, y + 1, width - x, height - y));
    });
  }

  function differences(one: Store, other: Store): { inside: number; outside: number } {
    let [inside, outside] = [0, 0];
    for (let pixel = 0; pixel < SIZE.width * SIZE.height; pixel++) {
      const [x, y] = [pixel % SIZE.width, Math.floor(pixel / SIZE.width)];
      const same = [0, 1, 2, 3].every((channel) => one[pixel * 4 + channel] === other[pixel * 4 + channel]);
      if (same) continue;
      if (x >= HOLE.left && x < HOLE.right && y >= HOLE.top && y < HOLE.bottom) inside++;
      else outside++;
    }
    return { inside, outside };
  }
});
