/** Whatever is placed, taken away and undone: the document shows the versions' pixels to the bit. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Raster } from "../../shared/src/pixels/raster.ts";
import { type Rect, rect, rectOf, widthOf } from "../../shared/src/pixels/rect.ts";
import { clean, ellipse, expected, patch, patchPixels, photo, putting, setUp, stored, targetOf } from "./helpers.ts";

const SIZE = { width: 12, height: 10 };
const ALL = rectOf(SIZE);

/** How a patch's alpha relates to what is beneath. */
const ALPHAS = ["opaque", "as it is", "half", "none", "any"] as const;

const box = fc
  .tuple(fc.nat(8), fc.nat(6), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
  .map(([x, y, width, height]) => rect(x, y, x + width, y + height));

const step = fc.oneof(
  fc.record({
    does: fc.constant("put" as const),
    rect_px: box,
    masked: fc.boolean(),
    alpha: fc.constantFrom(...ALPHAS),
    seed: fc.nat(1000),
  }),
  fc.record({ does: fc.constant("take away" as const) }),
  fc.record({ does: fc.constant("undo" as const) }),
);

const scene = fc.record({
  depth: fc.constantFrom(8 as const, 16 as const, 32 as const),
  colours: fc.constantFrom(1, 3),
  kind: fc.constantFrom("background" as const, "pixel" as const, "smartObject" as const),
  alphas: fc.array(fc.constantFrom(0, 0.25, 0.5, 1, 1, 1), { minLength: 7, maxLength: 7 }),
  steps: fc.array(step, { minLength: 1, maxLength: 7 }),
});

describe("stacks of patches", () => {
  it("show every version to the bit, at each depth, with any transparency", async () => {
    await fc.assert(
      fc.asyncProperty(scene, async ({ depth, colours, kind, alphas, steps }) => {
        const set = setUp();
        const alpha = kind === "background" ? undefined : (x: number, y: number) => alphas[(x * 3 + y) % 7]!;
        const document = set.ps.openDocument({
          ...SIZE,
          depth,
          mode: colours === 1 ? "grayscaleMode" : "RGBColorMode",
          layers: [{ name: "Photo", kind, pixels: photo(depth, colours, SIZE, alpha) }],
        });
        /** What is shown, and which versions, after each history state. */
        let past = [{ shows: document.flattened(), versions: [] as string[] }];
        let made = 0;
        for (const one of steps) {
          const target = await targetOf(set.host);
          const now = past[past.length - 1]!;
          if (one.does === "undo") {
            if (past.length === 1) continue;
            document.undo();
            past = past.slice(0, -1);
          } else if (one.does === "take away") {
            const top = now.versions[now.versions.length - 1];
            if (top === undefined) continue;
            await set.host.place(target, putting(null, { remove: [top] }));
            const before = past.filter(({ versions }) => versions.length === now.versions.length - 1).pop()!;
            past = [...past, before];
          } else {
            const pixels = patchPixels(target.format, one.rect_px, one.seed);
            const current = await set.host.pixels(target, one.rect_px);
            if (target.format.alpha !== "none") setAlpha(pixels, current, one.alpha, one.seed);
            const put = patch(pixels, one.masked ? ellipse(one.rect_px) : null, { version_id: `v${++made}` });
            await set.host.place(target, putting(put));
            const shows = expected(document, now.shows, put);
            past = [...past, { shows, versions: [...now.versions, put.version_id] }];
          }
          const after = past[past.length - 1]!;
          assert.deepEqual(document.flattened(), after.shows);
          const again = await targetOf(set.host);
          assert.deepEqual(
            again.shown.map(({ version_id }) => version_id),
            after.versions,
          );
          assert.deepEqual(asStored(await set.host.pixels(again, ALL), document.colours), after.shows);
        }
        clean(set);
      }),
      { numRuns: 60, seed: 20_261, includeErrorInReport: true },
    );
  });
});

function setAlpha(pixels: Raster, current: Raster, alpha: (typeof ALPHAS)[number], seed: number): void {
  const { format, data } = pixels;
  const white = format.depth === "u8" ? 255 : format.depth === "u16" ? 65_535 : 1;
  const last = format.channels - 1;
  for (let at = last, pixel = 0; at < data.length; at += format.channels, pixel++) {
    const any = [0, 0.25, 0.75, 1][(pixel * 7 + seed) % 4]!;
    const wanted = { opaque: 1, "as it is": current.data[at]! / white, half: 0.5, none: 0, any }[alpha] * white;
    data[at] = format.depth === "f32" ? wanted : Math.round(wanted);
    // “To the bit” is meant for what a layer can hold: a patch's alpha of 16 bit is one that Photoshop has.
    if (format.depth === "u16") data[at] = Math.round((stored(format, data[at]!) * 65_535) / 32_768);
    if (data[at] === 0) data.fill(0, at - last, at);
  }
}

/** A raster in Photoshop's range, with alpha. */
function asStored(raster: Raster, colours: number): Raster["data"] {
  const { format, data, rect_px } = raster;
  const white = format.depth === "u8" ? 255 : format.depth === "u16" ? 65_535 : 1;
  const out = data.slice(0, 0).constructor as new (length: number) => Raster["data"];
  const all = new out(countOf(rect_px) * (colours + 1));
  for (let pixel = 0; pixel < countOf(rect_px); pixel++) {
    for (let channel = 0; channel <= colours; channel++) {
      const value = channel < format.channels ? data[pixel * format.channels + channel]! : white;
      all[pixel * (colours + 1) + channel] = stored(format, value);
    }
  }
  return all;
}

function countOf(rect_px: Rect): number {
  return widthOf(rect_px) * (rect_px.y1 - rect_px.y0);
}
