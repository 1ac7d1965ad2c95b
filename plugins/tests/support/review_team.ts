/** A team at the review page: the real bridge and engine, a plugin in memory, people in browsers of their own. */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createCanvas, loadImage } from "@napi-rs/canvas";
import { type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";
import { App } from "../../shared/src/app/app.ts";
import { blank, type Raster } from "../../shared/src/pixels/raster.ts";
import { type Rect, rectOf } from "../../shared/src/pixels/rect.ts";
import { launchBrowser } from "../hosts/figma/frame.ts";
import { RealBridge } from "./bridge.ts";
import { box, MemoryHost, RGB8 } from "./memory_host.ts";
import { NodePlatform } from "./platform.ts";

const ROOT = new URL("../../", import.meta.url);
export const WIDE = { width: 1440, height: 900 };
export const NARROW = { width: 390, height: 844 };

/** A photograph that comes with Inlay. */
export async function demoPhotograph(file: string): Promise<Raster> {
  const image = await loadImage(readFileSync(new URL(`../bridge/demo/photos/${file}`, ROOT)));
  const canvas = createCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  const raster = blank(rectOf({ width: image.width, height: image.height }), RGB8);
  for (let pixel = 0; pixel < image.width * image.height; pixel++) {
    for (let c = 0; c < 3; c++) raster.data[pixel * 3 + c] = data[pixel * 4 + c] ?? 0;
  }
  return raster;
}

export async function until(holds: () => boolean | Promise<boolean>, seconds = 60): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error("it never happened");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Builds the page where that has not been done. */
export function buildPage(): void {
  if (existsSync(new URL("dist/review/page.js", ROOT))) return;
  const built = spawnSync(process.execPath, ["scripts/build.mjs", "--only", "review"], { cwd: ROOT, encoding: "utf8" });
  if (built.status !== 0) throw new Error(built.stderr);
}

export class ReviewTeam {
  private constructor(
    readonly bridge: RealBridge,
    readonly browser: Browser,
    readonly host: MemoryHost,
    readonly app: App,
  ) {}

  /** Somebody at a design program, paired, with a photograph open. */
  static async start(file: string, name = "Memory", title = "A document"): Promise<ReviewTeam> {
    buildPage();
    const bridge = await RealBridge.start();
    const host = new MemoryHost(await demoPhotograph(file), "review-document");
    host.name = name;
    host.documentTitle = title;
    const app = new App(host, new NodePlatform(), bridge.port);
    await app.start();
    await until(() => app.get().connection.state === "pairing");
    await app.pair(bridge.pairingCode());
    await until(() => app.get().connection.state === "ready");
    return new ReviewTeam(bridge, await launchBrowser(), host, app);
  }

  async stop(): Promise<void> {
    this.app.stop();
    await this.browser.close();
    await this.bridge.dispose();
  }

  /** An edit from the plugin, landed. */
  async edit(text: string, where: Rect): Promise<void> {
    this.host.selection = box(where);
    this.host.touch();
    await until(() => this.app.get().mask?.source.kind === "selection");
    await this.app.run(text);
    const { problem, outcome } = this.app.get();
    if (problem !== null || outcome?.state !== "placed") throw new Error(problem?.message ?? "it was not placed");
  }

  context(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    return this.browser.newContext({ viewport: WIDE, ...options });
  }

  /** The link that the plugin opens: once, for its own person. */
  async link(): Promise<string> {
    const before = this.host.said.length;
    this.app.openReview();
    await until(() => this.host.said.length > before);
    return this.host.said.at(-1) ?? "";
  }

  /** The plugin's person in a browser. */
  async owner(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (await this.context(options)).newPage();
    await page.goto(await this.link());
    await page.locator(".version").first().waitFor();
    return page;
  }

  /** Somebody comes in by an invite that the owner makes in the page. */
  async guest(owner: Page, role: string, name: string, options: BrowserContextOptions = {}): Promise<Page> {
    await owner.getByRole("button", { name: /^People/ }).click();
    await owner.getByRole("combobox", { name: "Role", exact: true }).selectOption(role);
    await owner.getByRole("button", { name: "Make a link" }).click();
    const invite = await owner.getByLabel("Invite link").inputValue();
    await owner.keyboard.press("Escape");
    const page = await (await this.context(options)).newPage();
    await page.goto(invite);
    await page.getByLabel("Your name, as the others will see it").fill(name);
    await page.keyboard.press("Enter");
    await page.locator(".version").first().waitFor();
    return page;
  }
}
