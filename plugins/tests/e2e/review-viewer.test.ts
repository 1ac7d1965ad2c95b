/** The viewer of the team's page in a real browser at the real bridge: single pixels, and every way to compare. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createCanvas, loadImage } from "@napi-rs/canvas";
import type { Browser, Locator, Page } from "playwright-core";
import { App } from "../../shared/src/app/app.ts";
import { type Raster } from "../../shared/src/pixels/raster.ts";
import { rect } from "../../shared/src/pixels/rect.ts";
import { launchBrowser } from "../hosts/figma/frame.ts";
import { RealBridge } from "../support/bridge.ts";
import { box, MemoryHost } from "../support/memory_host.ts";
import { NodePlatform } from "../support/platform.ts";
import { buildPage, demoPhotograph, NARROW, until, WIDE } from "../support/review_team.ts";

/** Pictures of what is seen go here, when it is named. */
const SHOTS = process.env["INLAY_SHOTS"];
/** Of the photograph. */
const WIDTH = 640;
const FIRST = rect(140, 60, 400, 330);
const SECOND = rect(40, 200, 180, 400);
/** Pixels: in the second edit alone, in both, in the first alone, in neither but known. */
const PLACES = [
  [60, 300],
  [160, 250],
  [300, 100],
  [20, 210],
] as const;

let bridge: RealBridge;
let browser: Browser;
let app: App;
let host: MemoryHost;
let page: Page;
/** What the layer showed, version by version. */
let original: Raster;
let warmer: Raster;
let darker: Raster;
const wrong: string[] = [];

before(async () => {
  buildPage();
  bridge = await RealBridge.start();
  browser = await launchBrowser();
  host = new MemoryHost(await demoPhotograph("rocket.jpg"), "viewer-document");
  app = new App(host, new NodePlatform(), bridge.port);
  await app.start();
  await until(() => app.get().connection.state === "pairing");
  await app.pair(bridge.pairingCode());
  await until(() => app.get().connection.state === "ready");
  original = host.shown();
  await edit("make this warmer", FIRST);
  warmer = host.shown();
  await edit("make this darker", SECOND);
  darker = host.shown();
  const said = host.said.length;
  app.openReview();
  await until(() => host.said.length > said);
  const context = await browser.newContext({ viewport: WIDE, reducedMotion: "reduce" });
  page = await context.newPage();
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || /Content Security Policy/.test(message.text())) wrong.push(message.text());
  });
  page.on("request", (request) => {
    if (!/^(http|ws):\/\/localhost:|^(blob|data):/.test(request.url())) wrong.push(request.url());
  });
  await page.goto(host.said.at(-1) ?? "");
});
after(async () => {
  app.stop();
  await browser.close();
  await bridge.dispose();
});

async function edit(text: string, where: ReturnType<typeof rect>): Promise<void> {
  host.selection = box(where);
  host.touch();
  await until(() => app.get().mask?.source.kind === "selection");
  await app.run(text);
  assert.equal(app.get().problem, null);
  assert.equal(app.get().outcome?.state, "placed");
}

async function seen(locator: Locator): Promise<void> {
  await locator.first().waitFor({ state: "visible", timeout: 15_000 });
}

async function shoot(name: string): Promise<void> {
  if (SHOTS === undefined) return;
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const [size, viewport] of [
      ["wide", WIDE],
      ["narrow", NARROW],
    ] as const) {
      await page.setViewportSize(viewport);
      await page.waitForTimeout(300);
      await page.screenshot({ path: `${SHOTS}/${name}-${size}-${colorScheme}.png` });
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(WIDE);
}

/** The frame of the layer on the screen: where it is, and how many screen pixels one of its own is. */
async function frame(name = "This version"): Promise<{ x: number; y: number; scale: number }> {
  // In a frame of its own: what a key did is laid out by then.
  const found = await page.getByRole("img", { name }).evaluate(async (element) => {
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return element.getBoundingClientRect().toJSON() as { x: number; y: number; width: number };
  });
  // The page's parts lie between pixels; what is drawn lies on them.
  return { x: Math.round(found.x), y: Math.round(found.y), scale: found.width / WIDTH };
}

