import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TINT, tint } from "../../../shared/src/app/tint.ts";
import { rect } from "../../../shared/src/pixels/rect.ts";

const alphas = (raster: { readonly data: ArrayLike<number> }) =>
  Array.from({ length: raster.data.length / 4 }, (_, index) => raster.data[index * 4 + 3] ?? 0);

describe("the tint over what is selected", () => {
  it("covers the mask's box at the picture's size and leaves the rest transparent", () => {
    const mask = { rect_px: rect(100, 0, 200, 100), data: new Uint8Array(100 * 100).fill(255) };
    const made = tint(mask, { width: 200, height: 100 }, 20);
    assert.deepEqual(made.rect_px, rect(0, 0, 20, 10));
    const row = alphas(made).slice(0, 20);
    assert.deepEqual(row.slice(0, 10), new Array(10).fill(0));
    assert.ok(row.slice(10).every((alpha) => alpha > 120 && alpha < 200));
    assert.deepEqual([...made.data.slice(40, 43)], [...TINT]);
  });

  it("keeps a feather's greys", () => {
    const mask = { rect_px: rect(0, 0, 2, 1), data: Uint8Array.of(64, 255) };
    const [soft, full] = alphas(tint(mask, { width: 2, height: 1 }, 100));
    assert.ok(soft! > 24 && soft! < full! / 2);
  });

  it("still shows what is thinner than a pixel of the picture", () => {
    const mask = { rect_px: rect(500, 0, 504, 1000), data: new Uint8Array(4 * 1000).fill(255) };
    const made = alphas(tint(mask, { width: 1000, height: 1000 }, 100));
    assert.ok(made.filter((alpha) => alpha >= 24).length >= 100);
  });
});
