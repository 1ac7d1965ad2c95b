/** A document in the stand-in for Photoshop with the plugin beside it, as the end-to-end tests use them. */

import assert from "node:assert/strict";
import { createCanvas, loadImage } from "@napi-rs/canvas";
import { decode } from "fast-png";
import type { Browser } from "playwright-core";
import type { Patch } from "../../shared/src/bridge/inbox.ts";
import type { Mask } from "../../shared/src/pixels/raster.ts";
import { areaOf } from "../../shared/src/pixels/rect.ts";
import { type Box, type Depth, store, type Store, whiteOf } from "../hosts/photoshop/model.ts";
import { type Kept, openPhotoshop, type PhotoshopInBrowser } from "../hosts/photoshop/open.ts";
import type { DocumentSpec, LayerSpec } from "../hosts/photoshop/spec.ts";
import { expected, stored as asPhotoshop } from "../photoshop/helpers.ts";
import { type RealBridge } from "./bridge.ts";
import { Panel } from "./panel.ts";
import { type Stored, stored, taken } from "./versions.ts";

const PHOTOS = new URL("../../../bridge/demo/photos/", import.meta.url);
const PATIENCE_MS = 40_000;
/** The key of a document’s first layer: the stand-in’s layers count from 2. */
const PHOTO = "2";

export interface Photo {
  readonly width: number;
  readonly height: number;
  /** RGB, 0..255. */
  readonly rgb: Uint8Array;
}

/** One of the photographs that the demo brings along, or a part of it, some times as large. */
export async function photograph(
  name: "chelsea.png" | "coffee.png" | "rocket.jpg",
  part?: Box,
  times = 1,
): Promise<Photo> {
  const image = await loadImage(new URL(name, PHOTOS));
  const { left, top, right, bottom } = part ?? { left: 0, top: 0, right: image.width, bottom: image.height };
  const [width, height] = [(right - left) * times, (bottom - top) * times];
  const context = createCanvas(width, height).getContext("2d");
  context.drawImage(image, -left * times, -top * times, image.width * times, image.height * times);
  const rgba = context.getImageData(0, 0, width, height).data;
  const rgb = Uint8Array.from({ length: width * height * 3 }, (_, at) => rgba[at + Math.floor(at / 3)]!);
  return { width, height, rgb };
}

export interface Kind {
  readonly depth?: Depth;
  readonly mode?: "RGBColorMode" | "grayscaleMode";
  readonly layer?: "pixel" | "background" | "smartObject";
}

/** The photograph's samples as a layer of such a document has them: 16 bit with values between, 32 bit as light. */
export function samplesOf({ width, height, rgb }: Photo, { depth = 8, mode, layer = "pixel" }: Kind): Store {
  const colours = mode === "grayscaleMode" ? 1 : 3;
  const channels = colours + (layer === "background" ? 0 : 1);
  const white = whiteOf(depth);
  const data = store(depth, width * height * channels);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const at = (channel: number): number => rgb[pixel * 3 + channel]! / 255;
    for (let channel = 0; channel < colours; channel++) {
      const value = colours === 1 ? 0.3 * at(0) + 0.6 * at(1) + 0.1 * at(2) : at(channel);
      // What no 8 bit picture has: an edit that goes through 8 bit would lose it.
      const fine = depth === 8 ? 0 : ((pixel * 7 + channel) % 16) / 16 / 255;
      const own = depth === 32 ? toLight(value + fine) : Math.min(white, Math.round((value + fine) * white));
      data[pixel * channels + channel] = own;
    }
    if (channels > colours) data[pixel * channels + colours] = white;
  }
  return data;
}

