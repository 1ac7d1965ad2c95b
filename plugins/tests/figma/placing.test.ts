/** A patch lands pixel on pixel, however the image lies; all else of the page stays as it was. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Affine } from "../../figma/src/shared/affine.ts";
import { FigmaDocument } from "../hosts/figma/document.ts";
import { openHost } from "../hosts/figma/open.ts";
import type { NodeState } from "../hosts/figma/store.ts";
import { different, pageWith, patch, patched, photo, place, target } from "./support.ts";

const [WIDTH, HEIGHT] = [120, 80];
const RECT = { x0: 30, y0: 20, x1: 90, y1: 70 };
const PAGE_BOX = { x0: -150, y0: -150, x1: 450, y1: 450 };

const turn = (degrees: number, x: number, y: number, flip = false): Affine => {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const by = flip ? -1 : 1;
  return [
    [by * cos, -sin, x],
    [by * sin, cos, y],
  ];
};

type Fields = Partial<NodeState> & { readonly paint?: object };

const SCALED: Affine = [
  [0.5, 0, 0.25],
  [0, 0.8, 0.1],
];
// Odd numbers: with round ones page pixels fall right between two image pixels, and either is right.
const TURNED: Affine = [
  [0.8137, -0.3071, 0.2013],
  [0.3119, 0.7933, -0.0517],
];

/** What it is called, how the node lies, how many page pixels may differ (where a turned edge meets a pixel's middle). */
const CASES: readonly (readonly [string, Fields, number])[] = [
  ["FILL that shows all of it", {}, 0],
  ["FILL at twice its size", { width: 240, height: 160 }, 0],
  ["FILL that crops left and right", { width: 80, height: 160 }, 0],
  ["FILL at an odd scale", { width: 171.3, height: 99.7 }, 0],
  ["FIT with bars", { width: 200, height: 100, paint: { scaleMode: "FIT" } }, 0],
  ["CROP that stretches", { width: 200, height: 200, paint: { scaleMode: "CROP", imageTransform: SCALED } }, 0],
  ["CROP that is turned", { width: 150, height: 150, paint: { scaleMode: "CROP", imageTransform: TURNED } }, 8],
  ["TILE", { width: 200, height: 170, paint: { scaleMode: "TILE", scalingFactor: 0.5 } }, 0],
  ["TILE of one repetition", { width: 100, height: 70, paint: { scaleMode: "TILE", scalingFactor: 1 } }, 0],
  ["FILL turned by a quarter", { width: 80, height: 120, paint: { rotation: 90 } }, 0],
  ["FIT turned by two quarters", { width: 150, height: 80, paint: { scaleMode: "FIT", rotation: 180 } }, 0],
  ["FILL turned by three quarters", { width: 160, height: 120, paint: { rotation: 270 } }, 0],
  ["a node turned by 30 degrees", { transform: turn(30, 100, 100) }, 8],
  ["a node turned by 90 degrees", { transform: turn(90, 200, 100) }, 0],
  ["a flipped node", { transform: turn(0, 220, 40, true) }, 0],
  ["a flipped and turned node", { transform: turn(200, 220, 140, true), width: 240, height: 160 }, 8],
];

