/** What is drawn over the image and selected with it becomes the mask, in the image's own pixels. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Mask } from "../../shared/src/pixels/raster.ts";
import { widthOf } from "../../shared/src/pixels/rect.ts";
import { FigmaDocument } from "../hosts/figma/document.ts";
import { openHost } from "../hosts/figma/open.ts";
import type { Kind, NodeState } from "../hosts/figma/store.ts";
import { photo, target } from "./support.ts";

const BLACK = [{ type: "SOLID", color: { r: 0, g: 0, b: 0 } }] as const;

type Fields = Partial<NodeState> & { x?: number; y?: number; paint?: object };

/** An image, a shape over it, both selected: the mask. */
async function maskOf(image: Fields, kind: Kind, shape: Fields): Promise<{ mask: Mask | null; label: string }> {
  const document = new FigmaDocument();
  const id = document.addPicture(photo(120, 80).png, image);
  const { x = 0, y = 0, ...fields } = shape;
  const mark = document.add(kind, {
    transform: [
      [1, 0, x],
      [0, 1, y],
    ],
    fills: BLACK,
    ...fields,
  });
  document.select(id, mark);
  const opened = await openHost({ document });
  const before = JSON.stringify([...document.store.nodes.values()].filter((node) => node.type !== "DOCUMENT"));
  const now = await target(opened);
  const source = now.masks[0]!;
  assert.equal(source.kind, "shapes");
  const mask = await opened.host.mask(now, source);
  const after = JSON.stringify([...document.store.nodes.values()].filter((node) => node.type !== "DOCUMENT"));
  assert.equal(after, before, "looking changes nothing");
  assert.deepEqual(opened.main.errors, []);
  opened.close();
  return { mask, label: source.label };
}

const at = (mask: Mask, x: number, y: number) => {
  const { rect_px, data } = mask;
  const inside = x >= rect_px.x0 && y >= rect_px.y0 && x < rect_px.x1 && y < rect_px.y1;
  return inside ? data[(y - rect_px.y0) * widthOf(rect_px) + x - rect_px.x0] : 0;
};

