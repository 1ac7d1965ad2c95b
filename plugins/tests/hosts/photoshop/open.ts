/** For the end-to-end tests: the built plugin in a real Chromium, in a stand-in for Photoshop. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import type { Box, Store } from "./model.ts";
import { fromBytes, sent, toBytes } from "./bytes.ts";
import type { Stage } from "./page.ts";
import type { DocumentSpec } from "./spec.ts";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, "..", "..", "..");
/** Longer than any reading of the panel takes. */
const HELD_MS = 5000;
const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

export interface OpenPhotoshopOptions {
  readonly document: DocumentSpec;
  /** The bridge's. */
  readonly port: number;
  /** Of several tests; it stays open. One of its own when not given. */
  readonly browser?: Browser;
  /** What the plugin stored the last time; nothing when not given. */
  readonly kept?: Kept;
}

/** What a plugin stores: UXP's local storage and its secure one. */
export interface Kept {
  readonly texts: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
}

/** Builds the plugin for a port and opens it over a document. Close it when done. */
export async function openPhotoshop(options: OpenPhotoshopOptions): Promise<PhotoshopInBrowser> {
  const { document, port, kept } = options;
  const plugin = builtFor(port);
  const browser = options.browser ?? (await launchBrowser());
  const close = async (page?: Page): Promise<void> => {
    if (options.browser === undefined) await browser.close();
    else await page?.close();
  };
  let page: Page | undefined;
  try {
    page = await browser.newPage({ viewport: { width: 320, height: 640 } });
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(`page: ${error.message}`));
    page.on("console", (message) => {
      // Chromium itself reports sockets that do not open; the panel says it too.
      if (message.type() === "error" && !/WebSocket|ERR_/.test(message.text())) problems.push(message.text());
    });
    await page.setContent("<!doctype html><html><head></head><body></body></html>");
    await page.addScriptTag({ content: await stageScript() });
    const opened = new PhotoshopInBrowser(page, problems, () => close(page));
    await opened.openDocument(document);
    if (kept !== undefined) await page.evaluate((given) => stage.keep(given), kept);
    await page.evaluate(([bundle, css, domains]) => stage.load(bundle, css, domains), [
      plugin.bundle,
      plugin.css,
      plugin.domains,
    ] as const);
    return opened;
  } catch (error) {
    await close(page);
    throw error;
  }
}

export class PhotoshopInBrowser {
  constructor(
    /** The panel. */
    readonly page: Page,
    private readonly problems: readonly string[],
    readonly close: () => Promise<void>,
  ) {}

  async openDocument(spec: DocumentSpec): Promise<void> {
    await this.page.evaluate((given) => stage.openSent(given), sent(spec));
  }

  /** Colours and straight alpha of the canvas, in Photoshop's own range: 16 bit is 0..32768. */
  async flattened(number = 0): Promise<Store> {
    return fromBytes(await this.page.evaluate((which) => stage.flattened(which), number));
  }

  async layerPixels(name: string, number = 0): Promise<Store> {
    return fromBytes(
      await this.page.evaluate(([one, which]) => stage.layerPixels(which, one), [name, number] as const),
    );
  }

  /** The layers panel: indented names, from the top down. */
  layers(number = 0): Promise<string[]> {
    return this.page.evaluate((which) => stage.document(which).panel(), number);
  }

  history(number = 0): Promise<string[]> {
    return this.page.evaluate((which) => stage.document(which).historyNames, number);
  }

  /** A selection with feather: 0..255 in a box, all of it when no mask is given; null deselects. */
  async select(box: Box | null, mask?: Uint8Array, number = 0): Promise<void> {
    const bytes = mask === undefined ? null : toBytes(mask);
    await this.page.evaluate(([which, where, data]) => stage.select(which, where, data), [number, box, bytes] as const);
  }

  async undo(number = 0): Promise<void> {
    await this.page.evaluate((which) => stage.document(which).undo(), number);
  }

  async redo(number = 0): Promise<void> {
    await this.page.evaluate((which) => stage.document(which).redo(), number);
  }

