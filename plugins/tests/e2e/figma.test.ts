/** The Figma plugin, whole: its bundles in the stand-in, the panel in a real browser, the real bridge and engine. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, afterEach, before, describe, it } from "node:test";
import { createCanvas, loadImage } from "@napi-rs/canvas";
import { decode } from "fast-png";
import type { Browser } from "playwright-core";
import { FigmaDocument, type PagePixels } from "../hosts/figma/document.ts";
import { launchBrowser } from "../hosts/figma/frame.ts";
import { type OpenedFigma, openFigma } from "../hosts/figma/open.ts";
import { RealBridge } from "../support/bridge.ts";
import type { Patch } from "../../shared/src/bridge/inbox.ts";
import { widthOf } from "../../shared/src/pixels/rect.ts";
import { Panel } from "../support/panel.ts";
import { Proxy } from "../support/proxy.ts";
import { stored, taken } from "../support/versions.ts";

const jpeg = readFileSync(new URL("../../../bridge/demo/photos/rocket.jpg", import.meta.url));
/** The photograph as a PNG without a profile: what the page shows is then what the image holds. */
let rocket: Uint8Array;
/** Another picture of the same size. */
let mirrored: Uint8Array;
/** Where the rocket is in its photograph. */
const ROCKET = { x: 300, y: 100, width: 90, height: 260 };

let bridge: RealBridge;
let browser: Browser;
const storage = new Map<string, unknown>();

before(async () => {
  bridge = await RealBridge.start();
  browser = await launchBrowser();
  const photograph = await loadImage(jpeg);
  const canvas = createCanvas(photograph.width, photograph.height);
  canvas.getContext("2d").drawImage(photograph, 0, 0);
  rocket = canvas.toBuffer("image/png");
  canvas.getContext("2d").setTransform(-1, 0, 0, 1, photograph.width, 0);
  canvas.getContext("2d").drawImage(photograph, 0, 0);
  mirrored = canvas.toBuffer("image/png");
});
after(async () => {
  await browser.close();
  await bridge.dispose();
});

interface Opened extends OpenedFigma {
  readonly panel: Panel;
}

interface How {
  readonly storage?: Map<string, unknown>;
  readonly port?: number;
}

const opened: OpenedFigma[] = [];

/** The plugin on a document, paired: the first time by its code, then by what Figma keeps. */
async function open(
  document: FigmaDocument,
  { storage: kept = storage, port = bridge.port }: How = {},
): Promise<Opened> {
  const figma = await openFigma({ document, port, browser, storage: kept });
  opened.push(figma);
  const panel = new Panel("figma", await figma.frame());
  if (kept.has("token")) await panel.ready();
  else await panel.pair(bridge.pairingCode());
  return { ...figma, panel };
}

/** What no test wants: errors in either half. Sockets that do not open are told by the browser itself. */
function unwanted(figma: OpenedFigma): unknown[] {
  return [...figma.main.errors, ...figma.frameErrors.filter((text) => !/WebSocket|ERR_/.test(text))];
}

/** The page around the photograph, without what was drawn over it by hand. */
async function look(document: FigmaDocument): Promise<PagePixels> {
  return document.pixels({ x0: 0, y0: 0, x1: 720, y1: 490 });
}

/** Pixels of the page that differ, in the photograph's pixels, inside and outside a box of it. */
function differing(before: PagePixels, after: PagePixels, box = ROCKET): { inside: number; outside: number } {
  const counts = { inside: 0, outside: 0 };
  for (let at = 0; at < before.data.length; at += 4) {
    const same = [0, 1, 2, 3].every((c) => before.data[at + c] === after.data[at + c]);
    if (same) continue;
    const x = ((at / 4) % before.width) - 40 - box.x;
    const y = Math.floor(at / 4 / before.width) - 30 - box.y;
    counts[x >= 0 && y >= 0 && x < box.width && y < box.height ? "inside" : "outside"]++;
  }
  return counts;
}

