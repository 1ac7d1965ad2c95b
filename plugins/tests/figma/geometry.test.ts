/** Image px ↔ node ↔ page: there and back within half a pixel, for every way in which an image fill can lie. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Affine, apply, chain, distance, inverse, mapBox } from "../../figma/src/shared/affine.ts";
import { cropFor, type ImageFit, imageToNode, repeats, sizeBox, visiblePart } from "../../figma/src/shared/fit.ts";
import { regrow } from "../../figma/src/shared/regrow.ts";

const side = fc.integer({ min: 1, max: 4096 });
const imageSize = fc.record({ width: side, height: side });
const units = fc.double({ min: 8, max: 3000, noNaN: true });
const nodeSize = fc.record({ width: units, height: units });
const quarters = fc.constantFrom(0, 90, 180, 270, -90, 360);

/** Crops as people make them: a part of the image, or more than it, perhaps turned. */
const crop = fc
  .record({
    x: fc.double({ min: -0.5, max: 0.9, noNaN: true }),
    y: fc.double({ min: -0.5, max: 0.9, noNaN: true }),
    width: fc.double({ min: 0.05, max: 2, noNaN: true }),
    height: fc.double({ min: 0.05, max: 2, noNaN: true }),
    turn: fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }),
  })
  .map(({ x, y, width, height, turn }): Affine => {
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    return [
      [width * cos, -height * sin, x],
      [width * sin, height * cos, y],
    ];
  });

const fit: fc.Arbitrary<ImageFit> = fc.oneof(
  fc.record({ scaleMode: fc.constant("FILL" as const), rotation: quarters }),
  fc.record({ scaleMode: fc.constant("FIT" as const), rotation: quarters }),
  fc.record({ scaleMode: fc.constant("CROP" as const), imageTransform: crop }),
  fc.record({
    scaleMode: fc.constant("TILE" as const),
    rotation: quarters,
    scalingFactor: fc.double({ min: 0.05, max: 4, noNaN: true }),
  }),
);