describe("a patch as a layer above the image", () => {
  for (const [name, fields, most] of CASES) {
    it(`is exact with ${name}`, async () => {
      const document = new FigmaDocument();
      document.add("RECTANGLE", {
        width: 500,
        height: 500,
        fills: [{ type: "SOLID", color: { r: 0.2, g: 0.5, b: 0.3 } }],
      });
      const image = photo(WIDTH, HEIGHT);
      const id = document.addPicture(image.png, { x: 40, y: 30, ...fields });
      document.select(id);
      const opened = await openHost({ document });
      const put = patch("v1", RECT);
      assert.deepEqual(await place(opened, put), []);
      assert.deepEqual(opened.main.errors, []);
      const wanted = await pageWith(document, id, patched(image, WIDTH, [put]), PAGE_BOX);
      const before = await pageWith(document, id, image.png, PAGE_BOX);
      const now = await document.pixels(PAGE_BOX);
      assert.ok(different(before, wanted) > 300, "the patch can be seen");
      assert.ok(different(now, wanted) <= most, `${different(now, wanted)} pixels differ`);
      assert.deepEqual((await target(opened)).shown, [{ version_id: "v1", parent_id: "source" }]);
      opened.close();
    });
  }

  it("is exact in frames that are turned, flipped and lie in one another", async () => {
    const document = new FigmaDocument();
    const outer = document.add("FRAME", { width: 300, height: 300, transform: turn(90, 300, 10), clipsContent: false });
    const inner = document.add("FRAME", { width: 200, height: 200, transform: turn(0, 210, 20, true) }, outer);
    const group = document.add("GROUP", {}, inner);
    const image = photo(WIDTH, HEIGHT);
    const id = document.addPicture(image.png, { transform: turn(180, 150, 120) }, group);
    document.select(id);
    const opened = await openHost({ document });
    const put = patch("v1", RECT);
    await place(opened, put);
    const wanted = await pageWith(document, id, patched(image, WIDTH, [put]), PAGE_BOX);
    assert.equal(different(await document.pixels(PAGE_BOX), wanted), 0);
    assert.equal(document.patches()[0]!.parent, group);
    opened.close();
  });

  it("follows the outline of rounded corners and ellipses", async () => {
    for (const type of ["RECTANGLE", "ELLIPSE"] as const) {
      const document = new FigmaDocument();
      const image = photo(WIDTH, HEIGHT);
      const radii: NodeState["radii"] = type === "RECTANGLE" ? [40, 10, 40, 0] : [0, 0, 0, 0];
      const id = document.addPicture(image.png, { radii }, undefined, type);
      document.select(id);
      const opened = await openHost({ document });
      const put = patch("v1", { x0: 0, y0: 0, x1: WIDTH, y1: HEIGHT }, { mask: null });
      await place(opened, put);
      const wanted = await pageWith(document, id, patched(image, WIDTH, [put]), PAGE_BOX);
      const now = await document.pixels(PAGE_BOX);
      // Along the outline both are drawn half transparent, one over the other.
      assert.ok(different(now, wanted, 0) < 400);
      const outside = (x: number, y: number) => now.data[((y + 150) * now.width + x + 150) * 4 + 3];
      assert.equal(outside(1, 1), 0);
      assert.equal(outside(WIDTH / 2, HEIGHT / 2), 255);
      opened.close();
    }
  });

  it("lies in a frame whose fill the image is, below what the frame holds", async () => {
    const document = new FigmaDocument();
    const image = photo(WIDTH, HEIGHT);
    const id = document.addPicture(image.png, { x: 10, y: 10 }, undefined, "FRAME");
    const label = document.add(
      "RECTANGLE",
      { width: 50, height: 50, fills: [{ type: "SOLID", color: { r: 1, g: 0, b: 0 } }] },
      id,
    );
    document.select(id);
    const opened = await openHost({ document });
    const put = patch("v1", RECT);
    await place(opened, put);
    await place(opened, patch("v2", { x0: 0, y0: 0, x1: 40, y1: 40 }, { parent_id: "v1" }));
    assert.deepEqual(document.store.get(id).children, [...document.patches().map((one) => one.id), label]);
    const both = [put, patch("v2", { x0: 0, y0: 0, x1: 40, y1: 40 })];
    const wanted = await pageWith(document, id, patched(image, WIDTH, both), PAGE_BOX);
    assert.equal(different(await document.pixels(PAGE_BOX), wanted), 0);
    opened.close();
  });

  it("takes no part in an auto layout", async () => {
    const document = new FigmaDocument();
    const frame = document.add("FRAME", {
      width: 400,
      height: 120,
      layoutMode: "HORIZONTAL",
      padding: 12,
      itemSpacing: 9,
    });
    const image = photo(WIDTH, HEIGHT);
    const left = document.add(
      "RECTANGLE",
      { width: 40, height: 40, fills: [{ type: "SOLID", color: { r: 1, g: 0, b: 0 } }] },
      frame,
    );
    const id = document.addPicture(image.png, {}, frame);
    const right = document.add(
      "RECTANGLE",
      { width: 40, height: 40, fills: [{ type: "SOLID", color: { r: 0, g: 0, b: 1 } }] },
      frame,
    );
    const places = [left, id, right].map((one) => structuredClone(document.store.get(one).transform));
    document.select(id);
    const opened = await openHost({ document });
    const put = patch("v1", RECT);
    await place(opened, put);
    const wanted = await pageWith(document, id, patched(image, WIDTH, [put]), PAGE_BOX);
    assert.equal(different(await document.pixels(PAGE_BOX), wanted), 0);
    assert.deepEqual(
      [left, id, right].map((one) => document.store.get(one).transform),
      places,
    );
    opened.close();
  });

  it("lies right above the image and earlier patches, below what was above them", async () => {
    const document = new FigmaDocument();
    const image = photo(WIDTH, HEIGHT);
    const id = document.addPicture(image.png);
    const above = document.add("RECTANGLE", {
      width: 20,
      height: 20,
      fills: [{ type: "SOLID", color: { r: 1, g: 1, b: 0 } }],
    });
    document.select(id);
    const opened = await openHost({ document });
    await place(opened, patch("v1", RECT));
    await place(opened, patch("v2", { x0: 0, y0: 0, x1: 50, y1: 50 }, { parent_id: "v1" }));
    const order = document.store.get("0:1").children;
    const [first, second] = document.patches();
    assert.deepEqual(order, [id, first!.id, second!.id, above]);
    assert.deepEqual(
      (await target(opened)).shown.map((shown) => shown.version_id),
      ["v1", "v2"],
    );
    opened.close();
  });

  it("is several rectangles in a group where it is larger than Figma takes", async () => {
    const document = new FigmaDocument();
    const image = photo(5000, 40);
    const id = document.addPicture(image.png, { width: 5000, height: 40 });
    document.select(id);
    const opened = await openHost({ document });
    const rect = { x0: 10, y0: 5, x1: 4990, y1: 35 };
    const put = patch("v1", rect);
    await place(opened, put);
    const [group] = document.patches();
    assert.equal(group!.type, "GROUP");
    assert.equal(group!.children.length, 2);
    const box = { x0: 0, y0: 0, x1: 5000, y1: 40 };
    const wanted = await pageWith(document, id, patched(image, 5000, [put]), box);
    assert.equal(different(await document.pixels(box), wanted), 0);
    assert.deepEqual((await target(opened)).shown, [{ version_id: "v1", parent_id: "source" }]);
    opened.close();
  });
});
