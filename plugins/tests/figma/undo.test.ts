/** One step of Figma's undo for each placement; nothing at all when something fails midway. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HostError } from "../../shared/src/host.ts";
import { FigmaDocument } from "../hosts/figma/document.ts";
import { openHost } from "../hosts/figma/open.ts";
import { patch, photo, place, target } from "./support.ts";

const RECT = { x0: 30, y0: 20, x1: 90, y1: 70 };

async function open() {
  const document = new FigmaDocument();
  const id = document.addPicture(photo(120, 80).png);
  document.select(id);
  return { document, id, opened: await openHost({ document }) };
}

/** All of the document but what names it. */
const state = (document: FigmaDocument) =>
  JSON.stringify([...document.store.nodes.values()].filter((node) => node.type !== "DOCUMENT"));

const refuses = (code: HostError["code"]) => (error: unknown) => error instanceof HostError && error.code === code;

describe("undo in Figma", () => {
  it("takes one finished placement back at a time", async () => {
    const { document, opened } = await open();
    await target(opened);
    const states = [state(document)];
    await place(opened, patch("v1", RECT));
    states.push(state(document));
    await place(opened, patch("v2", RECT, { parent_id: "v1" }), { as: "merge" });
    states.push(state(document));
    await place(opened, patch("v3", RECT, { parent_id: "v2" }), { remove: ["v2"] });
    assert.equal(opened.main.commits, 3);
    for (const before of states.reverse()) {
      opened.undo();
      assert.equal(state(document), before);
    }
    opened.close();
  });

  it("is told by what the document shows then", async () => {
    const { opened } = await open();
    await place(opened, patch("v1", RECT));
    await place(opened, patch("v2", RECT, { parent_id: "v1" }));
    opened.undo();
    assert.deepEqual(
      (await target(opened)).shown.map((shown) => shown.version_id),
      ["v1"],
    );
    opened.undo();
    assert.deepEqual((await target(opened)).shown, []);
    opened.close();
  });

  it("has no step for first looks on the canvas, and they leave nothing behind", async () => {
    const { document, opened } = await open();
    const now = await target(opened);
    const before = state(document);
    const { pixels } = patch("v", RECT);
    await opened.host.preview(now, pixels, 1);
    assert.notEqual(state(document), before);
    const look = () => [...document.store.nodes.values()].find((node) => "inlay/preview" in node.shared)!;
    assert.deepEqual([look().width, look().height], [60, 50]);
    // One sample for two by two pixels: the same picture is twice as large, and cut at the image's border.
    await opened.host.preview(now, pixels, 2);
    assert.deepEqual([look().width, look().height], [90, 60]);
    assert.deepEqual((await target(opened)).shown, []);
    assert.equal(opened.main.commits, 0);
    await opened.host.preview(now, null, 1);
    assert.equal(state(document), before);
    await opened.host.preview(now, pixels, 1);
    await place(opened, patch("v1", RECT));
    assert.ok(![...document.store.nodes.values()].some((node) => "inlay/preview" in node.shared));
    opened.close();
  });

  it("finds the first looks that a window left when it ended suddenly", async () => {
    const { document, opened } = await open();
    await opened.host.preview(await target(opened), patch("v", RECT).pixels, 1);
    const again = await openHost({ document });
    assert.ok(![...document.store.nodes.values()].some((node) => "inlay/preview" in node.shared));
    again.close();
  });
});

describe("a placement that fails", () => {
  for (const call of ["group", "createRectangle"] as const) {
    it(`changes nothing when figma.${call} throws`, async () => {
      const document = new FigmaDocument();
      const id = document.addPicture(photo(5000, 30).png, { width: 5000, height: 30 });
      const mark = document.add("ELLIPSE", {
        width: 50,
        height: 20,
        fills: [{ type: "SOLID", color: { r: 1, g: 0, b: 0 } }],
      });
      document.select(id, mark);
      const opened = await openHost({ document });
      const now = await target(opened);
      await opened.host.mask(now, now.masks[0]!);
      await place(opened, patch("v1", { x0: 0, y0: 0, x1: 20, y1: 20 }));
      const before = state(document);
      opened.main.failing.set(call, new Error("out of memory"));
      const wide = patch("v2", { x0: 0, y0: 0, x1: 5000, y1: 30 }, { parent_id: "v1" });
      await assert.rejects(place(opened, wide, { remove: ["v1"] }), refuses("failed"));
      assert.equal(state(document), before);
      assert.equal(opened.main.commits, 1);
      opened.close();
    });
  }

  it("changes nothing when Figma refuses the merged image's record", async () => {
    const { document, id, opened } = await open();
    const now = await target(opened);
    const before = state(document);
    // A name that alone is larger than an entry may be.
    const put = patch("v1".padEnd(120_000, "x"), RECT);
    await assert.rejects(
      opened.host.place(now, { name: "n", remove: [], put, as: "merge", native: false }),
      refuses("failed"),
    );
    assert.equal(state(document), before);
    assert.ok(document.has(id));
    opened.close();
  });

  it("says that the layer is gone when it was deleted meanwhile", async () => {
    const { document, id, opened } = await open();
    const now = await target(opened);
    document.byHand((store) => store.remove(id));
    const placement = { name: "n", remove: [], put: patch("v1", RECT), as: "layer", native: false } as const;
    await assert.rejects(opened.host.place(now, placement), refuses("gone"));
    await assert.rejects(opened.host.pixels(now, RECT), refuses("gone"));
    assert.equal(await opened.host.again(now), null);
    opened.close();
  });

  it("says that the layer changed when its image, or a patch of it, is another one meanwhile", async () => {
    const { document, id, opened } = await open();
    const placement = { name: "n", remove: [], put: patch("v2", RECT), as: "layer", native: false } as const;
    await place(opened, patch("v1", RECT));
    const now = await target(opened);
    document.byHand((store) => store.remove(document.patches()[0]!.id));
    await assert.rejects(opened.host.place(now, placement), refuses("changed"));
    const then = await target(opened);
    const imageHash = document.addImage(photo(90, 90).png);
    document.byHand((store) => {
      store.get(id).fills = [{ type: "IMAGE", scaleMode: "FILL", imageHash }];
    });
    await assert.rejects(opened.host.place(then, placement), refuses("changed"));
    opened.close();
  });

  it("leaves a locked image alone, but puts layers above it", async () => {
    const { document, id, opened } = await open();
    document.byHand((store) => (store.get(id).locked = true));
    await assert.rejects(place(opened, patch("v1", RECT), { as: "merge" }), refuses("locked"));
    assert.deepEqual(await place(opened, patch("v1", RECT)), []);
    opened.close();
  });
});