/** What the screen shows of a layer pixel, in its middle. */
async function onScreen(x: number, y: number, name = "This version"): Promise<number[]> {
  const { x: left, y: top, scale } = await frame(name);
  const clip = { x: Math.floor(left + (x + 0.5) * scale), y: Math.floor(top + (y + 0.5) * scale), width: 1, height: 1 };
  const image = await loadImage(await page.screenshot({ clip }));
  const context = createCanvas(1, 1).getContext("2d");
  context.drawImage(image, 0, 0);
  return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

function pixelOf({ data }: Raster, x: number, y: number): number[] {
  return [0, 1, 2].map((c) => data[(y * WIDTH + x) * 3 + c] ?? -1);
}

/** Until what is on the screen is no longer changing. */
async function settled(): Promise<void> {
  let before = "";
  await until(async () => {
    if ((await page.locator(".pane[aria-busy=true]").count()) > 0) return false;
    const now = (await page.locator(".pictures").screenshot()).toString("base64");
    const isSame = now === before;
    before = now;
    if (!isSame) await page.waitForTimeout(250);
    return isSame;
  });
}

/** As near as one comes, with this layer pixel in the middle of the pane. */
async function near(x: number, y: number): Promise<void> {
  const pane = page.getByRole("application", { name: /^This version/ });
  await pane.focus();
  await page.keyboard.press("0");
  // A browser that has much to do answers a key later than it says.
  await until(async () => (await frame()).scale < 4);
  const { x: left, y: top, scale } = await frame();
  await page.mouse.move(left + (x + 0.5) * scale, top + (y + 0.5) * scale);
  for (let turn = 0; turn < 12; turn++) await page.mouse.wheel(0, -300);
  await seen(page.getByText("3200 %"));
  const box = await pane.boundingBox();
  assert.ok(box !== null);
  await page.mouse.down({ button: "middle" });
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 2 });
  await page.mouse.up({ button: "middle" });
  await settled();
}

const modes = (): Locator => page.getByRole("group", { name: "How to compare" });
const mode = (name: string): Promise<void> => modes().getByRole("button", { name }).click();