function toLight(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

let documents = 0;

/** A saved document with one photograph in it. */
export function documentOf(photo: Photo, kind: Kind = {}, more: Partial<DocumentSpec> = {}): DocumentSpec {
  const { width, height } = photo;
  const { depth = 8, mode = "RGBColorMode", layer = "pixel" } = kind;
  const own: LayerSpec = { name: "Photo", kind: layer, pixels: samplesOf(photo, kind) };
  const title = `photo-${++documents}.psd`;
  return { title, path: `/pictures/${title}`, width, height, depth, mode, layers: [own], ...more };
}

/** The bridge, and what the plugin stored when it was paired with it: later ones start from there. */
export class Desk {
  private kept: Kept | undefined;
  private readonly open_: Scene[] = [];

  constructor(
    readonly bridge: RealBridge,
    private readonly browser: Browser,
  ) {}

  /** Opens a document with the plugin: paired by its code the first time, known by its token from then on. */
  async open(document: DocumentSpec, how: { kept?: Kept; port?: number; unpaired?: boolean } = {}): Promise<Scene> {
    const kept = how.kept ?? this.kept;
    const { bridge, browser } = this;
    const ps = await openPhotoshop({
      document,
      port: how.port ?? bridge.port,
      browser,
      ...(kept === undefined ? {} : { kept }),
    });
    const scene = new Scene(ps, bridge, document);
    this.open_.push(scene);
    if (kept === undefined) {
      await scene.panel.pair(bridge.pairingCode());
      const { texts, secrets } = await ps.kept();
      const own = Object.entries(texts).filter(([key]) => !key.startsWith("inlay.document:"));
      this.kept = { texts: Object.fromEntries(own), secrets };
    } else if (how.unpaired !== true) await scene.ready();
    return scene;
  }

  async closeAll(): Promise<void> {
    for (const scene of this.open_.splice(0)) await scene.ps.close();
  }
}

export class Scene {
  readonly panel: Panel;

  constructor(
    readonly ps: PhotoshopInBrowser,
    private readonly bridge: RealBridge,
    private readonly document: DocumentSpec,
  ) {
    this.panel = new Panel("photoshop", ps.page);
  }

  private get colours(): number {
    return this.document.mode === "grayscaleMode" ? 1 : 3;
  }

  async ready(): Promise<void> {
    await this.until("ready", () => this.panel.field("What should change").isVisible());
  }

  /** A button by what a screen reader calls it. Photoshop's are elements around the real ones. */
  async press(name: string): Promise<void> {
    const { page } = this.ps;
    const named = page.locator(`[aria-label="${name}"]`).or(page.getByRole("button", { name, exact: true }));
    await this.until(`a button “${name}”`, () => named.first().isVisible());
    await named.first().click({ timeout: PATIENCE_MS });
  }

  /** One of several, in a row of them or in a tree. */
  async choose(role: "radio" | "treeitem", name: string | RegExp): Promise<void> {
    const one = this.ps.page.getByRole(role, { name, exact: typeof name === "string" }).first();
    await this.until(`an item “${String(name)}”`, () => one.isVisible());
    await one.click({ timeout: PATIENCE_MS });
  }

  /** Types a command; waits until it is placed as a history state of its own, and what Photoshop called it. */
  async run(words: string): Promise<void> {
    const { length } = await this.ps.history();
    await this.panel.type(words);
    await this.until(`placed: ${words}`, async () => (await this.ps.history()).length > length);
    await this.panel.shows("Done");
    assert.deepEqual(await this.steps(length), [`Inlay: ${words}`]);
  }

  /** Waits until something holds; says what the panel shows when it never does. */
  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + PATIENCE_MS;
    while (!(await holds())) {
      if (Date.now() > end) throw new Error(`never ${what}; the panel shows:\n${await this.panel.text()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Selects a part in Photoshop, and waits until the panel shows where it is, over the layer's picture. */
  async select(box: Box, mask?: Uint8Array): Promise<void> {
    await this.ps.select(box, mask);
    await this.panel.shows("The selection");
    const pictures = this.ps.page.locator('[aria-label="What is edited"] img');
    await this.until("a tint over the picture", async () => (await pictures.count()) === 2);
  }

  /** An edit has begun: its pixels are being sent, or the engine works on them. */
  async running(moment: "sending" | "working" = "working"): Promise<void> {
    await this.until(moment, async () => {
      const [, stage = ""] = /^(.*) · \d+ %$/m.exec(await this.panel.text()) ?? [];
      return stage !== "" && (moment === "sending" || !/^(Reading|Sending|Starting|Waiting)/.test(stage));
    });
  }

  async documentKey(): Promise<string> {
    const text = (await this.ps.kept()).texts[`inlay.document:${this.document.path ?? ""}`];
    assert.ok(text !== undefined, "the plugin has no record of the document");
    return (JSON.parse(text) as { key: string }).key;
  }

  /** What the bridge has of the photograph's layer. */
  async stored(): Promise<Stored> {
    const token = (await this.ps.kept()).secrets["token"];
    assert.ok(token !== undefined, "the plugin has no token");
    return stored(this.bridge.port, token, await this.documentKey(), PHOTO);
  }

  /** All of the layer as the team can have it: RGB or RGBA of the document's depth, as Photoshop counts. */
  async taken(): Promise<{ readonly data: readonly number[]; readonly channels: number }> {
    const token = (await this.ps.kept()).secrets["token"] ?? "";
    const { data, channels, depth } = decode(await taken(this.bridge.port, token, await this.documentKey()));
    const format = { depth: depth === 16 ? "u16" : "u8", channels, alpha: "none" } as const;
    return { data: Array.from(data, (value) => asPhotoshop(format, value)), channels };
  }

  /** The bridge's head, which must be an edit. */
  async head(): Promise<Patch> {
    const { head } = await this.stored();
    assert.ok(head !== null, "the bridge has no edit");
    return head;
  }

  /**
   * The canvas is `before` with the patch in it, to the bit, and nothing but what lies in `inside` is other than before.
   * Gives how many pixels are.
   */
  async placed(before: Store, patch: Patch, inside: Box): Promise<number> {
    const after = await this.ps.flattened();
    const { width } = this.document;
    const step = this.colours + 1;
    const document = { colours: this.colours, depth: this.document.depth ?? 8, state: { width } };
    const version = expected(document, before, { ...patch, mask: withContent(patch) });
    assert.equal(differing(after, version, step).length, 0, "not the bridge's version");
    const changed = differing(before, after, step);
    const out = changed.filter((pixel) => {
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      return x < inside.left || x >= inside.right || y < inside.top || y >= inside.bottom;
    });
    assert.equal(out.length, 0, "pixels outside changed");
    return changed.length;
  }

  /** The canvas is to the bit what it was. */
  async isAs(before: Store): Promise<void> {
    assert.equal(differing(before, await this.ps.flattened(), this.colours + 1).length, 0, "the canvas is another");
  }

  /** History states since so many. */
  async steps(since: number): Promise<string[]> {
    return (await this.ps.history()).slice(since);
  }

  async clean(): Promise<void> {
    assert.deepEqual(await this.ps.faults(), []);
  }
}

/** A patch's mask, without where its layer is empty: what is beneath is seen there, before and after. */
function withContent({ pixels, mask }: Patch): Mask {
  const { rect_px, format, data } = pixels;
  const shown = mask?.data.slice() ?? new Uint8Array(areaOf(rect_px)).fill(255);
  if (format.alpha !== "none") {
    for (let pixel = 0; pixel < shown.length; pixel++) {
      if (data[(pixel + 1) * format.channels - 1] === 0) shown[pixel] = 0;
    }
  }
  return { rect_px, data: shown };
}

/** Pixels that differ, by their number. */
export function differing(one: Store, other: Store, step: number): number[] {
  assert.equal(one.length, other.length, "the canvas has another size");
  const found: number[] = [];
  for (let at = 0; at < one.length; at += step) {
    for (let channel = 0; channel < step; channel++) {
      if (one[at + channel] === other[at + channel]) continue;
      found.push(at / step);
      break;
    }
  }
  return found;
}

/** A selection with a soft border, as wide as `feather`. */
export function feathered({ left, top, right, bottom }: Box, feather: number): Uint8Array {
  const [width, height] = [right - left, bottom - top];
  return Uint8Array.from({ length: width * height }, (_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    return Math.min(255, Math.round((255 * Math.min(x + 1, y + 1, width - x, height - y)) / feather));
  });
}