describe("a mask drawn in Figma", () => {
  it("is a rectangle to the pixel", async () => {
    const { mask, label } = await maskOf({ x: 10, y: 10 }, "RECTANGLE", { x: 30, y: 20, width: 40, height: 30 });
    assert.equal(label, "1 shape over the image");
    assert.deepEqual(mask!.rect_px, { x0: 20, y0: 10, x1: 60, y1: 40 });
    assert.ok(mask!.data.every((value) => value === 255));
  });

  it("is a slice, which has no look at all", async () => {
    const { mask } = await maskOf({ width: 240, height: 160 }, "SLICE", { x: 21, y: 40, width: 40, height: 20 });
    assert.deepEqual(mask!.rect_px, { x0: 10, y0: 20, x1: 31, y1: 30 });
    assert.equal(at(mask!, 10, 25), 128, "half of that pixel");
    assert.equal(at(mask!, 15, 25), 255);
  });

  it("is an ellipse, with its edge", async () => {
    const { mask } = await maskOf({}, "ELLIPSE", { x: 20, y: 20, width: 40, height: 40 });
    assert.deepEqual(mask!.rect_px, { x0: 20, y0: 20, x1: 60, y1: 60 });
    const area = mask!.data.reduce((sum, value) => sum + value / 255, 0);
    assert.ok(Math.abs(area - Math.PI * 400) < 5, `${area}`);
    assert.equal(at(mask!, 40, 40), 255);
    assert.equal(at(mask!, 21, 21), 0);
  });

  it("is a vector's inside, even if it is only an outline", async () => {
    const paths = [{ windingRule: "NONZERO", data: "M 0 0 L 40 0 L 0 40 Z" }] as const;
    const stroked = { fills: [], strokes: BLACK, strokeWeight: 1, strokeAlign: "CENTER" as const };
    for (const look of [{}, stroked]) {
      const { mask } = await maskOf({}, "VECTOR", { x: 10, y: 10, width: 40, height: 40, vectorPaths: paths, ...look });
      assert.equal(at(mask!, 15, 15), 255);
      assert.equal(at(mask!, 45, 45), 0);
    }
  });

  it("is what a faint shape covers: it was faint to see through it", async () => {
    const faint = [{ type: "SOLID", color: { r: 1, g: 0, b: 0 }, opacity: 0.3 }] as const;
    for (const look of [{ fills: faint }, { opacity: 0.3 }]) {
      const { mask } = await maskOf({}, "ELLIPSE", { x: 20, y: 20, width: 40, height: 40, ...look });
      assert.equal(at(mask!, 40, 40), 255);
    }
  });

  it("is what a faint group covers", async () => {
    const document = new FigmaDocument();
    const id = document.addPicture(photo(120, 80).png);
    const group = document.add("GROUP", { opacity: 0.4 });
    document.add("ELLIPSE", { width: 40, height: 40, fills: BLACK }, group);
    document.add(
      "RECTANGLE",
      {
        width: 10,
        height: 10,
        fills: BLACK,
        transform: [
          [1, 0, 80],
          [0, 1, 30],
        ],
      },
      group,
    );
    document.select(id, group);
    const opened = await openHost({ document });
    const now = await target(opened);
    const mask = await opened.host.mask(now, now.masks[0]!);
    assert.equal(at(mask!, 20, 20), 255);
    assert.equal(at(mask!, 85, 35), 255);
    assert.equal(at(mask!, 60, 35), 0);
    opened.close();
  });

  it("has the feather of a layer blur, and not that of a shadow", async () => {
    const effect = { type: "LAYER_BLUR", blurType: "NORMAL", radius: 10, visible: true } as never;
    const { mask } = await maskOf({}, "RECTANGLE", { x: 40, y: 20, width: 40, height: 40, effects: [effect] });
    assert.ok(at(mask!, 60, 40)! > 250);
    const edge = at(mask!, 40, 40)!;
    assert.ok(edge > 90 && edge < 170, `${edge}`);
    assert.ok(at(mask!, 36, 40)! > 0);
    const shadow = { type: "DROP_SHADOW", radius: 20, visible: true } as never;
    const plain = await maskOf({}, "ELLIPSE", { x: 40, y: 20, width: 40, height: 40, effects: [shadow] });
    assert.deepEqual(plain.mask!.rect_px, { x0: 40, y0: 20, x1: 80, y1: 60 });
  });

  it("keeps the fading of a gradient", async () => {
    const stop = (position: number, a: number) => ({ position, color: { r: 0, g: 0, b: 0, a } });
    const gradient = {
      type: "GRADIENT_LINEAR",
      gradientTransform: [
        [1, 0, 0],
        [0, 1, 0],
      ],
      gradientStops: [stop(0, 1), stop(1, 0)],
    } as const;
    const { mask } = await maskOf({}, "RECTANGLE", { x: 0, y: 0, width: 100, height: 80, fills: [gradient as never] });
    assert.ok(at(mask!, 5, 40)! > 230);
    assert.ok(Math.abs(at(mask!, 50, 40)! - 127) < 8);
    assert.ok(at(mask!, 95, 40)! < 25);
  });

  it("follows an image that is scaled, turned, flipped and cropped", async () => {
    const image: Fields = {
      width: 160,
      height: 240,
      paint: { rotation: 90 },
      transform: [
        [-1, 0, 300],
        [0, 1, 20],
      ],
    };
    // The image's pixel (x, y) is at (300 − 2·(80 − y), 20 + 2·x).
    const { mask } = await maskOf(image, "ELLIPSE", { x: 160, y: 60, width: 60, height: 40 });
    assert.deepEqual(mask!.rect_px, { x0: 20, y0: 10, x1: 40, y1: 40 });
  });

  it("is a turned rectangle's own shape", async () => {
    const cos = Math.cos(Math.PI / 4);
    const { mask } = await maskOf({}, "RECTANGLE", {
      width: 40,
      height: 40,
      transform: [
        [cos, -cos, 60],
        [cos, cos, 10],
      ],
    });
    assert.equal(at(mask!, 60, 38), 255);
    assert.equal(at(mask!, 40, 15), 0);
    const area = mask!.data.reduce((sum, value) => sum + value / 255, 0);
    assert.ok(Math.abs(area - 1600) < 20, `${area}`);
  });

  it("says about where it is before it is read", async () => {
    const document = new FigmaDocument();
    const cos = Math.cos(Math.PI / 4);
    const turn = (x: number, y: number): NodeState["transform"] => [
      [cos, -cos, x],
      [cos, cos, y],
    ];
    const id = document.addPicture(photo(120, 80).png, { transform: turn(0, 0) });
    // At (20, 10) of the image, 40 by 20.
    const mark = document.add("ELLIPSE", { width: 40, height: 20, fills: BLACK, transform: turn(10 * cos, 30 * cos) });
    document.select(id, mark);
    const opened = await openHost({ document });
    const { rect_px } = (await target(opened)).masks[0]!;
    const near = Object.values(rect_px!).map((value, index) => Math.abs(value - [20, 10, 60, 30][index]!));
    assert.ok(Math.max(...near) <= 1, JSON.stringify(rect_px));
    opened.close();
  });

  it("is the same place of the image wherever a repeated image was marked", async () => {
    const paint = { scaleMode: "TILE", scalingFactor: 1 };
    const { mask } = await maskOf({ width: 240, height: 160, paint }, "RECTANGLE", {
      x: 130,
      y: 90,
      width: 20,
      height: 10,
    });
    assert.deepEqual(mask!.rect_px, { x0: 10, y0: 10, x1: 30, y1: 20 });
  });

  it("is all shapes together", async () => {
    const document = new FigmaDocument();
    const id = document.addPicture(photo(120, 80).png);
    const one = document.add("RECTANGLE", { width: 10, height: 10, fills: BLACK });
    const two = document.add("ELLIPSE", {
      width: 10,
      height: 10,
      fills: BLACK,
      transform: [
        [1, 0, 100],
        [0, 1, 60],
      ],
    });
    const far = document.add("RECTANGLE", {
      width: 10,
      height: 10,
      fills: BLACK,
      transform: [
        [1, 0, 900],
        [0, 1, 0],
      ],
    });
    document.select(id, one, two, far);
    const opened = await openHost({ document });
    const now = await target(opened);
    assert.equal(now.masks[0]!.label, "2 shapes over the image");
    const mask = await opened.host.mask(now, now.masks[0]!);
    assert.deepEqual(mask!.rect_px, { x0: 0, y0: 0, x1: 110, y1: 70 });
    opened.close();
  });
});
