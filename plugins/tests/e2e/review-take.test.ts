/** Taking away from the team's page, in a real browser at the real bridge: pictures, reports, the whole document. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { decode as decodePng } from "fast-png";
import { type Browser, type BrowserContext, type Download, type Locator, type Page } from "playwright-core";
import { App } from "../../shared/src/app/app.ts";
import { type Rect, rect, rectOf } from "../../shared/src/pixels/rect.ts";
import { launchBrowser } from "../hosts/figma/frame.ts";
import { INLAY, RealBridge } from "../support/bridge.ts";
import { box, MemoryHost } from "../support/memory_host.ts";
import { NodePlatform } from "../support/platform.ts";
import { buildPage, demoPhotograph, NARROW, until, WIDE } from "../support/review_team.ts";

/** Pictures of what is seen go here, when it is named. */
const SHOTS = process.env["INLAY_SHOTS"];
const PLACE = rect(140, 60, 400, 330);

let bridge: RealBridge;
let browser: Browser;
let app: App;
let host: MemoryHost;
let owner: Page;
let guest: Page;
let folder: string;
/** What the pages said that must never be said: refused by the policy, or thrown. */
const wrong: string[] = [];

before(async () => {
  buildPage();
  folder = mkdtempSync(join(tmpdir(), "inlay-taken-"));
  bridge = await RealBridge.start();
  browser = await launchBrowser();
  host = new MemoryHost(await demoPhotograph("rocket.jpg"), "take-document");
  app = new App(host, new NodePlatform(), bridge.port);
  await app.start();
  await until(() => app.get().connection.state === "pairing");
  await app.pair(bridge.pairingCode());
  await until(() => app.get().connection.state === "ready");
  host.selection = box(PLACE);
  host.touch();
  await until(() => app.get().mask?.source.kind === "selection");
  await app.run("make this warmer");
  assert.equal(app.get().outcome?.state, "placed");
});
after(async () => {
  app.stop();
  await browser.close();
  await bridge.dispose();
  rmSync(folder, { recursive: true, force: true });
});

async function context(): Promise<BrowserContext> {
  const made = await browser.newContext({ viewport: WIDE, acceptDownloads: true });
  made.on("page", (page) => {
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on("console", (said) => {
      if (/Content Security Policy/.test(said.text())) wrong.push(said.text());
    });
  });
  return made;
}

async function seen(what: Locator): Promise<void> {
  await what.first().waitFor({ state: "visible", timeout: 60_000 });
}

async function shoot(page: Page, name: string): Promise<void> {
  if (SHOTS === undefined) return;
  for (const [size, viewport] of Object.entries({ wide: WIDE, narrow: NARROW })) {
    for (const scheme of ["light", "dark"] as const) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme: scheme });
      await page.screenshot({ path: `${SHOTS}/take-${name}-${size}-${scheme}.png` });
    }
  }
  await page.setViewportSize(WIDE);
  await page.emulateMedia({ colorScheme: null });
}

/** Presses the button, and keeps what the browser is given. */
async function taken(page: Page, button: string): Promise<{ readonly download: Download; readonly path: string }> {
  const coming = page.waitForEvent("download", { timeout: 120_000 });
  await page.getByRole("dialog").getByRole("button", { name: button, exact: true }).click();
  const download = await coming;
  const path = join(folder, `${Math.random().toString(36).slice(2)}-${download.suggestedFilename()}`);
  await download.saveAs(path);
  return { download, path };
}

/** The layer as the plugin shows it, or a part of it, against a PNG. */
function assertSame(path: string, place: Rect): void {
  const png = decodePng(readFileSync(path));
  assert.deepEqual([png.width, png.height, png.channels, png.depth], [place.x1 - place.x0, place.y1 - place.y0, 3, 8]);
  const shown = host.shown();
  const width = shown.rect_px.x1 - shown.rect_px.x0;
  for (let y = 0; y < png.height; y++) {
    const start = ((y + place.y0) * width + place.x0) * 3;
    const row = Buffer.from(shown.data.slice(start, start + png.width * 3));
    const its = Buffer.from(png.data.slice(y * png.width * 3, (y + 1) * png.width * 3));
    assert.ok(row.equals(its), `row ${y} differs`);
  }
}

