/** What the Photoshop tests share: a host over the stand-in, pictures made by rule, patches as the bridge makes them. */

import assert from "node:assert/strict";
import type { Uxp } from "../../photoshop/src/api.ts";
import { PhotoshopHost } from "../../photoshop/src/host.ts";
import type { PlacedPatch, Placement, Target } from "../../shared/src/host.ts";
import type { Format, Mask, Raster } from "../../shared/src/pixels/raster.ts";
import { blank } from "../../shared/src/pixels/raster.ts";
import { areaOf, type Rect, widthOf } from "../../shared/src/pixels/rect.ts";
import type { FakeDocument } from "../hosts/photoshop/document.ts";
import { type Depth, store, type Store, whiteOf } from "../hosts/photoshop/model.ts";
import { FakePhotoshop } from "../hosts/photoshop/photoshop.ts";
import { FakeUxp } from "../hosts/photoshop/uxp.ts";

export const W = 40;
export const H = 30;

/** A clock whose hours pass at once. */
export function quickClock() {
  let now = 0;
  return {
    now: () => now,
    timer: (milliseconds: number, then: () => void) => {
      const timer = setTimeout(() => {
        now += milliseconds;
        then();
      }, 0);
      return () => clearTimeout(timer);
    },
  };
}

export interface Set {
  readonly ps: FakePhotoshop;
  readonly uxp: FakeUxp;
  readonly host: PhotoshopHost;
  readonly waits: boolean[];
}

/** Keys differ between sessions, as they should. */
let seed = 1;

export function setUp(uxp = new FakeUxp(), ps = new FakePhotoshop()): Set {
  const waits: boolean[] = [];
  const host = new PhotoshopHost(ps.api, uxp satisfies Uxp, {
    clock: quickClock(),
    random: (count) => Uint8Array.from({ length: count }, () => (seed = (seed * 48_271) % 2_147_483_647) & 255),
    waits: (waiting) => waits.push(waiting),
  });
  return { ps, uxp, host, waits };
}

/** A picture with another value at each place: shifted or swapped pixels show. `alpha(x, y)`: 0..1. */
export function photo(
  depth: Depth,
  colours: number,
  size = { width: W, height: H },
  alpha?: (x: number, y: number) => number,
): Store {
  const channels = colours + (alpha === undefined ? 0 : 1);
  const white = whiteOf(depth);
  const data = store(depth, size.width * size.height * channels);
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const at = (y * size.width + x) * channels;
      for (let channel = 0; channel < colours; channel++) {
        const value = ((x * 7 + y * 13 + channel * 29) % 97) / 97;
        data[at + channel] = depth === 32 ? value * 1.5 : Math.round(value * white);
      }
      if (alpha !== undefined) {
        const opacity = alpha(x, y) * white;
        data[at + colours] = depth === 32 ? opacity : Math.round(opacity);
        if (opacity === 0) data.fill(0, at, at + channels);
      }
    }
  }
  return data;
}

export async function targetOf(host: PhotoshopHost): Promise<Target> {
  const selected = await host.selected();
  assert.ok("target" in selected, "none" in selected ? selected.none.reason : "");
  return selected.target;
}

/** Other colours than `photo`'s everywhere, opaque (or with `alpha`), in the bridge's ranges. */
export function patchPixels(format: Format, rect_px: Rect, seed = 5, alpha = 1): Raster {
  const raster = blank(rect_px, format);
  const white = format.depth === "u8" ? 255 : format.depth === "u16" ? 65_535 : 1;
  const colours = format.channels - (format.alpha === "none" ? 0 : 1);
  for (let pixel = 0; pixel < areaOf(rect_px); pixel++) {
    for (let channel = 0; channel < format.channels; channel++) {
      const value = channel === colours ? alpha : ((pixel * 31 + channel * 11 + seed * 17) % 89) / 89;
      raster.data[pixel * format.channels + channel] = format.depth === "f32" ? value : Math.round(value * white);
    }
  }
  return raster;
}