/** Fails unless the page shows a patch to the bit wherever its mask means it. */
function assertShows(page: PagePixels, patch: Patch): void {
  const { rect_px, data, format } = patch.pixels;
  let [meant, wrong, worst] = [0, 0, 0];
  for (let i = 0; i < data.length / format.channels; i++) {
    if (patch.mask !== null && patch.mask.data[i] === 0) continue;
    meant += 1;
    const x = 40 + rect_px.x0 + (i % widthOf(rect_px));
    const y = 30 + rect_px.y0 + Math.floor(i / widthOf(rect_px));
    for (let c = 0; c < 3; c++) {
      const off = Math.abs((page.data[(y * page.width + x) * 4 + c] ?? 0) - (data[i * format.channels + c] ?? 0));
      if (off > 0) wrong += 1;
      worst = Math.max(worst, off);
    }
  }
  assert.ok(meant > 0, "the patch means no pixel");
  assert.equal(wrong, 0, `${wrong} samples of ${meant} pixels are not the bridge's, by up to ${worst}`);
}

function versionsOf(document: FigmaDocument) {
  const key = document.store.get("0:0").shared["inlay/document"] ?? "";
  return stored(bridge.port, String(storage.get("token")), key);
}

/** A page with the photograph and a rectangle drawn over its rocket, both selected. */
function scene(bytes: Uint8Array = rocket): { document: FigmaDocument; photo: string; mark: string } {
  const document = new FigmaDocument();
  const photo = document.addPicture(bytes, { name: "Rocket", x: 40, y: 30 });
  const { x, y, width, height } = ROCKET;
  const mark = document.add("RECTANGLE", {
    name: "Mark",
    width,
    height,
    transform: [
      [1, 0, 40 + x],
      [0, 1, 30 + y],
    ],
    fills: [{ type: "SOLID", color: { r: 1, g: 0, b: 0 } }],
  });
  document.select(photo, mark);
  return { document, photo, mark };
}

