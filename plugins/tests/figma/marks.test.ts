/** The shapes that an edit was sent with are hidden when its result lands; no others are, whatever was looked at. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HostError } from "../../shared/src/host.ts";
import { FigmaDocument } from "../hosts/figma/document.ts";
import { openHost } from "../hosts/figma/open.ts";
import { patch, photo, place, target } from "./support.ts";

const BLACK = [{ type: "SOLID", color: { r: 0, g: 0, b: 0 } }] as const;
const RECT = { x0: 0, y0: 0, x1: 40, y1: 40 };

/** A photograph with two buttons over it, of which the first is selected with it. */
async function open() {
  const document = new FigmaDocument();
  const id = document.addPicture(photo(120, 80).png);
  const button = (x: number) =>
    document.add("ELLIPSE", {
      width: 40,
      height: 40,
      fills: BLACK,
      transform: [
        [1, 0, x],
        [0, 1, 0],
      ],
    });
  const [one, other] = [button(0), button(60)];
  document.select(id, one);
  const opened = await openHost({ document });
  return {
    document,
    opened,
    id,
    one,
    other,
    /** Whether each of the two is visible. */
    seen: () => [document.store.get(one).visible, document.store.get(other).visible],
    /** What the panel does: it shows the mask that is offered first. */
    look: async () => {
      const now = await target(opened);
      const source = now.masks[0]!;
      const mask = await opened.host.mask(now, source);
      return { now, source, mask };
    },
  };
}

/** An edit begins with what is marked now. */
async function begin({ opened, look }: Awaited<ReturnType<typeof open>>) {
  const { now, source } = await look();
  opened.host.edits(now, source);
  return now;
}

describe("the shapes that marked the place", () => {
  it("are hidden when the result is there, and come back with undo", async () => {
    const at = await open();
    await begin(at);
    const notes = await place(at.opened, patch("v1", RECT));
    assert.deepEqual(notes, ["The shape that marked the place is hidden."]);
    assert.deepEqual(at.seen(), [false, true]);
    assert.deepEqual(
      (await target(at.opened)).masks.map((source) => source.kind),
      ["whole", "brush"],
    );
    at.opened.undo();
    assert.deepEqual(at.seen(), [true, true]);
    at.opened.close();
  });

  it("are hidden as long as a version is shown that they marked, merged or not", async () => {
    for (const as of ["layer", "merge"] as const) {
      const at = await open();
      const { opened, seen } = at;
      await begin(at);
      await place(opened, patch("v1", RECT), { as });
      assert.deepEqual(seen(), [false, true]);
      // Another candidate instead of it.
      await place(opened, patch("v2", RECT), { as, remove: ["v1"] });
      assert.deepEqual(seen(), [false, true]);
      await place(opened, null, { remove: ["v2"] });
      assert.deepEqual(seen(), [true, true]);
      // Brought back.
      await place(opened, patch("v2", RECT), { as });
      assert.deepEqual(seen(), [false, true]);
      opened.close();
    }
  });

  it("stay when they were only looked at and the whole image was edited", async () => {
    const { opened, document, id, seen, look } = await open();
    await look();
    document.select(id);
    const { now, source } = await look();
    assert.equal(source.kind, "whole");
    opened.host.edits(now, null);
    assert.deepEqual(await place(opened, patch("v1", RECT)), []);
    assert.deepEqual(seen(), [true, true]);
    opened.close();
  });

  it("stay when no edit was begun, as for a version from the history", async () => {
    const { opened, seen, look } = await open();
    await look();
    assert.deepEqual(await place(opened, patch("v1", RECT)), []);
    assert.deepEqual(seen(), [true, true]);
    opened.close();
  });

  it("are those of the edit when others are selected while it runs", async () => {
    const at = await open();
    const { opened, document, id, other, seen, look } = at;
    await begin(at);
    document.select(id, other);
    await look();
    await place(opened, patch("v1", RECT));
    assert.deepEqual(seen(), [false, true]);
    opened.close();
  });

  it("give the mask that was offered, even when others are selected by then", async () => {
    const { opened, document, id, other, look } = await open();
    const { now, source, mask } = await look();
    document.select(id, other);
    assert.deepEqual(mask!.rect_px, RECT);
    assert.deepEqual((await opened.host.mask(now, source))!.rect_px, RECT);
    opened.close();
  });

  it("wait for the result through undo and redo of other versions", async () => {
    const at = await open();
    const { opened, seen } = at;
    await place(opened, patch("v1", RECT));
    await begin(at);
    await place(opened, null, { remove: ["v1"] });
    await place(opened, patch("v1", RECT));
    assert.deepEqual(seen(), [true, true]);
    await place(opened, patch("v2", RECT, { parent_id: "v1" }));
    assert.deepEqual(seen(), [false, true]);
    opened.close();
  });

  it("wait for their own image's result", async () => {
    const at = await open();
    const { opened, document, id, one, seen } = at;
    await begin(at);
    document.select(document.addPicture(photo(60, 40).png));
    await place(opened, patch("v1", { x0: 0, y0: 0, x1: 20, y1: 20 }));
    assert.deepEqual(seen(), [true, true]);
    document.select(id, one);
    await place(opened, patch("v2", RECT));
    assert.deepEqual(seen(), [false, true]);
    opened.close();
  });

  it("are hidden when a result that Figma refused is applied later", async () => {
    const at = await open();
    const { opened, seen } = at;
    const before = await begin(at);
    const placement = { name: "Inlay: test", remove: [], put: patch("v1", RECT), as: "layer", native: true } as const;
    const stale = { ...before, revision: "another" };
    await assert.rejects(
      opened.host.place(stale, placement),
      (error) => error instanceof HostError && error.code === "changed",
    );
    assert.deepEqual(seen(), [true, true]);
    await place(opened, patch("v1", RECT));
    assert.deepEqual(seen(), [false, true]);
    opened.close();
  });

  it("are those of the last edit when one before it came to nothing", async () => {
    const at = await open();
    const { opened, document, id, other, seen } = at;
    await begin(at);
    document.select(id, other);
    await begin(at);
    await place(opened, patch("v1", RECT));
    assert.deepEqual(seen(), [true, false]);
    await place(opened, patch("v2", RECT, { parent_id: "v1" }));
    assert.deepEqual(seen(), [true, false], "only its own result");
    opened.close();
  });

  it("stay when the edit ended with nothing", async () => {
    const at = await open();
    const now = await begin(at);
    at.opened.host.edits(now, null);
    await place(at.opened, patch("v1", RECT));
    assert.deepEqual(at.seen(), [true, true]);
    at.opened.close();
  });

  it("are not shown again when a person hid them while the edit ran", async () => {
    const at = await open();
    const { opened, document, one, seen } = at;
    await begin(at);
    document.store.get(one).visible = false;
    assert.deepEqual(await place(opened, patch("v1", RECT)), []);
    await place(opened, null, { remove: ["v1"] });
    assert.deepEqual(seen(), [false, true]);
    opened.close();
  });
});