/** Nested frames: turned, flipped, moved, one in another; kept as 32 bit floats, as Figma does. */
const nested = fc
  .array(
    fc.record({
      turn: fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }),
      flip: fc.boolean(),
      x: fc.double({ min: -2000, max: 2000, noNaN: true }),
      y: fc.double({ min: -2000, max: 2000, noNaN: true }),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((frames) =>
    chain(
      ...frames.map(({ turn, flip, x, y }): Affine => {
        const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
        const by = flip ? -1 : 1;
        return [
          [Math.fround(by * cos), Math.fround(-sin), Math.fround(x)],
          [Math.fround(by * sin), Math.fround(cos), Math.fround(y)],
        ];
      }),
    ),
  );

const unit = fc.double({ min: 0, max: 1, noNaN: true });

describe("where an image's pixels are", () => {
  it("comes back to the same pixel from the page, in every mode, turned, flipped and nested", () => {
    fc.assert(
      fc.property(fit, imageSize, nodeSize, nested, unit, unit, (how, image, node, frames, u, v) => {
        const toPage = chain(frames, imageToNode(how, image, node));
        const pixel = { x: u * image.width, y: v * image.height };
        const back = apply(inverse(toPage), apply(toPage, pixel));
        assert.ok(Math.hypot(back.x - pixel.x, back.y - pixel.y) < 0.5);
      }),
      { numRuns: 500 },
    );
  });

  it("comes back to the same place of the page from the image", () => {
    fc.assert(
      fc.property(fit, imageSize, nodeSize, nested, unit, unit, (how, image, node, frames, u, v) => {
        const toPage = chain(frames, imageToNode(how, image, node));
        const place = apply(frames, { x: u * node.width, y: v * node.height });
        const there = apply(toPage, apply(inverse(toPage), place));
        assert.ok(Math.hypot(there.x - place.x, there.y - place.y) < 0.01);
      }),
    );
  });

  it("is the same when what a fill shows is written as a crop", () => {
    fc.assert(
      fc.property(fit, imageSize, nodeSize, (how, image, node) => {
        const map = imageToNode(how, image, node);
        const crop: ImageFit = { scaleMode: "CROP", imageTransform: cropFor(map, image, node) };
        const scale = Math.max(1, Math.hypot(map[0][0], map[1][0]), Math.hypot(map[0][1], map[1][1]));
        assert.ok(distance(imageToNode(crop, image, node), map, sizeBox(image)) < 1e-3 * scale);
      }),
    );
  });

  it("covers the node with FILL, keeps within it with FIT, and centres both", () => {
    fc.assert(
      fc.property(imageSize, nodeSize, quarters, (image, node, rotation) => {
        const [fill, fits] = (["FILL", "FIT"] as const).map((scaleMode) =>
          mapBox(imageToNode({ scaleMode, rotation }, image, node), sizeBox(image)),
        );
        assert.ok(
          fill!.x0 <= 1e-6 && fill!.y0 <= 1e-6 && fill!.x1 >= node.width - 1e-6 && fill!.y1 >= node.height - 1e-6,
        );
        assert.ok(
          fits!.x0 >= -1e-6 && fits!.y0 >= -1e-6 && fits!.x1 <= node.width + 1e-6 && fits!.y1 <= node.height + 1e-6,
        );
        for (const box of [fill!, fits!]) assert.ok(Math.abs(box.x0 + box.x1 - node.width) < 1e-6 * node.width + 1e-6);
      }),
    );
  });

  it("turns the image clockwise: its upper left corner goes to the upper right", () => {
    const map = imageToNode({ scaleMode: "FILL", rotation: 90 }, { width: 40, height: 20 }, { width: 20, height: 40 });
    assert.deepEqual(apply(map, { x: 0, y: 0 }), { x: 20, y: 0 });
    assert.deepEqual(apply(map, { x: 40, y: 0 }), { x: 20, y: 40 });
  });

  it("repeats tiles until the node is covered", () => {
    fc.assert(
      fc.property(imageSize, nodeSize, quarters, (image, node, rotation) => {
        const scalingFactor = Math.max(node.width, node.height) / (6 * Math.min(image.width, image.height));
        const tiles = repeats({ scaleMode: "TILE", rotation, scalingFactor }, image, node);
        const boxes = tiles.map((map) => mapBox(map, sizeBox(image)));
        assert.ok(Math.max(...boxes.map((box) => box.x1)) >= node.width - 1e-3);
        assert.ok(Math.max(...boxes.map((box) => box.y1)) >= node.height - 1e-3);
        const area = boxes.reduce((sum, box) => sum + (box.x1 - box.x0) * (box.y1 - box.y0), 0);
        const whole = { x: Math.max(...boxes.map((box) => box.x1)), y: Math.max(...boxes.map((box) => box.y1)) };
        assert.ok(Math.abs(area - whole.x * whole.y) < 1e-6 * area);
      }),
    );
  });

  it("sees of a filled node what the crop leaves", () => {
    const seen = visiblePart({ scaleMode: "FILL" }, { width: 400, height: 100 }, { width: 100, height: 100 });
    assert.deepEqual(seen, { x0: 150, y0: 0, x1: 250, y1: 100 });
  });
});

describe("a layer that gets another size", () => {
  it("keeps every old pixel where it was on the page", () => {
    const change = fc.record({
      left: fc.integer({ min: 0, max: 500 }),
      top: fc.integer({ min: 0, max: 500 }),
      right: fc.integer({ min: 0, max: 500 }),
      bottom: fc.integer({ min: 0, max: 500 }),
      scale: fc.constantFrom(1, 2, 4),
    });
    const upright = fit.filter((how) => how.scaleMode !== "TILE" || (how.rotation ?? 0) % 360 === 0);
    fc.assert(
      fc.property(upright, imageSize, nodeSize, change, unit, unit, (how, image, node, by, u, v) => {
        const size = {
          width: by.left + by.right + by.scale * image.width,
          height: by.top + by.bottom + by.scale * image.height,
        };
        const grown = regrow(how, image, node, { size, x0: by.left, y0: by.top, scale: by.scale });
        const own = { width: grown.box.x1 - grown.box.x0, height: grown.box.y1 - grown.box.y0 };
        const pixel = { x: u * image.width, y: v * image.height };
        const was = apply(imageToNode(how, image, node), pixel);
        const now = apply(imageToNode(grown.fit, size, own), {
          x: by.left + by.scale * pixel.x,
          y: by.top + by.scale * pixel.y,
        });
        const map = imageToNode(how, image, node);
        const px = Math.max(Math.hypot(map[0][0], map[1][0]), Math.hypot(map[0][1], map[1][1]));
        const off = Math.hypot(now.x + grown.box.x0 - was.x, now.y + grown.box.y0 - was.y);
        assert.ok(off < 0.5 * px + 1e-6, `${off} units off, a pixel is ${px}`);
      }),
      { numRuns: 500 },
    );
  });

  it("stays a FILL when the whole image was and is shown", () => {
    const grown = regrow(
      { scaleMode: "FILL" },
      { width: 300, height: 200 },
      { width: 150, height: 100 },
      {
        size: { width: 400, height: 200 },
        x0: 50,
        y0: 0,
        scale: 1,
      },
    );
    assert.deepEqual(grown, { fit: { scaleMode: "FILL" }, box: { x0: -25, y0: 0, x1: 175, y1: 100 }, moved: false });
  });

  it("changes nothing but the image when it is upscaled", () => {
    const change = { size: { width: 1200, height: 800 }, x0: 0, y0: 0, scale: 4 };
    for (const how of [{ scaleMode: "FILL" }, { scaleMode: "FIT" }] as const) {
      const grown = regrow(how, { width: 300, height: 200 }, { width: 100, height: 100 }, change);
      assert.deepEqual(grown, { fit: how, box: { x0: 0, y0: 0, x1: 100, y1: 100 }, moved: false });
    }
  });
});
