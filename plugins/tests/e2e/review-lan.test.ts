/** The team's page over the network: by TLS with the bridge's own certificate, in a real browser. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { launchBrowser } from "../hosts/figma/frame.ts";
import { INLAY } from "../support/bridge.ts";
import { seen } from "../support/reviewing.ts";

let data: string;
let served: ChildProcess;
let browser: Browser;
let said = "";

before(async () => {
  data = mkdtempSync(join(tmpdir(), "inlay-lan-"));
  const arguments_ = ["serve", "--lan", "--self-signed", "--port", "0", "--lan-port", "0", "--data", data];
  served = spawn(INLAY, arguments_, { env: { ...process.env, COLUMNS: "200" } });
  served.stdout?.on("data", (piece: Buffer) => (said += piece.toString()));
  const end = Date.now() + 60_000;
  while (!/SHA-256/.test(said)) {
    if (Date.now() > end) throw new Error(`it does not serve: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  browser = await launchBrowser();
});
after(async () => {
  await browser.close();
  served.kill();
  rmSync(data, { recursive: true, force: true });
});

describe("over the network", { concurrency: false }, () => {
  it("a guest comes in by the link that `inlay invite` prints, and the cookie is TLS's alone", async () => {
    const port = /ws:\/\/localhost:(\d+)\/ws/.exec(said)?.[1] ?? "";
    const photo = new URL("../../../bridge/demo/photos/rocket.jpg", import.meta.url).pathname;
    const edited = spawnSync(INLAY, ["edit", photo, "make it warmer", "-o", join(data, "out.png"), "--data", data], {
      encoding: "utf8",
    });
    assert.equal(edited.status, 0, edited.stderr);
    const invited = spawnSync(INLAY, ["invite", photo, "--data", data], { encoding: "utf8" });
    assert.equal(invited.status, 0, invited.stderr);
    const link = invited.stdout.trim();
    assert.match(link, /^https:\/\/\S+\/join#\S+$/);
    assert.ok(!link.includes(`:${port}/`), "the network has a port of its own");

    const strict = await (await browser.newContext()).newPage();
    await assert.rejects(strict.goto(link), /CERT/);
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    const wrong: string[] = [];
    page.on("console", (one) => {
      if (/Content Security Policy/.test(one.text())) wrong.push(one.text());
    });
    const tiles: number[] = [];
    page.on("response", (response) => {
      if (response.url().includes("/tiles/")) tiles.push(response.status());
    });
    await page.goto(link);
    await page.getByLabel("Your name, as the others will see it").fill("Vic");
    await page.keyboard.press("Enter");
    await seen(page.getByText("Vic · Commenter"));
    await seen(page.getByText("make it warmer"));
    await page.getByLabel("Your comment").fill("By TLS");
    await page.keyboard.press("Enter");
    await seen(page.getByRole("list", { name: "Threads" }).getByText("By TLS"));
    await page.waitForTimeout(500);
    assert.ok(tiles.length > 0 && tiles.every((status) => status === 200 || status === 404), tiles.join());
    assert.ok(tiles.includes(200), tiles.join());
    const cookies = await context.cookies();
    assert.deepEqual(
      cookies.map(({ name, secure, httpOnly, sameSite }) => ({ name, secure, httpOnly, sameSite })),
      [{ name: "__Host-inlay_session", secure: true, httpOnly: true, sameSite: "Strict" }],
    );
    assert.deepEqual(wrong, []);
  });
});
