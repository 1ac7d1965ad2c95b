/** Wherever an image may lie, its patch lies there too: a property, over documents as they come. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ImagePaint } from "@figma/plugin-typings/plugin-api-standalone";
import fc from "fast-check";
import { type Affine, apply, chain, distance, inverse, translation } from "../../figma/src/shared/affine.ts";
import { imageToNode, repeats, sizeBox } from "../../figma/src/shared/fit.ts";
import { FigmaDocument } from "../hosts/figma/document.ts";
import { openHost } from "../hosts/figma/open.ts";
import { absoluteOf } from "../hosts/figma/space.ts";
import type { Kind, NodeState } from "../hosts/figma/store.ts";
import { patch, photo, place } from "./support.ts";

const IMAGE = { width: 60, height: 40 };
const png = photo(IMAGE.width, IMAGE.height).png;

const turned = fc
  .record({
    turn: fc.oneof(fc.constantFrom(0, 90, 180, 270), fc.integer({ min: 0, max: 359 })),
    flip: fc.boolean(),
    x: fc.integer({ min: -900, max: 900 }),
    y: fc.double({ min: -900, max: 900, noNaN: true }),
  })
  .map(({ turn, flip, x, y }): Affine => {
    const [cos, sin] = [Math.cos((turn * Math.PI) / 180), Math.sin((turn * Math.PI) / 180)];
    const by = flip ? -1 : 1;
    return [
      [by * cos, -sin, x],
      [by * sin, cos, y],
    ];
  });

const fill = fc.oneof(
  fc.record({
    scaleMode: fc.constantFrom("FILL" as const, "FIT" as const),
    rotation: fc.constantFrom(0, 90, 180, 270),
  }),
  fc
    .record({
      a: fc.double({ min: 0.2, max: 1.5, noNaN: true }),
      d: fc.double({ min: 0.2, max: 1.5, noNaN: true }),
      b: fc.double({ min: -0.3, max: 0.3, noNaN: true }),
      e: fc.double({ min: -0.2, max: 0.5, noNaN: true }),
    })
    .map(({ a, b, d, e }) => ({
      scaleMode: "CROP" as const,
      imageTransform: [
        [a, b, e],
        [-b, d, e / 2],
      ] as Affine,
    })),
  fc.record({
    scaleMode: fc.constant("TILE" as const),
    scalingFactor: fc.double({ min: 0.3, max: 5, noNaN: true }),
    rotation: fc.constantFrom(0, 90, 180, 270),
  }),
);

const scene = fc.record({
  frame: turned,
  own: turned,
  width: fc.double({ min: 10, max: 400, noNaN: true }),
  height: fc.double({ min: 10, max: 400, noNaN: true }),
  fill,
  kind: fc.constantFrom<Kind>("RECTANGLE", "FRAME", "ELLIPSE"),
  radius: fc.constantFrom(0, 0, 8),
  corner: fc.record({ x: fc.integer({ min: 0, max: 50 }), y: fc.integer({ min: 0, max: 30 }) }),
});

/** px of the patch's picture → page, as the document says. */
function pictureToPage(
  document: FigmaDocument,
  node: NodeState,
): { map: Affine; size: { width: number; height: number }; x: number; y: number } {
  const piece = JSON.parse(node.shared["inlay/piece"]!) as { x: number; y: number; width: number; height: number };
  const size = { width: piece.width, height: piece.height };
  const paint = node.fills[0] as ImagePaint;
  return { map: chain(absoluteOf(document.store, node), imageToNode(paint, size, node)), size, ...piece };
}

describe("a patch above an image that lies anywhere", () => {
  it("has each of its pixels within half a pixel of where the image has it", async () => {
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(scene, async ({ frame, own, width, height, fill, kind, radius, corner }) => {
        const document = new FigmaDocument();
        const parent = document.add("FRAME", { width: 2000, height: 2000, transform: frame, clipsContent: false });
        const [w, h] = [Math.fround(width), Math.fround(height)];
        const fields = {
          width: w,
          height: h,
          transform: own,
          radii: [radius, radius, radius, radius] as NodeState["radii"],
        };
        const id = document.addPicture(png, { ...fields, paint: fill as Partial<ImagePaint> }, parent, kind);
        document.select(id);
        const opened = await openHost({ document });
        const rect = { x0: corner.x, y0: corner.y, x1: corner.x + 9, y1: corner.y + 9 };
        const notes = await place(opened, patch("v1", rect));
        opened.close();
        assert.deepEqual(opened.main.errors, []);
        const source = document.store.get(id);
        const toNode = repeats(fill, IMAGE, source)[0]!;
        const toPage = chain(absoluteOf(document.store, source), toNode);
        const patches = document.patches();
        if (patches.length === 0) {
          assert.match(notes.join(), /cropped away/);
          return;
        }
        seen++;
        const { map, size, x, y } = pictureToPage(document, patches[0]!);
        const back = chain(inverse(toPage), map);
        assert.ok(distance(back, translation(x, y), sizeBox(size)) < 0.5, "it lies somewhere else");
        // What of the patch is seen on the image lies on the patch's node as well.
        for (const [u, v] of [
          [1, 1],
          [8, 1],
          [4.5, 4.5],
          [8, 8],
        ] as const) {
          const at = apply(toNode, { x: rect.x0 + u, y: rect.y0 + v });
          if (at.x < 0 || at.y < 0 || at.x > w || at.y > h) continue;
          const own = apply(
            inverse(absoluteOf(document.store, patches[0]!)),
            apply(absoluteOf(document.store, source), at),
          );
          const slack = 1e-2;
          const on =
            own.x > -slack && own.y > -slack && own.x < patches[0]!.width + slack && own.y < patches[0]!.height + slack;
          assert.ok(on, "a part of it is cut off");
        }
      }),
      { numRuns: 60 },
    );
    assert.ok(seen > 20, `${seen} of the patches can be seen`);
  });
});