describe("the Figma plugin", () => {
  afterEach(async () => {
    for (const figma of opened.splice(0)) await figma.close();
  });

  it("pairs, removes what a shape covers, exactly, and one undo takes it back", async () => {
    const { document, photo, mark } = scene();
    document.byHand((store) => (store.get(mark).visible = false));
    const clean = await look(document);
    document.byHand((store) => (store.get(mark).visible = true));
    const marked = await look(document);
    const figma = await open(document);
    await figma.panel.shows("1 shape over the image");
    await figma.panel.run("remove this");
    const after = await look(document);
    const { inside, outside } = differing(clean, after);
    assert.equal(outside, 0);
    assert.ok(inside > 3_000, `${inside} pixels of the rocket changed`);
    const { head } = await versionsOf(document);
    assertShows(after, head!);
    assert.equal(document.patches().length, 1);
    assert.equal(document.patches()[0]!.version, head!.version_id);
    assert.deepEqual(unwanted(figma), []);

    figma.undo();
    assert.deepEqual((await look(document)).data, marked.data);
    assert.equal(document.patches().length, 0);
    assert.ok(document.has(photo));
    // What is shown is where the next edit begins.
    document.select(photo, mark);
    await figma.panel.closeResult();
    await figma.panel.run("make this darker");
    const tree = await versionsOf(document);
    const edits = tree.versions.filter((version) => version.kind === "edit");
    assert.deepEqual(
      edits.map((version) => version.parent_id),
      [edits[0]!.parent_id, edits[0]!.parent_id],
    );
  });

  it("edits a JPEG with a colour profile of its own, and leaves the outside as it is", async () => {
    const { document, mark } = scene(jpeg);
    document.byHand((store) => (store.get(mark).visible = false));
    const clean = await look(document);
    document.byHand((store) => (store.get(mark).visible = true));
    const figma = await open(document);
    await figma.panel.run("make this a little darker");
    const after = await look(document);
    const { inside, outside } = differing(clean, after);
    assert.ok(outside === 0 && inside > 10_000, JSON.stringify({ inside, outside }));
    // A patch whose profile were lost would be off by far more than “a little”.
    assert.ok(meanOf(clean) - meanOf(after) < 12 && meanOf(clean) - meanOf(after) > 0);
    assert.deepEqual(unwanted(figma), []);
  });

  it("takes an ellipse with a blur for a feathered mask", async () => {
    const { document, photo, mark } = scene();
    const blur = { type: "LAYER_BLUR", blurType: "NORMAL", radius: 16, visible: true } as const;
    const { width, height, transform, fills } = document.node(mark);
    const soft = document.add("ELLIPSE", { name: "Soft", width, height, transform, fills, effects: [blur] });
    document.byHand((store) => (store.get(mark).visible = false));
    document.byHand((store) => (store.get(soft).visible = false));
    const clean = await look(document);
    document.byHand((store) => (store.get(soft).visible = true));
    document.select(photo, soft);
    const figma = await open(document);
    await figma.panel.run("make this much brighter");
    const after = await look(document);
    const grown = { x: ROCKET.x - 40, y: ROCKET.y - 40, width: ROCKET.width + 80, height: ROCKET.height + 80 };
    assert.equal(differing(clean, after, grown).outside, 0);
    const { head } = await versionsOf(document);
    assertShows(after, head!);
    const levels = new Set(head!.mask!.data);
    assert.ok(levels.size > 20, `${levels.size} levels of feather`);
    assert.deepEqual(unwanted(figma), []);
  });

  it("takes what is painted with the brush, and the whole image", async () => {
    const { document, photo, mark } = scene();
    document.byHand((store) => (store.get(mark).visible = false));
    document.select(photo);
    const clean = await look(document);
    const figma = await open(document);
    const { panel } = figma;
    await panel.view.getByRole("radio", { name: "Brush" }).click();
    const canvas = panel.view.locator("dialog canvas");
    const box = (await canvas.boundingBox())!;
    await figma.page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.3);
    await figma.page.mouse.down();
    await figma.page.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.35, { steps: 5 });
    await figma.page.mouse.up();
    await panel.press("Done");
    await panel.shows("Painted by hand.");
    await panel.run("make this much darker");
    const painted = await look(document);
    const around = { x: 128, y: 75, width: 192, height: 130 };
    const { inside, outside } = differing(clean, painted, around);
    assert.ok(inside > 200 && outside === 0, JSON.stringify({ inside, outside }));

    await panel.closeResult();
    await panel.view.getByRole("radio", { name: "The whole image" }).click();
    await panel.run("make it warmer");
    const { head } = await versionsOf(document);
    assertShows(await look(document), head!);
    assert.deepEqual(unwanted(figma), []);
  });

  it("cancels with Esc, and nothing is changed", async () => {
    const { document } = scene();
    const before = await look(document);
    const figma = await open(document);
    await figma.panel.type("replace this with autumn leaves");
    await figma.panel.shows("Cancel");
    await figma.panel.field("What should change").press("Escape");
    await figma.panel.shows("Cancelled. Nothing was changed.");
    assert.deepEqual((await look(document)).data, before.data);
    assert.equal(document.patches().length, 0);
  });

  it("shows candidates, applies another one, discards", async () => {
    const { document, mark } = scene();
    const figma = await open(document);
    const { panel } = figma;
    await panel.go("Settings");
    await panel.view
      .getByRole("radiogroup", { name: "Results to choose from" })
      .getByRole("radio", { name: "2" })
      .click();
    await panel.go("Edit");
    await panel.run("fill with cobblestones");
    const first = document.patches()[0]!.version;
    await panel.view.getByRole("radio", { name: "Result 2" }).click();
    await panel.view.getByRole("radio", { name: "Result 2, in the document" }).waitFor();
    assert.equal(document.patches().length, 1);
    assert.notEqual(document.patches()[0]!.version, first);
    const { head } = await versionsOf(document);
    assertShows(await look(document), head!);
    await panel.press("Discard the result");
    await panel.shows("Discarded");
    assert.equal(document.patches().length, 0);
    assert.ok(document.has(mark));
    assert.deepEqual(unwanted(figma), []);
    storage.delete("settings");
  });

  it("goes on with an edit when the connection is cut in the middle", async () => {
    const proxy = await Proxy.to(bridge.port);
    try {
      const { document } = scene();
      const figma = await open(document, { port: proxy.port });
      await figma.panel.type("fill with bricks, then blur this a lot, then add grain");
      await figma.panel.shows(/[1-9]\d* %/);
      proxy.cut();
      await figma.panel.shows("Done");
      const { head } = await versionsOf(document);
      assertShows(await look(document), head!);
      assert.equal(document.patches().length, 1);
    } finally {
      await proxy.close();
    }
  });

  it("goes on with an edit when the plugin is loaded anew", async () => {
    const { document, photo, mark } = scene();
    const first = await open(document);
    await first.panel.type("fill with bricks, then blur this a lot, then add grain");
    await first.panel.shows(/[1-9]\d* %/);
    await first.close();
    opened.pop();
    document.select(photo, mark);
    const second = await open(document);
    await second.panel.shows("Done");
    const { head } = await versionsOf(document);
    // What marked the place is known to the session that sent it only: after a reload it is left as it is.
    document.byHand((store) => (store.get(mark).visible = false));
    assertShows(await look(document), head!);
    assert.equal(document.patches().length, 1);
    assert.deepEqual(unwanted(second), []);
  });

  it("begins an edit again when the connection is cut before its pixels are there", async () => {
    const proxy = await Proxy.to(bridge.port);
    try {
      const { document } = scene();
      const figma = await open(document, { port: proxy.port });
      await figma.panel.type("fill with bricks");
      await figma.panel.shows("Cancel");
      proxy.cut();
      await figma.panel.shows("Done");
      assert.equal(document.patches().length, 1);
    } finally {
      await proxy.close();
    }
  });

  it("offers a result when the image was changed or deleted while the edit ran", async () => {
    const { document, photo, mark } = scene();
    const figma = await open(document);
    const { panel } = figma;
    await panel.type("fill with bricks, then blur this a lot, then add grain");
    await panel.shows(/[1-9]\d* %/);
    document.byHand((store) => {
      const node = store.get(photo);
      node.fills = [{ ...node.fills[0]!, imageHash: document.addImage(mirrored) } as never];
    });
    await panel.shows("Ready, not placed");
    assert.equal(document.patches().length, 0);
    await panel.press("Apply anyway");
    await panel.shows("Done");
    assert.equal(document.patches().length, 1);
    assertShows(await look(document), (await versionsOf(document)).head!);

    await panel.closeResult();
    document.byHand((store) => (store.get(mark).visible = true));
    document.select(photo, mark);
    await panel.shows("1 shape over the image");
    await panel.type("fill with bricks, then blur this a lot, then add grain");
    await panel.shows(/[1-9]\d* %/);
    document.byHand((store) => store.remove(photo));
    await panel.shows("Ready, not placed");
    await panel.shows("The layer is not there any more.");
    assert.deepEqual(unwanted(figma), []);
  });

  it("restores an older version, compares, comments and resolves", async () => {
    const { document } = scene();
    const figma = await open(document);
    const { panel } = figma;
    await panel.run("make this darker");
    await panel.closeResult();
    const darker = await look(document);
    await panel.run("make this warmer");
    await panel.closeResult();
    await panel.go("History");
    await panel.view.getByRole("treeitem", { name: /^make this darker/ }).click();
    await panel.view.getByText("Before", { exact: true }).waitFor();
    await panel.press("Restore this version: the document shows it again");
    await panel.shows("Shown now: make this darker.");
    assert.deepEqual((await look(document)).data, darker.data);
    await panel.press("Comments on this version");
    await panel.field("Comment").fill("The cuff is <b>too</b> dark");
    await panel.field("Comment").press("Enter");
    await panel.shows("The cuff is <b>too</b> dark");
    await panel.view.getByRole("button", { name: /^Answer / }).click();
    await panel.view.locator('[aria-label^="Answer to"]').fill("I see");
    await panel.view.locator('[aria-label^="Answer to"]').press("Enter");
    await panel.shows("I see");
    await panel.view.getByRole("button", { name: /^Resolve / }).click();
    await panel.shows("All comments are resolved.");
    assert.deepEqual(unwanted(figma), []);
  });

  it("shares all of the image with the review page, to the bit", async () => {
    const { document } = scene();
    const figma = await open(document);
    const { panel } = figma;
    await panel.run("make this darker");
    await panel.closeResult();
    const key = document.store.get("0:0").shared["inlay/document"] ?? "";
    const shared = () => taken(bridge.port, String(storage.get("token")), key).catch(() => null);
    assert.equal(await shared(), null);
    await panel.go("Comments");
    await panel.press("Open the review page and share this layer with it");
    let file = await shared();
    const end = Date.now() + 30_000;
    while (file === null && Date.now() < end) file = await shared();
    assert.ok(file !== null, "it was never shared");
    const { width, height, data, channels } = decode(file);
    const page = await look(document);
    let wrong = 0;
    for (let i = 0; i < width * height; i++) {
      const at = ((30 + Math.floor(i / width)) * page.width + 40 + (i % width)) * 4;
      for (let c = 0; c < 3; c++) wrong += page.data[at + c] === data[i * channels + c] ? 0 : 1;
    }
    assert.equal(wrong, 0);
    assert.deepEqual(unwanted(figma), []);
  });

  it("sets letters as text of its own, and says which font is missing", async () => {
    const { document, photo } = scene();
    document.select(photo);
    const figma = await open(document);
    await figma.panel.run("write “Summer sale” at the top in bold white");
    const [patch] = document.patches();
    const texts = [...document.store.nodes.values()].filter((node) => node.type === "TEXT");
    if (texts.length > 0) assert.equal(texts[0]!.characters, "Summer sale");
    else assert.match(await figma.panel.text(), /font/i);
    assert.ok(patch !== undefined);
    document.fonts = [{ family: "Inter", style: "Regular" }];
    await figma.panel.closeResult();
    await figma.panel.run("write “Now” at the bottom in bold white");
    assert.match(await figma.panel.text(), /font/i);
    assert.deepEqual(unwanted(figma), []);
  });

  it("merges into the image itself when it is asked to, and takes it back", async () => {
    const { document, photo, mark } = scene();
    document.byHand((store) => (store.get(mark).visible = false));
    const clean = await look(document);
    document.byHand((store) => (store.get(mark).visible = true));
    const figma = await open(document);
    const { panel } = figma;
    await panel.go("Settings");
    await panel.view.getByRole("radio", { name: "Into the image" }).click();
    await panel.go("Edit");
    const hash = () => (document.node(photo).fills[0] as { imageHash: string }).imageHash;
    const before = hash();
    await panel.run("make this darker");
    assert.equal(document.patches().length, 0);
    assert.notEqual(hash(), before);
    const { head } = await versionsOf(document);
    document.byHand((store) => (store.get(mark).visible = false));
    const merged = await look(document);
    assert.equal(differing(clean, merged).outside, 0);
    assertShows(merged, head!);
    await panel.press("Undo the last edit of this layer");
    await panel.shows("Undone.");
    assert.equal(hash(), before);
    storage.delete("settings");
    assert.deepEqual(unwanted(figma), []);
  });

  it("extends the image, its old pixels stay where they were", async () => {
    const { document, photo } = scene();
    document.select(photo);
    const figma = await open(document);
    const before = await look(document);
    await figma.panel.run("make it 16:9");
    const node = document.node(photo);
    assert.ok(node.width / node.height > 1.7 && node.width > 640, `${node.width} × ${node.height}`);
    const after = await look(document);
    assert.equal(differing(before, after, { x: 0, y: 0, width: 640, height: 427 }).inside, 0);
    await figma.panel.press("Undo the last edit of this layer");
    await figma.panel.shows("Undone.");
    assert.equal(document.node(photo).width, 640);
    assert.deepEqual((await look(document)).data, before.data);
    assert.deepEqual(unwanted(figma), []);
  });

  it("tells that somebody else's version is newer, and brings it in", async () => {
    const { document, photo, mark } = scene();
    const first = await open(document);
    await first.panel.run("make this darker");
    // The same file on another machine, as it was before.
    const other = new FigmaDocument();
    const theirs = other.addPicture(rocket, { name: "Rocket", x: 40, y: 30 });
    other.byHand((store) => {
      store.get("0:0").shared["inlay/document"] = document.store.get("0:0").shared["inlay/document"]!;
    });
    assert.equal(theirs, photo, "the same node, as far as the file says");
    other.select(theirs);
    const second = await open(other, { storage: new Map([["token", storage.get("token")]]) });
    await second.panel.view.getByRole("button", { name: /^Bring in/ }).click({ timeout: 60_000 });
    await second.panel.shows("Brought in.");
    const { head } = await versionsOf(document);
    assertShows(await look(other), head!);
    assert.ok(document.has(mark));
    assert.deepEqual([...unwanted(first), ...unwanted(second)], []);
  });

  it("says that its token is old, that the bridge is not running, and goes on when it is there again", async () => {
    const { document } = scene();
    const wrong = new Map<string, unknown>([["token", "x".repeat(43)]]);
    const figma = await openFigma({ document, port: bridge.port, browser, storage: wrong });
    opened.push(figma);
    const panel = new Panel("figma", await figma.frame());
    await panel.shows("The bridge does not know this plugin any more.");
    await panel.pair(bridge.pairingCode());
    await bridge.stop(true);
    await panel.shows("The bridge is not running.");
    await panel.shows("Type this into a terminal");
    await bridge.again();
    await panel.ready();
    await panel.run("make this darker");
    assert.equal(document.patches().length, 1);
  });

  it("carries out a quick action without a panel, and closes with what it did", async () => {
    const { document } = scene();
    const figma = await openFigma({
      document,
      port: bridge.port,
      browser,
      storage,
      command: "edit",
      parameters: { text: "make this darker" },
    });
    opened.push(figma);
    await waitFor(
      () => figma.main.closed,
      "the plugin closes",
      async () => [
        figma.main.notifications,
        figma.main.errors,
        figma.frameErrors,
        await new Panel("figma", await figma.frame()).text(),
      ],
    );
    assert.equal(document.patches().length, 1);
    assert.match(figma.main.notifications.map(({ text }) => text).join("; "), /Inlay: .*%/);
    assert.ok((figma.main.lastWord ?? "").length > 5);
    const undone = await openFigma({ document, port: bridge.port, browser, storage, command: "undo" });
    opened.push(undone);
    await waitFor(() => undone.main.closed, "the plugin closes");
    assert.equal(document.patches().length, 0);
  });
});

/** Mean of the samples where the rocket is. */
function meanOf({ data, width }: PagePixels): number {
  let sum = 0;
  for (let y = 0; y < ROCKET.height; y++) {
    for (let x = 0; x < ROCKET.width; x++) sum += data[((30 + ROCKET.y + y) * width + 40 + ROCKET.x + x) * 4 + 1] ?? 0;
  }
  return sum / (ROCKET.width * ROCKET.height);
}

async function waitFor(holds: () => boolean, what: string, why: () => unknown = () => ""): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`never: ${what}; ${JSON.stringify(await why())}`);
}
