/** The built Photoshop plugin in the stand-in, against the real bridge with the real engine: edits and versions. */

import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import type { Depth } from "../hosts/photoshop/model.ts";
import { launchBrowser } from "../hosts/photoshop/open.ts";
import { RealBridge } from "../support/bridge.ts";
import {
  Desk,
  differing,
  documentOf,
  feathered,
  type Kind,
  type Photo,
  photograph,
  samplesOf,
} from "../support/photoshop.ts";

/** Of the cat's photograph, its right eye. */
const EYE = { left: 60, top: 70, right: 100, bottom: 100 };

const ALL = { left: 0, top: 0, right: 200, bottom: 150 };

let bridge: RealBridge;
let browser: Browser;
let desk: Desk;
let cat: Photo;

before(async () => {
  cat = await photograph("chelsea.png", { left: 110, top: 30, right: 310, bottom: 180 });
  browser = await launchBrowser();
  bridge = await RealBridge.start();
  desk = new Desk(bridge, browser);
});
after(async () => {
  await browser.close();
  await bridge.dispose();
});

describe("an edit in Photoshop", () => {
  afterEach(() => desk.closeAll());

  it("asks for the code, and is ready for words then", async () => {
    const scene = await desk.open(documentOf(cat));
    await scene.panel.shows("Photo");
    await scene.panel.shows("The whole layer");
    await scene.panel.go("Settings");
    await scene.panel.shows("Paired as");
    await scene.clean();
  });

  const kinds: readonly (Kind & { depth: Depth; feather: number })[] = [
    { depth: 8, feather: 0 },
    { depth: 16, layer: "background", feather: 10 },
    { depth: 32, feather: 6 },
    { depth: 16, mode: "grayscaleMode", feather: 4 },
  ];
  for (const kind of kinds) {
    const { depth, mode, layer = "pixel", feather } = kind;
    const what = `${depth} bit ${mode === "grayscaleMode" ? "grey" : "RGB"}, ${layer}, feather ${feather}`;
    it(`removes what is selected: ${what}`, async () => {
      const scene = await desk.open(documentOf(cat, kind));
      const original = await scene.ps.flattened();
      await scene.select(EYE, feather === 0 ? undefined : feathered(EYE, feather));
      await scene.run("remove this");
      const changed = await scene.placed(original, await scene.head(), EYE);
      assert.ok(changed > 700, `only ${changed} pixels changed`);
      await scene.ps.undo();
      await scene.isAs(original);
      await scene.clean();
    });
  }

  const wholes: readonly (Kind & { depth: Depth; words: string })[] = [
    { depth: 8, layer: "background", words: "make it warmer" },
    { depth: 16, layer: "smartObject", words: "make it warmer" },
    { depth: 32, words: "make it warmer" },
    { depth: 8, mode: "grayscaleMode", layer: "background", words: "make it brighter" },
    { depth: 32, mode: "grayscaleMode", words: "make it darker" },
  ];
  for (const kind of wholes) {
    const { depth, mode, layer = "pixel", words } = kind;
    it(`changes the whole layer: ${words}, ${depth} bit ${mode ?? "RGBColorMode"}, ${layer}`, async () => {
      const scene = await desk.open(documentOf(cat, kind));
      const original = await scene.ps.flattened();
      await scene.run(words);
      const changed = await scene.placed(original, await scene.head(), ALL);
      assert.ok(changed > 0.9 * cat.width * cat.height, `only ${changed} pixels changed`);
      await scene.ps.undo();
      await scene.isAs(original);
      await scene.clean();
    });
  }

  it("leaves what is beyond a layer that is smaller than the canvas, and what is beneath it", async () => {
    const box = { left: 40, top: 30, right: 140, bottom: 110 };
    const small = await photograph("chelsea.png", { left: 150, top: 60, right: 250, bottom: 140 });
    const beneath = { name: "Wall", kind: "background", pixels: samplesOf(cat, { layer: "background" }) } as const;
    const photo = { name: "Photo", box, pixels: samplesOf(small, {}) };
    const scene = await desk.open(documentOf(cat, {}, { layers: [photo, beneath] }));
    await scene.ps.activate("Photo");
    await scene.panel.shows("Photo");
    const original = await scene.ps.flattened();
    await scene.run("make it warmer");
    const changed = await scene.placed(original, await scene.head(), box);
    assert.ok(changed > 7000, `only ${changed} pixels changed`);
    await scene.ps.undo();

    // A selection that reaches beyond the layer.
    await scene.ps.activate("Photo");
    const part = { left: 110, top: 80, right: 180, bottom: 130 };
    await scene.press("Close the result");
    await scene.select(part);
    await scene.run("make it darker");
    await scene.placed(original, await scene.head(), { ...part, right: 140, bottom: 110 });
    await scene.clean();
  });

  it("cancels, and nothing is changed", async () => {
    // So large that it is not over before the button is pressed.
    const scene = await desk.open(documentOf(await photograph("coffee.png", undefined, 2)));
    const original = await scene.ps.flattened();
    await scene.select({ left: 100, top: 50, right: 1100, bottom: 750 });
    const { length } = await scene.ps.history();
    await scene.panel.type("remove this");
    await scene.running();
    await scene.press("Cancel the edit (Esc)");
    await scene.panel.shows("Cancelled. Nothing was changed.");
    assert.deepEqual(await scene.steps(length), []);
    await scene.isAs(original);
    await scene.clean();
  });

  it("offers several results, shows another one instead, and takes it away", async () => {
    const scene = await desk.open(documentOf(cat));
    const original = await scene.ps.flattened();
    await scene.select(EYE);
    await scene.panel.go("Settings");
    await scene.choose("radio", "2");
    await scene.panel.go("Edit");
    await scene.run("fill with autumn leaves");
    const first = await scene.head();
    await scene.placed(original, first, EYE);
    await scene.choose("radio", "Result 2");
    await scene.panel.shows("Placed");
    await scene.until("at the second result", async () => (await scene.stored()).head_version_id !== first.version_id);
    await scene.choose("radio", "Result 2, in the document");
    const second = await scene.head();
    await scene.placed(original, second, EYE);
    assert.equal((await scene.ps.layers()).length, 3, (await scene.ps.layers()).join());
    await scene.press("Discard the result");
    await scene.panel.shows("Discarded");
    await scene.isAs(original);
    assert.deepEqual(await scene.ps.layers(), ["Photo"]);
    assert.equal((await scene.stored()).head, null);
    assert.deepEqual(await scene.steps(2), [
      "Inlay: fill with autumn leaves",
      "Inlay: fill with autumn leaves",
      "Inlay: discard “fill with autumn leaves”",
    ]);
    await scene.clean();
  });

  it("goes on from what is shown after an undo in Photoshop itself", async () => {
    const scene = await desk.open(documentOf(cat));
    const original = await scene.ps.flattened();
    await scene.run("make it darker");
    await scene.ps.undo();
    await scene.isAs(original);
    await scene.press("Close the result");
    await scene.run("make it warmer");
    await scene.placed(original, await scene.head(), ALL);
    const { versions } = await scene.stored();
    const [source, ...edits] = versions;
    assert.deepEqual(
      edits.map((version) => [version.text, version.parent_id]),
      [
        ["make it darker", source?.version_id],
        ["make it warmer", source?.version_id],
      ],
    );
    await scene.clean();
  });

  it("shares all of the layer with the review page, 16 bit, to the bit", async () => {
    const scene = await desk.open(documentOf(cat, { depth: 16 }));
    await scene.select(EYE);
    await scene.run("make it darker");
    await assert.rejects(scene.taken(), /never sent/);
    const states = (await scene.ps.history()).length;
    await scene.panel.go("Comments");
    await scene.press("Open the review page and share this layer with it");
    let shared: Awaited<ReturnType<typeof scene.taken>> | null = null;
    await scene.until("all of it is there", async () => {
      shared = await scene.taken().catch(() => null);
      return shared !== null;
    });
    const { data, channels } = shared as unknown as Awaited<ReturnType<typeof scene.taken>>;
    const shown = await scene.ps.flattened();
    let differ = 0;
    for (let pixel = 0; pixel < shown.length / 4; pixel++) {
      for (let c = 0; c < 3; c++) differ += data[pixel * channels + c] === shown[pixel * 4 + c] ? 0 : 1;
    }
    assert.equal(differ, 0);
    assert.equal((await scene.ps.history()).length, states); // reading leaves no trace
    await scene.clean();
  });

  it("undoes and redoes from the panel, one history state each", async () => {
    const scene = await desk.open(documentOf(cat));
    const original = await scene.ps.flattened();
    await scene.run("make it darker");
    const edited = await scene.ps.flattened();
    await scene.press("Undo the last edit of this layer");
    await scene.panel.shows("Undone.");
    await scene.isAs(original);
    assert.deepEqual(await scene.ps.layers(), ["Photo"]);
    await scene.press("Redo the edit that was undone");
    await scene.panel.shows("Done again.");
    await scene.isAs(edited);
    assert.deepEqual(await scene.steps(1), ["Inlay: make it darker", "Inlay: undo", "Inlay: redo"]);
    await scene.clean();
  });

  it("restores an older version from the history, and keeps what is said of it", async () => {
    const scene = await desk.open(documentOf(cat));
    await scene.run("make it darker");
    const darker = await scene.ps.flattened();
    await scene.press("Close the result");
    await scene.run("make it warmer");
    await scene.panel.go("History");
    await scene.choose("treeitem", /^make it darker/);
    await scene.press("Restore this version: the document shows it again");
    await scene.panel.shows("Shown now: make it darker.");
    await scene.isAs(darker);
    const { versions, head_version_id } = await scene.stored();
    const version = versions.find(({ text }) => text === "make it darker");
    assert.equal(head_version_id, version?.version_id);

    await scene.press("Comments on this version");
    await scene.panel.field("Comment").fill("The ear is too dark");
    await scene.panel.field("Comment").press("Enter");
    await scene.panel.shows("The ear is too dark");
    const answer = scene.ps.page.getByRole("button", { name: "Answer", exact: true });
    await answer.click();
    const field = scene.ps.page.locator('[aria-label^="Answer to"] textarea');
    await field.fill("Right, lighter then");
    await field.press("Enter");
    await scene.panel.shows("Right, lighter then");
    await scene.ps.page.getByRole("button", { name: "Resolve", exact: true }).click();
    await scene.panel.shows("All comments are resolved.");
    await scene.clean();
  });

  it("sets letters as a text layer, or as pixels when that is wanted", async () => {
    const scene = await desk.open(documentOf(cat));
    const original = await scene.ps.flattened();
    await scene.run("write “Summer sale” at the top");
    assert.deepEqual(await scene.ps.letters(), ["Summer sale"]);
    const { mask } = await scene.head();
    assert.ok(mask !== null);
    const { rect_px } = mask;
    const near = (x: number, y: number): boolean =>
      x >= rect_px.x0 - 8 && x < rect_px.x1 + 8 && y >= rect_px.y0 - 8 && y < rect_px.y1 + 8;
    const changed = differing(original, await scene.ps.flattened(), 4);
    assert.ok(changed.length > 100, `only ${changed.length} pixels changed`);
    assert.ok(changed.every((pixel) => near(pixel % cat.width, Math.floor(pixel / cat.width))));
    await scene.press("Undo the last edit of this layer");
    await scene.panel.shows("Undone.");
    await scene.isAs(original);

    await scene.panel.go("Settings");
    await scene.ps.page.getByText("Letters and placed pictures as layers of their own").click();
    await scene.panel.go("Edit");
    await scene.run("write “Summer sale” at the top");
    assert.deepEqual(await scene.ps.letters(), []);
    await scene.placed(original, await scene.head(), ALL);
    await scene.clean();
  });

  it("makes a document of one layer wider, and back", async () => {
    const scene = await desk.open(documentOf(cat));
    const original = await scene.ps.flattened();
    await scene.run("make it 16:9");
    const { canvas, pixels } = await scene.head();
    assert.ok(canvas !== null);
    const size = await scene.ps.size();
    assert.deepEqual(size, canvas.size);
    assert.equal(Math.round((9 * size.width) / size.height), 16);
    const wide = await scene.ps.flattened();
    assert.equal(differing(wide, pixels.data, 4).length, 0, "not the bridge's version");
    const kept = wide.filter((_, at) => {
      const [x, y] = [Math.floor(at / 4) % size.width, Math.floor(at / 4 / size.width)];
      return x >= canvas.x0 && x < canvas.x0 + cat.width && y >= canvas.y0 && y < canvas.y0 + cat.height;
    });
    assert.equal(differing(original, kept, 4).length, 0, "what was there changed");
    await scene.press("Undo the last edit of this layer");
    await scene.panel.shows("Undone.");
    await scene.isAs(original);
    await scene.press("Redo the edit that was undone");
    await scene.panel.shows("Done again.");
    assert.equal(differing(wide, await scene.ps.flattened(), 4).length, 0);
    await scene.clean();
  });

  it("does what the panel's menu and the plugin's commands say", async () => {
    const scene = await desk.open(documentOf(cat));
    const original = await scene.ps.flattened();
    await scene.select(EYE);
    await scene.ps.menu("remove");
    await scene.panel.shows("Done");
    await scene.placed(original, await scene.head(), EYE);
    await scene.ps.menu("history");
    await scene.choose("treeitem", /^remove this/);
    await scene.ps.menu("edit");
    await scene.ready();
    const removed = await scene.ps.flattened();
    await scene.press("Close the result");
    const other = { left: 120, top: 70, right: 150, bottom: 90 };
    await scene.select(other);
    await scene.ps.command("again");
    await scene.panel.shows("Done");
    await scene.placed(removed, await scene.head(), other);
    await scene.ps.command("undo");
    await scene.panel.shows("Undone.");
    await scene.isAs(removed);
    await scene.ps.menu("undo");
    await scene.until("undone twice", async () => (await scene.ps.layers()).length === 1);
    await scene.isAs(original);
    await scene.ps.command("remove");
    await scene.panel.shows("Done");
    await scene.clean();
  });
});