describe("taking away", { concurrency: false }, () => {
  it("lets a viewer in", async () => {
    const before = host.said.length;
    app.openReview();
    await until(() => host.said.length > before);
    owner = await (await context()).newPage();
    await owner.goto(host.said.at(-1) ?? "");
    await seen(owner.getByRole("button", { name: /make this warmer/ }));
    await until(() => app.get().sharing === null);
    await owner.getByRole("button", { name: /^People/ }).click();
    await owner.locator("form.invite").getByLabel("Role").selectOption("viewer");
    await owner.getByRole("button", { name: "Make a link" }).click();
    const invite = await owner.getByLabel("Invite link").inputValue();
    await owner.keyboard.press("Escape");
    guest = await (await context()).newPage();
    await guest.goto(invite);
    await guest.getByLabel("Your name, as the others will see it").fill("Vic");
    await guest.keyboard.press("Enter");
    await seen(guest.getByRole("button", { name: /make this warmer/ }));
  });

  it("gives a viewer the whole layer as a PNG that is the bridge's to the bit", async () => {
    await guest.getByRole("button", { name: "Take away" }).click();
    await shoot(guest, "viewer");
    const { download, path } = await taken(guest, "Download picture");
    assert.match(download.suggestedFilename(), /^[^/\\]+ v1\.png$/);
    assertSame(path, rectOf(host.size));
    await seen(guest.getByRole("dialog").getByText(/is on its way to your downloads/));
    await shoot(guest, "downloaded");
    assert.ok(!readFileSync(path).includes("make this warmer")); // words only where they are asked for
  });

  it("gives only what a version changed, with its words, from the keyboard", async () => {
    const dialog = guest.getByRole("dialog");
    await dialog.getByRole("button", { name: "What changed" }).focus();
    await guest.keyboard.press("Enter");
    await dialog.getByLabel("what was asked for").focus();
    await guest.keyboard.press("Space");
    const { path } = await taken(guest, "Download picture");
    assertSame(path, PLACE);
    assert.ok(readFileSync(path).includes("make this warmer"));
  });

  it("gives reports, and a viewer nothing more", async () => {
    const dialog = guest.getByRole("dialog");
    const pdf = await taken(guest, "Download report");
    assert.ok(readFileSync(pdf.path).subarray(0, 5).toString() === "%PDF-");
    await dialog.getByRole("group", { name: "Kind of report" }).getByRole("button", { name: "HTML" }).click();
    await dialog.getByLabel("versions that nobody spoke of, too").check();
    const html = await taken(guest, "Download report");
    const page = await (await context()).newPage();
    await page.goto(`file://${html.path}`);
    await seen(page.getByRole("heading", { name: "make this warmer" }));
    await seen(page.getByLabel("After this version"));
    await page.context().close();
    assert.equal(await dialog.getByRole("button", { name: "Download document" }).count(), 0);
    await guest.keyboard.press("Escape");
    assert.equal(await guest.getByRole("dialog").count(), 0);
  });

  it("gives the owner the whole document, which `inlay import` opens in another data folder", async () => {
    await owner.getByRole("button", { name: "Take away" }).click();
    await shoot(owner, "owner");
    const { download, path } = await taken(owner, "Download document");
    assert.match(download.suggestedFilename(), /\.zip$/);
    const data = join(folder, "elsewhere");
    const imported = spawnSync(INLAY, ["import", path, "--data", data], { encoding: "utf8" });
    assert.equal(imported.status, 0, imported.stderr);
    const document_id = imported.stdout.trim();
    const again = join(folder, "again.png");
    const exported = spawnSync(INLAY, ["export", document_id, "--out", again, "--version", "v1", "--data", data], {
      encoding: "utf8",
    });
    assert.equal(exported.status, 0, exported.stderr);
    assertSame(again, rectOf(host.size));
    const twice = spawnSync(INLAY, ["import", path, "--data", data], { encoding: "utf8" });
    assert.notEqual(twice.status, 0);
    assert.match(twice.stderr, /imported before/);
    await owner.keyboard.press("Escape");
  });

  it("has done nothing that the page's policy forbids", () => {
    assert.deepEqual(wrong, []);
  });
});
