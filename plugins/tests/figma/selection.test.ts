/** What is selected in Figma, and what is shown of it. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FigmaDocument } from "../hosts/figma/document.ts";
import { openHost } from "../hosts/figma/open.ts";
import { patch, photo, place, target } from "./support.ts";

const RECT = { x0: 30, y0: 20, x1: 90, y1: 70 };

describe("the selection", () => {
  it("says what to do when there is nothing to edit", async () => {
    const document = new FigmaDocument();
    const shape = document.add("RECTANGLE", { fills: [{ type: "SOLID", color: { r: 1, g: 0, b: 0 } }] });
    const video = document.add("RECTANGLE", { fills: [{ type: "VIDEO", scaleMode: "FILL", videoHash: "x" } as never] });
    const opened = await openHost({ document });
    const reason = async (...ids: string[]) => {
      document.select(...ids);
      const selected = await opened.host.selected();
      return "none" in selected ? selected.none.reason : "a target";
    };
    assert.equal(await reason(), "Nothing is selected.");
    assert.equal(await reason(shape), "No image is selected.");
    assert.equal(await reason(video), "This is a video.");
    opened.close();
  });

  it("is nothing when the image has no area to be seen in", async () => {
    const document = new FigmaDocument();
    document.select(document.addPicture(photo(20, 20).png, { height: 0 }));
    const opened = await openHost({ document });
    const selected = await opened.host.selected();
    assert.ok("none" in selected);
    assert.equal(selected.none.reason, "No image is selected.");
    opened.close();
  });

  it("says what an image that cannot be read is", async () => {
    const document = new FigmaDocument();
    const broken = photo(20, 20).png.slice(0, 120);
    document.select(document.addPicture(broken));
    const opened = await openHost({ document });
    const selected = await opened.host.selected();
    assert.ok("none" in selected);
    assert.match(selected.none.reason, /cannot be read/);
    opened.close();
  });

  it("is the largest of several images, the others go with the command", async () => {
    const document = new FigmaDocument();
    const small = document.addPicture(photo(30, 20).png, { name: "Logo" });
    const large = document.addPicture(photo(120, 80).png, { name: "Photo" });
    document.select(small, large);
    const opened = await openHost({ document });
    const now = await target(opened);
    assert.equal(now.layerName, "Photo");
    const references = await opened.host.references(now);
    assert.deepEqual(
      references.map(({ name, size }) => [name, size]),
      [["Logo", { width: 30, height: 20 }]],
    );
    assert.deepEqual(references[0]!.pixels.data, photo(30, 20).data);
    opened.close();
  });

  it("may be a patch, or a piece of one: the image below it is meant", async () => {
    const document = new FigmaDocument();
    const id = document.addPicture(photo(120, 80).png);
    document.select(id);
    const opened = await openHost({ document });
    await place(opened, patch("v1", RECT));
    document.select(document.patches()[0]!.id);
    const now = await target(opened);
    assert.equal(now.layerKey, id);
    assert.deepEqual(
      now.masks.map((source) => source.kind),
      ["whole", "brush"],
    );
    opened.close();
  });

  it("keeps its keys from one session to the next", async () => {
    const document = new FigmaDocument();
    document.select(document.addPicture(photo(120, 80).png));
    const first = await openHost({ document });
    const before = await target(first);
    first.close();
    const second = await openHost({ document });
    const now = await target(second);
    assert.equal(now.documentKey, before.documentKey);
    assert.equal(now.layerKey, before.layerKey);
    second.close();
  });

  it("keeps the document's key when the first edit is undone", async () => {
    const document = new FigmaDocument();
    document.select(document.addPicture(photo(120, 80).png));
    const opened = await openHost({ document });
    const before = await target(opened);
    await place(opened, patch("v1", RECT));
    opened.undo();
    assert.equal((await target(opened)).documentKey, before.documentKey);
    opened.close();
  });

  it("is another layer when it was copied, the same when it was cut and pasted", async () => {
    const document = new FigmaDocument();
    const id = document.addPicture(photo(120, 80).png);
    document.select(id);
    const opened = await openHost({ document });
    await place(opened, patch("v1", RECT), { as: "merge" });
    const key = (await target(opened)).layerKey;
    let copy = "";
    document.byHand((store) => (copy = store.copy(id, "0:1").id));
    document.select(copy);
    assert.equal((await target(opened)).layerKey, copy);
    document.byHand((store) => store.remove(id));
    assert.equal((await target(opened)).layerKey, key);
    opened.close();
  });
});

describe("what is shown", () => {
  async function edited() {
    const document = new FigmaDocument();
    const id = document.addPicture(photo(120, 80).png);
    document.select(id);
    const opened = await openHost({ document });
    await place(opened, patch("v1", RECT));
    return { document, id, opened, node: document.patches()[0]!.id };
  }

  it("is read exactly: the source, and the patches over it", async () => {
    const { opened } = await edited();
    const now = await target(opened);
    const { data } = await opened.host.pixels(now, { x0: 0, y0: 0, x1: 120, y1: 80 });
    const { pixels, mask } = patch("v1", RECT);
    const image = photo(120, 80).data;
    for (let y = 0; y < 80; y++) {
      for (let x = 0; x < 120; x++) {
        const inside = x >= 30 && x < 90 && y >= 20 && y < 70;
        const from = (y - 20) * 60 + x - 30;
        const isPatch = inside && mask!.data[from]! > 0;
        for (let c = 0; c < 3; c++) {
          const wanted = isPatch ? pixels.data[from * 3 + c] : image[(y * 120 + x) * 3 + c];
          assert.equal(data[(y * 120 + x) * 3 + c], wanted);
        }
      }
    }
    opened.close();
  });

  it("is a patch no more when it is hidden, faded, moved or deleted by hand", async () => {
    const hands: ((node: { visible: boolean; opacity: number; transform: unknown }) => void)[] = [
      (node) => (node.visible = false),
      (node) => (node.opacity = 0.5),
      (node) =>
        (node.transform = [
          [1, 0, 33],
          [0, 1, 19],
        ]),
    ];
    for (const hand of hands) {
      const { document, opened, node } = await edited();
      const before = await target(opened);
      document.byHand((store) => hand(store.get(node)));
      const now = await target(opened);
      assert.deepEqual(now.shown, []);
      assert.notEqual(now.revision, before.revision);
      opened.close();
    }
    const { document, opened, node } = await edited();
    document.byHand((store) => store.remove(node));
    assert.deepEqual((await target(opened)).shown, []);
    opened.close();
  });

  it("goes along when image and patch are moved or scaled together", async () => {
    const { document, opened, node, id } = await edited();
    document.byHand((store) => {
      for (const one of [id, node]) {
        const state = store.get(one);
        state.width *= 2;
        state.height *= 2;
        state.transform = [
          [1, 0, state.transform[0][2] * 2 + 7],
          [0, 1, state.transform[1][2] * 2 + 9],
        ];
      }
    });
    assert.deepEqual((await target(opened)).shown, [{ version_id: "v1", parent_id: "source" }]);
    opened.close();
  });

  it("of a copy with its patches are the pixels, not the versions, which are the original's", async () => {
    const { document, opened, node, id } = await edited();
    let copy = "";
    document.byHand((store) => {
      const group = store.make("GROUP", "0:1");
      copy = store.copy(id, group.id).id;
      store.copy(node, group.id);
    });
    const original = await target(opened);
    const whole = { x0: 0, y0: 0, x1: 120, y1: 80 };
    const wanted = await opened.host.pixels(original, whole);
    document.select(copy);
    const now = await target(opened);
    assert.equal(now.layerKey, copy);
    assert.deepEqual(now.shown, []);
    assert.deepEqual((await opened.host.pixels(now, whole)).data, wanted.data);
    opened.close();
  });

  it("is told when the selection or the layer changes, not for what the plugin looks at", async () => {
    const { document, opened, id } = await edited();
    await new Promise((resolve) => setTimeout(resolve, 500));
    let told = 0;
    const stop = opened.host.watch(() => told++);
    const wait = () => new Promise((resolve) => setTimeout(resolve, 250));
    document.select();
    await wait();
    assert.equal(told, 1);
    document.byHand((store) => (store.get(id).name = "Other"));
    await wait();
    assert.equal(told, 2);
    const mark = document.add("ELLIPSE", { width: 40, height: 40 });
    document.select(id, mark);
    await wait();
    const now = await target(opened);
    told = 0;
    await opened.host.mask(now, now.masks[0]!);
    await opened.host.preview(now, patch("v", RECT).pixels, 1);
    await opened.host.preview(now, null, 1);
    await wait();
    assert.equal(told, 0);
    stop();
    document.select();
    await wait();
    assert.equal(told, 0);
    opened.close();
  });

  it("offers Inlay's commands on edited layers", async () => {
    const { document, id, opened } = await edited();
    assert.deepEqual(Object.keys(document.store.get(id).relaunch), ["edit", "undo", "history"]);
    opened.close();
  });
});