  async activate(name: string, number = 0): Promise<void> {
    await this.page.evaluate(([which, one]) => stage.document(which).activate(stage.document(which).named(one).id), [
      number,
      name,
    ] as const);
  }

  async paint(name: string, box: Box, colour: readonly number[], number = 0): Promise<void> {
    await this.page.evaluate(
      ([which, one, where, paint]) => stage.document(which).paint(stage.document(which).named(one).id, where, paint),
      [number, name, box, colour] as const,
    );
  }

  async deleteLayer(name: string, number = 0): Promise<void> {
    await this.page.evaluate(([which, one]) => stage.document(which).remove(stage.document(which).named(one).id), [
      number,
      name,
    ] as const);
  }

  async closeDocument(number = 0): Promise<void> {
    await this.page.evaluate((which) => stage.document(which).close(), number);
  }

  /** A dialog is open in Photoshop, or not any more. */
  async busy(isBusy: boolean): Promise<void> {
    await this.page.evaluate((on) => {
      stage.photoshop.rules.othersAreModal = on;
    }, isBusy);
  }

  async menu(id: string): Promise<void> {
    await this.page.evaluate((one) => stage.menu(one), id);
  }

  async command(id: string): Promise<void> {
    await this.page.evaluate((one) => stage.command(one), id);
  }

  /** The plugin is loaded again, as UXP's developer tool does it. */
  async reload(): Promise<void> {
    await this.page.evaluate(() => stage.reload());
  }

  opened(): Promise<string[]> {
    return this.page.evaluate(() => stage.uxp.opened);
  }

  /** What the plugin has stored. */
  kept(): Promise<Kept> {
    return this.page.evaluate(() => stage.kept());
  }

  /** Text layers with their letters, from the top down. */
  letters(number = 0): Promise<string[]> {
    return this.page.evaluate((which) => stage.document(which).letters(), number);
  }

  /** Width and height of the canvas. */
  size(number = 0): Promise<{ width: number; height: number }> {
    return this.page.evaluate((which) => {
      const { width, height } = stage.document(which).state;
      return { width, height };
    }, number);
  }

  /**
   * What went wrong that no test wants: errors, forbidden calls, globals that UXP lacks, image data still held. The
   * panel may read its pictures just now: only what is held for long is not given back.
   */
  async faults(): Promise<string[]> {
    const until = Date.now() + HELD_MS;
    for (;;) {
      const faults = [...this.problems, ...(await this.page.evaluate(() => stage.faults()))];
      if (!faults.some((fault) => fault.includes("not disposed")) || Date.now() > until) return faults;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

// In the page; see page.ts.
declare const stage: Stage;

interface Built {
  readonly bundle: string;
  readonly css: string;
  readonly domains: readonly string[];
}

const builds = new Map<number, Built>();

function builtFor(port: number): Built {
  const known = builds.get(port);
  if (known !== undefined) return known;
  const out = mkdtempSync(join(tmpdir(), "inlay-photoshop-"));
  try {
    const args = ["scripts/build.mjs", "--only", "photoshop", "--out", out, "--port", String(port)];
    const done = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
    // A bundle that is too large is the build's business, not that of these tests.
    if (done.status !== 0 && !done.stderr.includes("larger than")) {
      throw new Error(`the plugin was not built: ${done.stdout}${done.stderr}`);
    }
    const read = (name: string) => readFileSync(join(out, "photoshop", name), "utf8");
    const manifest = JSON.parse(read("manifest.json")) as {
      requiredPermissions: { network: { domains: string[] } };
    };
    const built = {
      bundle: read("main.js"),
      css: read("main.css"),
      domains: manifest.requiredPermissions.network.domains,
    };
    builds.set(port, built);
    return built;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

let script: Promise<string> | null = null;

function stageScript(): Promise<string> {
  script ??= build({
    entryPoints: [join(HERE, "page.ts")],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
  }).then((result) => result.outputFiles[0]?.text ?? "");
  return script;
}
