/** What tests of the team's page begin with: a bridge, a document with an edit, its owner in a browser. */

import assert from "node:assert/strict";
import { type Browser, type BrowserContext, type Locator, type Page } from "playwright-core";
import { App } from "../../shared/src/app/app.ts";
import { blank } from "../../shared/src/pixels/raster.ts";
import { rect, rectOf } from "../../shared/src/pixels/rect.ts";
import { launchBrowser } from "../hosts/figma/frame.ts";
import { RealBridge } from "./bridge.ts";
import { box, MemoryHost, RGB8 } from "./memory_host.ts";
import { NodePlatform } from "./platform.ts";
import { buildPage, NARROW, until, WIDE } from "./review_team.ts";

const SHOTS = process.env["INLAY_SHOTS"];

export class Reviewing {
  /** What the pages said that must never be said: refused by the policy, or thrown. */
  readonly wrong: string[] = [];
  /** All that pages wrote to their consoles. */
  readonly consoles: string[] = [];

  private constructor(
    readonly bridge: RealBridge,
    readonly browser: Browser,
    readonly app: App,
    private readonly host: MemoryHost,
  ) {}

  static async start(key: string): Promise<Reviewing> {
    buildPage();
    const bridge = await RealBridge.start();
    const browser = await launchBrowser();
    const picture = blank(rectOf({ width: 320, height: 240 }), RGB8);
    for (let at = 0; at < picture.data.length; at++) picture.data[at] = (at * 7 + ((at / 960) | 0) * 3) % 256;
    const host = new MemoryHost(picture, key);
    const app = new App(host, new NodePlatform(), bridge.port);
    await app.start();
    await until(() => app.get().connection.state === "pairing");
    await app.pair(bridge.pairingCode());
    await until(() => app.get().connection.state === "ready");
    return new Reviewing(bridge, browser, app, host);
  }

  async dispose(): Promise<void> {
    this.app.stop();
    await this.browser.close();
    await this.bridge.dispose();
  }

  async edit(text: string): Promise<void> {
    this.host.selection = box(rect(40, 40, 200, 160));
    this.host.touch();
    await until(() => this.app.get().mask?.source.kind === "selection");
    await this.app.run(text);
    assert.equal(this.app.get().problem, null);
  }

  async context(): Promise<BrowserContext> {
    const made = await this.browser.newContext({ viewport: WIDE });
    made.on("page", (page) => {
      page.on("pageerror", (error) => this.wrong.push(error.message));
      page.on("dialog", (dialog) => {
        this.wrong.push(`a dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on("console", (said) => {
        this.consoles.push(said.text());
        if (/Content Security Policy/.test(said.text())) this.wrong.push(said.text());
      });
    });
    return made;
  }

  /** The link that the plugin opens. */
  async link(): Promise<string> {
    const before = this.host.said.length;
    this.app.openReview();
    await until(() => this.host.said.length > before);
    return this.host.said.at(-1) ?? "";
  }

  async owner(): Promise<Page> {
    const page = await (await this.context()).newPage();
    await page.goto(await this.link());
    await seen(page.getByRole("button", { name: /^People/ }));
    return page;
  }

  /** A link into the document, made on the owner's page. */
  async invite(owner: Page, role: string, name = ""): Promise<string> {
    await owner.getByRole("button", { name: /^People/ }).click();
    await owner.locator("form.invite select").first().selectOption(role);
    await owner.getByLabel("Name, if it is for one person only").fill(name);
    await owner.getByRole("button", { name: "Make a link" }).click();
    const link = await owner.getByLabel("Invite link").inputValue();
    await owner.keyboard.press("Escape");
    return link;
  }

  async join(link: string, name: string): Promise<Page> {
    const page = await (await this.context()).newPage();
    await page.goto(link);
    await page.getByLabel("Your name, as the others will see it").fill(name);
    await page.keyboard.press("Enter");
    await seen(page.getByRole("button", { name: /^People/ }));
    return page;
  }
}

export async function seen(locator: Locator): Promise<void> {
  await locator.first().waitFor({ state: "visible", timeout: 20_000 });
}

/** Pictures of what is seen, where they are wanted. */
export async function shoot(page: Page, name: string): Promise<void> {
  if (SHOTS === undefined) return;
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const [size, viewport] of [
      ["wide", WIDE],
      ["narrow", NARROW],
    ] as const) {
      await page.setViewportSize(viewport);
      await page.waitForTimeout(150);
      await page.screenshot({ path: `${SHOTS}/${name}-${size}-${colorScheme}.png` });
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(WIDE);
}