/** An ellipse in its box: 255 inside, 0 outside, some values between at its border. */
export function ellipse(rect_px: Rect): Mask {
  const data = new Uint8Array(areaOf(rect_px));
  const width = widthOf(rect_px);
  const [cx, cy] = [(rect_px.x0 + rect_px.x1) / 2, (rect_px.y0 + rect_px.y1) / 2];
  for (let pixel = 0; pixel < data.length; pixel++) {
    const x = (rect_px.x0 + (pixel % width) + 0.5 - cx) / (width / 2);
    const y = (rect_px.y0 + Math.floor(pixel / width) + 0.5 - cy) / ((rect_px.y1 - rect_px.y0) / 2);
    data[pixel] = Math.round(255 * Math.min(1, Math.max(0, (1.1 - Math.hypot(x, y)) * 4)));
  }
  return { rect_px, data };
}

export function patch(pixels: Raster, mask: Mask | null, more: Partial<PlacedPatch> = {}): PlacedPatch {
  return {
    version_id: "v1",
    parent_id: null,
    text: "remove this",
    pixels,
    mask,
    canvas: null,
    layers: [],
    references: [],
    ...more,
  };
}

export function putting(put: PlacedPatch | null, more: Partial<Placement> = {}): Placement {
  return { name: "Inlay: remove this", remove: [], put, as: "layer", native: true, ...more };
}

/** Photoshop's range for the bridge's values. */
export function stored(format: Format, value: number): number {
  return format.depth === "u16" ? Math.round((value * 32_768) / 65_535) : value;
}

/** What the document should show: `before`, and the patch's pixels where its mask is not 0. */
export function expected(
  document: Pick<FakeDocument, "colours" | "depth"> & { readonly state: { readonly width: number } },
  before: Store,
  put: Pick<PlacedPatch, "pixels" | "mask">,
): Store {
  const out = before.slice();
  const { rect_px, format, data } = put.pixels;
  const step = document.colours + 1;
  const white = whiteOf(document.depth);
  for (let y = rect_px.y0; y < rect_px.y1; y++) {
    for (let x = rect_px.x0; x < rect_px.x1; x++) {
      const from = (y - rect_px.y0) * widthOf(rect_px) + x - rect_px.x0;
      if (put.mask !== null && put.mask.data[from] === 0) continue;
      const to = (y * document.state.width + x) * step;
      for (let channel = 0; channel < document.colours; channel++) {
        out[to + channel] = stored(format, data[from * format.channels + channel]!);
      }
      out[to + document.colours] =
        format.alpha === "none" ? white : stored(format, data[from * format.channels + document.colours]!);
      if (out[to + document.colours] === 0) out.fill(0, to, to + step);
    }
  }
  return out;
}

/** Nothing is held, and nothing was done that Photoshop forbids. */
export function clean({ ps }: Set): void {
  assert.equal(ps.imaging.live.size, 0, "image data was not disposed");
  assert.deepEqual(ps.rules.offences, []);
}

/** A grained wall with a dark square on it, which can be removed. In Photoshop's own range. */
export function noisyWall(depth: Depth, size: { width: number; height: number }, channels: number): Store {
  const data = store(depth, size.width * size.height * channels);
  const white = whiteOf(depth);
  let seed = 7;
  for (let pixel = 0; pixel < size.width * size.height; pixel++) {
    seed = (seed * 48_271) % 2_147_483_647;
    const [x, y] = [pixel % size.width, Math.floor(pixel / size.width)];
    const isThing = x > size.width * 0.43 && x < size.width * 0.57 && y > size.height * 0.37 && y < size.height * 0.57;
    const light = (isThing ? 0.15 : 0.6) + ((seed % 1000) / 1000) * 0.1 + (x / size.width) * 0.1;
    for (let channel = 0; channel < channels; channel++) {
      const value = channel === 3 ? 1 : light - channel * 0.05;
      data[pixel * channels + channel] = depth === 32 ? value : Math.round(value * white);
    }
  }
  return data;
}