describe("the viewer", { concurrency: false }, () => {
  it("opens a version at what it changed, with room around", async () => {
    await seen(page.getByRole("img", { name: "This version" }));
    await settled();
    const { x, y, scale } = await frame();
    const pane = await page.getByRole("application", { name: /^This version/ }).boundingBox();
    assert.ok(pane !== null);
    const [left, top] = [x + SECOND.x0 * scale, y + SECOND.y0 * scale];
    const [right, bottom] = [x + SECOND.x1 * scale, y + SECOND.y1 * scale];
    assert.ok(left > pane.x && top > pane.y && right < pane.x + pane.width && bottom < pane.y + pane.height);
    assert.ok(bottom - top > pane.height * 0.8, "it is not lost in the pane");
    await shoot("slider");
  });

  it("comes near to single pixels, each as the bridge has it, with hard edges", async () => {
    await mode("Alone");
    for (const [x, y] of PLACES) {
      await near(x, y);
      const { scale } = await frame();
      assert.equal(scale, 32);
      for (const [dx, dy] of [
        [0, 0],
        [3, -2],
        [-4, 1],
      ] as const) {
        assert.deepEqual(await onScreen(x + dx, y + dy), pixelOf(darker, x + dx, y + dy), `${x + dx}, ${y + dy}`);
        // Nearly from its first to its last screen pixel.
        for (const part of [-0.44, 0.44]) {
          assert.deepEqual(await onScreen(x + dx + part, y + dy + part), pixelOf(darker, x + dx, y + dy));
        }
      }
    }
    await shoot("pixels");
  });

  it("tells the pixel under the pointer in the layer's own numbers", async () => {
    await near(60, 300);
    const { x, y, scale } = await frame();
    await page.mouse.move(x + 61.5 * scale, y + 301.5 * scale);
    await seen(page.getByText("61, 301", { exact: true }));
    await seen(page.locator(".pixel .values", { hasText: pixelOf(darker, 61, 301).join(" ") }));
    await page.mouse.move(x + 5 * scale, 5);
  });

  it("moves and zooms from the keyboard alone", async () => {
    const pane = page.getByRole("application", { name: /^This version/ });
    await pane.focus();
    await page.keyboard.press("1");
    await seen(page.getByText("100 %", { exact: true }));
    await page.keyboard.press("+");
    await seen(page.getByText("150 %", { exact: true }));
    const before = await frame();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await until(async () => {
      const after = await frame();
      return after.x < before.x && after.y < before.y && after.scale === before.scale;
    });
    await page.keyboard.press("-");
    await seen(page.getByText("100 %", { exact: true }));
    await page.keyboard.press("0");
    await until(async () => (await frame()).scale < 1.5 && (await frame()).x > 0);
    const [box, all] = [await pane.boundingBox(), await page.getByRole("img", { name: "This version" }).boundingBox()];
    assert.ok(box !== null && all !== null);
    assert.ok(all.x >= box.x && all.y >= box.y && all.width <= box.width && all.height <= box.height);
  });

  it("keeps the place under the pointer when the wheel zooms, and moves it when it is dragged", async () => {
    const { x, y, scale } = await frame();
    const at = { x: x + 100 * scale, y: y + 300 * scale };
    await page.mouse.move(at.x, at.y);
    await page.mouse.wheel(0, -400);
    await until(async () => (await frame()).scale > scale * 1.5);
    await settled();
    const near = await frame();
    assert.ok(Math.abs(near.x + 100 * near.scale - at.x) <= 1 && Math.abs(near.y + 300 * near.scale - at.y) <= 1);
    await page.mouse.down();
    await page.mouse.move(at.x + 40, at.y - 30, { steps: 3 });
    await page.mouse.up();
    await settled();
    const moved = await frame();
    assert.deepEqual([moved.x - near.x, moved.y - near.y, moved.scale], [40, -30, near.scale]);
  });

  it("slides between this version and the one before, pixel on pixel", async () => {
    await mode("Slider");
    await near(60, 300);
    const slider = page.getByRole("slider", { name: /picture before/ });
    await slider.focus();
    await page.keyboard.press("End");
    await settled();
    assert.deepEqual(await onScreen(62, 302), pixelOf(warmer, 62, 302));
    await page.keyboard.press("Home");
    await settled();
    assert.deepEqual(await onScreen(62, 302), pixelOf(darker, 62, 302));
    assert.notDeepEqual(pixelOf(warmer, 62, 302), pixelOf(darker, 62, 302));
    const edge = await slider.boundingBox();
    const pane = await page.getByRole("application", { name: /^This version/ }).boundingBox();
    assert.ok(edge !== null && pane !== null);
    await page.mouse.move(edge.x + edge.width / 2, edge.y + edge.height / 2);
    await page.mouse.down();
    await page.mouse.move(pane.x + pane.width / 2, pane.y + 100, { steps: 4 });
    await page.mouse.up();
    assert.equal(await slider.getAttribute("aria-valuenow"), "50");
    await settled();
    assert.deepEqual(await onScreen(57, 302), pixelOf(warmer, 57, 302));
    assert.deepEqual(await onScreen(63, 302), pixelOf(darker, 63, 302));
  });

  it("shows two versions side by side at one place, whichever is moved", async () => {
    await mode("Side by side");
    const together = async (): Promise<void> => {
      const [one, other] = [await frame("The version before"), await frame("This version")];
      const [left, right] = [
        await page.getByRole("application", { name: /^The version before/ }).boundingBox(),
        await page.getByRole("application", { name: /^This version/ }).boundingBox(),
      ];
      assert.ok(left !== null && right !== null);
      assert.equal(one.scale, other.scale);
      assert.ok(Math.abs(one.x - left.x - (other.x - right.x)) <= 1 && Math.abs(one.y - other.y) <= 1);
    };
    await near(60, 300);
    await together();
    assert.deepEqual(await onScreen(60, 300, "The version before"), pixelOf(warmer, 60, 300));
    assert.deepEqual(await onScreen(60, 300), pixelOf(darker, 60, 300));
    await page.getByRole("application", { name: /^The version before/ }).focus();
    await page.keyboard.press("ArrowLeft");
    await settled();
    await together();
    await page.keyboard.press("0");
    await settled();
    await together();
    await shoot("side");
  });

  it("lays one over the other like onion skin, and blinks", async () => {
    await mode("Onion skin");
    await near(60, 300);
    const opacity = page.getByRole("slider", { name: /lies over this one/ });
    await opacity.fill("100");
    await settled();
    assert.deepEqual(await onScreen(60, 300), pixelOf(warmer, 60, 300));
    await opacity.fill("50");
    await settled();
    const [shown, one, other] = [await onScreen(60, 300), pixelOf(warmer, 60, 300), pixelOf(darker, 60, 300)];
    for (const c of [0, 1, 2]) assert.ok(Math.abs((shown[c] ?? 0) - ((one[c] ?? 0) + (other[c] ?? 0)) / 2) <= 2);
    await shoot("onion");
    await mode("Blink");
    await settled();
    assert.deepEqual(await onScreen(60, 300), pixelOf(darker, 60, 300));
    await page.getByRole("button", { name: "Swap" }).click();
    await settled();
    assert.deepEqual(await onScreen(60, 300), pixelOf(warmer, 60, 300));
    await shoot("blink");
  });

  it("compares any two versions, chosen from the list", async () => {
    await mode("Slider");
    await page.getByLabel("Compare with").selectOption("Original");
    await near(160, 250);
    await page.getByRole("slider", { name: /picture before/ }).focus();
    await page.keyboard.press("End");
    await settled();
    assert.deepEqual(await onScreen(160, 250), pixelOf(original, 160, 250));
    await page.keyboard.press("Home");
    await settled();
    assert.deepEqual(await onScreen(160, 250), pixelOf(darker, 160, 250));
  });

  it("counts what differs, says that nothing outside the selection did, and shows how much", async () => {
    await page.getByLabel("Compare with").selectOption("v1 · make this warmer");
    await mode("Difference");
    let changed = 0;
    for (let at = 0; at < darker.data.length; at += 3) {
      if ([0, 1, 2].some((c) => darker.data[at + c] !== warmer.data[at + c])) changed += 1;
    }
    const count = changed.toLocaleString("en");
    await seen(page.getByText(`${count} pixels changed, none outside the selection.`));
    await page.getByRole("button", { name: "×8" }).click();
    for (const [x, y] of PLACES) {
      await near(x, y);
      const wanted = pixelOf(darker, x, y).map((value, c) =>
        Math.min(255, 8 * Math.abs(value - (pixelOf(warmer, x, y)[c] ?? 0))),
      );
      assert.deepEqual(await onScreen(x, y), wanted);
    }
    // The outline runs along the selection (its box has the corners of the line in it).
    await page.getByRole("button", { name: "Change", exact: true }).click();
    await settled();
    const outline = await page.locator(".outline path").first().boundingBox();
    const { x, y, scale } = await frame();
    assert.ok(outline !== null);
    for (const [is, should] of [
      [outline.x, x + SECOND.x0 * scale],
      [outline.y, y + SECOND.y0 * scale],
      [outline.x + outline.width, x + SECOND.x1 * scale],
      [outline.y + outline.height, y + SECOND.y1 * scale],
    ] as const) {
      assert.ok(Math.abs(is - should) <= 4, `${is} is not ${should}`);
    }
    await shoot("difference");
    await page.getByRole("button", { name: "Fit" }).first().click();
    await settled();
    await shoot("difference-fit");
  });

  it("compares with a version that is clicked with Shift in the tree, or gone to by Shift and the arrow keys", async () => {
    const row = (name: RegExp): Locator => page.getByRole("button", { name });
    await row(/^Original/).click({ modifiers: ["Shift"] });
    await seen(page.getByText(/pixels changed, none outside the selections\./));
    await seen(row(/^Original.*Compared/));
    await row(/make this darker/).focus();
    await page.keyboard.press("Shift+ArrowUp");
    await seen(row(/make this warmer.*Compared/));
    await seen(page.getByText(/pixels changed, none outside the selection\./));
    await page.keyboard.press("Shift+ArrowDown");
    await seen(row(/^Original.*Compared/));
  });

  it("shows what nobody sent to the bridge as not sent", async () => {
    // Of a layer whose picture nobody shared, the bridge has what the edit needed.
    const beside = new MemoryHost(await demoPhotograph("rocket.jpg"), "unsent-document");
    for (const [key, value] of host.storage) beside.storage.set(key, value);
    const other = new App(beside, new NodePlatform(), bridge.port);
    await other.start();
    await until(() => other.get().connection.state === "ready");
    beside.selection = box(SECOND);
    beside.touch();
    await until(() => other.get().mask?.source.kind === "selection");
    await other.run("make this darker");
    assert.equal(other.get().problem, null);
    await page.goto(other.get().reviewUrl ?? "");
    other.stop();
    const view = page.getByRole("img", { name: "This version" });
    await seen(view);
    assert.equal(await view.getAttribute("data-known"), "some");
    await page.getByRole("application", { name: /^This version/ }).focus();
    await page.keyboard.press("0");
    await settled();
    const { x, y, scale } = await frame();
    await page.mouse.move(x + 600 * scale, y + 10 * scale);
    await seen(page.locator(".pixel .values", { hasText: "not sent" }));
    await shoot("unsent");
  });

  it("has said nothing on the console, and asked for nothing elsewhere", () => {
    assert.deepEqual(wrong, []);
  });
});
