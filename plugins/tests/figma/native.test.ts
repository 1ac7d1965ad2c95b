/** Letters, placed pictures and shades as Figma's own layers. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Reference } from "../../shared/src/host.ts";
import type { TextInfo } from "../../shared/src/protocol/messages.ts";
import { FigmaDocument } from "../hosts/figma/document.ts";
import { openHost } from "../hosts/figma/open.ts";
import type { NodeState } from "../hosts/figma/store.ts";
import { different, pageWith, patch, patched, photo, place, target } from "./support.ts";

const RECT = { x0: 10, y0: 10, x1: 110, y1: 50 };
const BOX = { x0: -50, y0: -50, x1: 350, y1: 350 };

const words = (more: Partial<TextInfo> = {}): TextInfo => ({
  kind: "text",
  rect_px: [10, 10, 110, 50],
  text: "Summer\nsale",
  family: "DejaVu Sans",
  style: "Bold",
  size_px: 16,
  line_px: 20,
  colour: [1, 1, 1, 1],
  align: "left",
  ...more,
});

function picture(): Reference {
  const { data } = photo(40, 20);
  const size = { width: 40, height: 20 };
  const format = { depth: "u8", channels: 3, alpha: "none" } as const;
  return {
    name: "logo",
    size,
    format,
    profile: null,
    pixels: { rect_px: { x0: 0, y0: 0, x1: 40, y1: 20 }, format, data },
  };
}

async function open(fields: Partial<NodeState> & { paint?: object; x?: number; y?: number } = {}) {
  const document = new FigmaDocument();
  const image = photo(120, 80);
  const id = document.addPicture(image.png, fields);
  document.select(id);
  return { document, image, id, opened: await openHost({ document }) };
}

describe("a text that Figma can set", () => {
  it("is an editable text of the image's own scale, in one step of undo", async () => {
    const { document, opened } = await open({ width: 240, height: 160, x: 30, y: 40 });
    const notes = await place(opened, patch("v1", RECT, { text: "write “Summer sale”", layers: [words()] }));
    assert.deepEqual(notes, []);
    const [node] = document.patches();
    assert.equal(node!.type, "TEXT");
    assert.equal(node!.characters, "Summer\nsale");
    assert.deepEqual(node!.fontName, { family: "DejaVu Sans", style: "Bold" });
    assert.equal(node!.fontSize, 32);
    assert.deepEqual(node!.lineHeight, { unit: "PIXELS", value: 40 });
    assert.deepEqual([node!.transform[0][2], node!.transform[1][2]], [50, 60]);
    assert.equal(opened.main.commits, 1);
    assert.deepEqual((await target(opened)).shown, [{ version_id: "v1", parent_id: "source" }]);
    opened.undo();
    assert.equal(document.patches().length, 0);
    opened.close();
  });

  it("stands on the right, or in the middle, of where its lines were", async () => {
    for (const [align, side] of [
      ["right", 1],
      ["centre", 0.5],
    ] as const) {
      const { document, opened } = await open();
      await place(opened, patch("v1", RECT, { layers: [words({ align })] }));
      const [node] = document.patches();
      assert.ok(Math.abs(node!.transform[0][2] + node!.width * side - (10 + 100 * side)) < 0.01);
      opened.close();
    }
  });

  it("is turned with a turned image", async () => {
    const { document, opened } = await open({
      transform: [
        [0, -1, 200],
        [1, 0, 30],
      ],
    });
    await place(opened, patch("v1", RECT, { layers: [words()] }));
    const [node] = document.patches();
    assert.deepEqual(node!.transform, [
      [0, -1, 190],
      [1, 0, 40],
    ]);
    opened.close();
  });

  it("is part of what is shown when the layer is read again", async () => {
    const { opened } = await open();
    const now = await target(opened);
    const before = await opened.host.pixels(now, RECT);
    await place(opened, patch("v1", RECT, { layers: [words()] }));
    const after = await opened.host.pixels(await target(opened), RECT);
    let white = 0;
    for (let i = 0; i < after.data.length; i += 3) {
      if (after.data[i] === 255 && before.data[i]! < 200) white++;
    }
    assert.ok(white > 100, `${white} pixels of letters`);
    opened.close();
  });

  it("is placed as a picture when its font is missing, and says so", async () => {
    const { document, image, id, opened } = await open();
    const put = patch("v1", RECT, { layers: [words({ family: "Nowhere Grotesk" })] });
    const notes = await place(opened, put);
    assert.deepEqual(notes, ["The font Nowhere Grotesk Bold is not here; the text was placed as a picture."]);
    assert.equal(document.patches()[0]!.type, "RECTANGLE");
    const wanted = await pageWith(document, id, patched(image, 120, [put]), BOX);
    assert.equal(different(await document.pixels(BOX), wanted), 0);
    assert.equal(opened.main.commits, 1);
    opened.close();
  });

  it("is placed as a picture when it is wished so, or the image is stretched, repeated or cropped there", async () => {
    const cases = [
      { native: false, fields: {} },
      { native: true, fields: { width: 200, height: 80, paint: { scaleMode: "CROP" } } },
      { native: true, fields: { width: 300, height: 80, paint: { scaleMode: "TILE", scalingFactor: 0.5 } } },
      { native: true, fields: { width: 60, height: 80 } },
    ];
    for (const { native, fields } of cases) {
      const { document, opened } = await open(fields);
      const notes = await place(opened, patch("v1", RECT, { layers: [words()] }), { native });
      assert.equal(notes.length, native ? 1 : 0);
      assert.equal(document.patches()[0]!.type, "RECTANGLE");
      opened.close();
    }
  });

  it("goes when its version is taken away", async () => {
    const { document, opened } = await open();
    await place(opened, patch("v1", RECT, { layers: [words()] }));
    await place(opened, patch("v2", RECT, { layers: [words({ text: "Winter" })] }), { remove: ["v1"] });
    assert.deepEqual(
      document.patches().map((node) => node.characters),
      ["Winter"],
    );
    opened.close();
  });
});

describe("a shade, a picture and a text together", () => {
  it("are one group, the lowest first", async () => {
    const { document, opened } = await open({ width: 240, height: 160 });
    const shade = { kind: "shade", rect_px: [5, 5, 115, 55], colour: [0, 0, 0, 0.5], radius_px: 6 } as const;
    const logo = { kind: "image", rect_px: [20, 20, 60, 40], reference: 1, rotation: 0, opacity: 0.8 } as const;
    await place(opened, patch("v1", RECT, { layers: [shade, logo, words()], references: [picture()] }));
    const [group] = document.patches();
    assert.equal(group!.type, "GROUP");
    const [under, middle, over] = group!.children.map((one) => document.store.get(one));
    assert.deepEqual([under!.width, under!.height, under!.radii[0]], [220, 100, 12]);
    assert.deepEqual(under!.fills, [{ type: "SOLID", color: { r: 0, g: 0, b: 0 }, opacity: 0.5 }]);
    assert.deepEqual([middle!.width, middle!.height, middle!.opacity], [80, 40, 0.8]);
    assert.equal(over!.type, "TEXT");
    opened.close();
  });

  it("shows a placed picture as large as it was drawn, turned clockwise about its middle", async () => {
    const { document, opened } = await open();
    const logo = { kind: "image", rect_px: [20, 20, 60, 40], reference: 1, rotation: 90, opacity: 1 } as const;
    await place(opened, patch("v1", RECT, { layers: [logo], references: [picture()] }));
    const box = { x0: 30, y0: 10, x1: 50, y1: 50 };
    const now = await document.pixels(box);
    const { data } = photo(40, 20);
    // Turned clockwise, the picture's left side is at the top.
    for (let y = 0; y < 40; y++) {
      for (let x = 0; x < 20; x++) {
        const from = ((19 - x) * 40 + y) * 3;
        for (let c = 0; c < 3; c++) assert.equal(now.data[(y * 20 + x) * 4 + c], data[from + c]);
      }
    }
    opened.close();
  });

  it("lies in the image's frame where the image is a frame's fill", async () => {
    const document = new FigmaDocument();
    const id = document.addPicture(photo(120, 80).png, { x: 10, y: 10 }, undefined, "FRAME");
    document.select(id);
    const opened = await openHost({ document });
    await place(opened, patch("v1", RECT, { layers: [words()] }));
    const [node] = document.patches();
    assert.equal(node!.parent, id);
    assert.deepEqual([node!.transform[0][2], node!.transform[1][2]], [10, 10]);
    opened.close();
  });
});
