/** The team's page in a real browser, served by the real bridge: an owner, a guest in a browser of their own, a plugin. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Browser, type BrowserContext, type Locator, type Page } from "playwright-core";
import { App } from "../../shared/src/app/app.ts";
import { Refused } from "../../shared/src/bridge/errors.ts";
import { Link } from "../../shared/src/bridge/link.ts";
import { PROTOCOL_VERSION } from "../../shared/src/protocol/messages.ts";
import { rect } from "../../shared/src/pixels/rect.ts";
import { launchBrowser } from "../hosts/figma/frame.ts";
import { RealBridge } from "../support/bridge.ts";
import { box, MemoryHost } from "../support/memory_host.ts";
import { NodePlatform } from "../support/platform.ts";
import { buildPage, demoPhotograph, NARROW, until, WIDE } from "../support/review_team.ts";

/** Pictures of what is seen go here, when it is named. */
const SHOTS = process.env["INLAY_SHOTS"];
const XSS = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`;
/** As long as a name may be on the page. */
const NAME = `Bo <img src=x onerror="window.hacked=1">`;

let bridge: RealBridge;
let browser: Browser;
let app: App;
let host: MemoryHost;
/** What the pages said that must never be said: refused by the policy, or thrown. */
const wrong: string[] = [];
/** Addresses that the pages asked for elsewhere than at the bridge. */
const foreign: string[] = [];
let owner: Page;
let guest: Page;

before(async () => {
  buildPage();
  bridge = await RealBridge.start();
  browser = await launchBrowser();
  host = new MemoryHost(await demoPhotograph("rocket.jpg"), "review-document");
  app = new App(host, new NodePlatform(), bridge.port);
  await app.start();
  await until(() => app.get().connection.state === "pairing");
  await app.pair(bridge.pairingCode());
  await until(() => app.get().connection.state === "ready");
  await edit("make this warmer", rect(140, 60, 400, 330));
});
after(async () => {
  app.stop();
  await browser.close();
  await bridge.dispose();
});

async function edit(text: string, where = rect(140, 60, 400, 330)): Promise<void> {
  host.selection = box(where);
  host.touch();
  await until(() => app.get().mask?.source.kind === "selection");
  await app.run(text);
  assert.equal(app.get().problem, null);
  assert.equal(app.get().outcome?.state, "placed");
}

async function context(): Promise<BrowserContext> {
  const made = await browser.newContext({ viewport: WIDE });
  made.on("page", (page) => {
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on("console", (said) => {
      if (/Content Security Policy/.test(said.text())) wrong.push(said.text());
    });
    page.on("request", (request) => {
      if (!/^(http|ws):\/\/localhost:|^(blob|data):/.test(request.url())) foreign.push(request.url());
    });
  });
  return made;
}

/** The link that the plugin opens. */
async function link(): Promise<string> {
  const before = host.said.length;
  app.openReview();
  await until(() => host.said.length > before);
  return host.said.at(-1) ?? "";
}

/** Where the layer is on the screen. */
const picture = (page: Page): Locator => page.getByRole("img", { name: "This version" });

async function seen(locator: Locator): Promise<void> {
  await locator.first().waitFor({ state: "visible", timeout: 15_000 });
}

async function shoot(page: Page, name: string): Promise<void> {
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

describe("the review page", { concurrency: false }, () => {
  it("opens from the plugin as the person who is paired there, once", async () => {
    assert.match(app.get().reviewUrl ?? "", new RegExp(`^http://localhost:${bridge.port}/d/[A-Za-z0-9_-]+$`));
    const address = await link();
    owner = await (await context()).newPage();
    await owner.goto(address);
    await seen(owner.getByRole("heading", { name: "A document" }));
    await seen(owner.getByText("Memory · Owner"));
    assert.equal(owner.url(), app.get().reviewUrl); // the token is wiped
    const cookies = await owner.context().cookies();
    assert.deepEqual(
      cookies.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite })),
      [{ httpOnly: true, sameSite: "Strict" }],
    );
    await seen(owner.getByRole("button", { name: /make this warmer/ }));
    await seen(picture(owner));

    const other = await (await context()).newPage();
    await other.goto(address);
    await seen(other.getByRole("heading", { name: "This browser is not let in" }));
    await other.context().close();
  });

  it("lets the owner invite a commenter, who joins in another browser", async () => {
    await owner.getByRole("button", { name: /^People/ }).click();
    await owner.getByRole("combobox", { name: "Role", exact: true }).last().selectOption("commenter");
    await owner.getByRole("button", { name: "Make a link" }).click();
    const invite = await owner.getByLabel("Invite link").inputValue();
    assert.match(invite, new RegExp(`^http://localhost:${bridge.port}/join#`));
    await shoot(owner, "people");
    await owner.keyboard.press("Escape");

    guest = await (await context()).newPage();
    await guest.goto(invite);
    assert.ok(!guest.url().includes("#"));
    await shoot(guest, "join");
    await guest.getByLabel("Your name, as the others will see it").fill(NAME);
    await guest.keyboard.press("Enter");
    await seen(guest.getByRole("heading", { name: "A document" }));
    await seen(guest.getByText(`${NAME} · Commenter`, { exact: true }));
    // The owner hears of it without a reload.
    await seen(owner.getByRole("button", { name: "People (2)" }));
  });

  it("shows a pinned comment to the owner at once, who resolves it", async () => {
    await guest.getByRole("button", { name: "Pin a comment" }).click();
    const stage = await picture(guest).boundingBox();
    assert.ok(stage !== null);
    await guest.mouse.move(stage.x + stage.width * 0.3, stage.y + stage.height * 0.3);
    await guest.mouse.down();
    await guest.mouse.move(stage.x + stage.width * 0.6, stage.y + stage.height * 0.7, { steps: 4 });
    await guest.mouse.up();
    await guest.getByLabel("Your comment").fill(`Too warm here ${XSS}`);
    await guest.keyboard.press("Enter");
    await seen(guest.getByText("Too warm here"));

    await seen(owner.getByRole("list", { name: "Threads" }).getByText(`Too warm here ${XSS}`, { exact: true }));
    const pin = await owner.getByRole("button", { name: /^Comment 1 of/ }).boundingBox();
    const shown = await picture(owner).boundingBox();
    assert.ok(pin !== null && shown !== null);
    for (const [is, should] of [
      [(pin.x - shown.x) / shown.width, 0.3],
      [(pin.y - shown.y) / shown.height, 0.3],
      [pin.width / shown.width, 0.3],
      [pin.height / shown.height, 0.4],
    ] as const) {
      assert.ok(Math.abs(is - should) < 0.03, `${is} is not ${should}`);
    }
    await owner.getByRole("button", { name: "Reply" }).click();
    await owner.getByLabel("Your reply").fill("I cool it down.");
    await owner.keyboard.press("Enter");
    await seen(guest.getByText("I cool it down."));
    await shoot(owner, "comment");
    await owner.getByRole("button", { name: "Resolve" }).click();
    await seen(guest.getByText("✓ resolved by Memory"));
  });

  it("shows an edit from the plugin in both browsers without a reload", async () => {
    await edit("make this darker");
    for (const page of [owner, guest]) {
      await seen(page.getByRole("button", { name: /make this darker.*Current/ }));
      await seen(page.getByRole("heading", { name: "v2 · make this darker" }));
    }
    await guest.getByLabel("Of all versions").check();
    await guest.getByRole("group", { name: "Which comments" }).getByRole("button", { name: "All" }).click();
    await seen(guest.getByText("Too warm here"));
  });

  it("compares side by side, by blinking, and with the slider from the keyboard", async () => {
    const modes = owner.getByRole("group", { name: "How to compare" });
    await modes.getByRole("button", { name: "Side by side" }).click();
    await seen(owner.locator("figcaption", { hasText: "v1 · make this warmer" }));
    await shoot(owner, "side");
    await modes.getByRole("button", { name: "Blink" }).click();
    await owner.getByRole("button", { name: "Pause" }).click();
    await modes.getByRole("button", { name: "Slider" }).click();
    const slider = owner.getByRole("slider");
    await slider.focus();
    await owner.keyboard.press("Home");
    assert.equal(await slider.getAttribute("aria-valuenow"), "0");
    await owner.keyboard.press("End");
    assert.equal(await slider.getAttribute("aria-valuenow"), "100");
  });

  it("marks a place from the keyboard alone", async () => {
    await owner.getByRole("button", { name: "Pin a comment" }).focus();
    await owner.keyboard.press("Enter");
    await owner.keyboard.press("ArrowLeft");
    await owner.keyboard.press("Shift+ArrowDown");
    await seen(owner.getByText("With the marked place"));
    await owner.getByLabel("Your comment").focus();
    await owner.keyboard.type("From the keyboard");
    await owner.keyboard.press("Enter");
    await seen(guest.getByText("From the keyboard"));
    await seen(guest.getByRole("button", { name: /^Comment 2 of/ }));
  });

  it("changes the document's state by verdicts, and locks", async () => {
    await owner.getByRole("button", { name: "Request changes" }).click();
    await owner.getByLabel("What should change").fill("Still too dark.");
    await owner.keyboard.press("Enter");
    await seen(guest.locator("header").getByText("Changes requested"));
    await seen(guest.getByText("Still too dark."));
    await owner.getByRole("button", { name: "Approve", exact: true }).click();
    await seen(guest.locator("header").getByText("Approved"));
    assert.equal(await guest.getByRole("button", { name: "Approve", exact: true }).count(), 0);
    await owner.getByRole("button", { name: "Lock this version" }).click();
    await seen(guest.getByText("Locked"));
    await shoot(owner, "approved");
    await owner.getByRole("button", { name: "Unlock" }).click();
    await owner.getByRole("button", { name: "Withdraw" }).click();
    await seen(guest.locator("header").getByText("Draft"));
  });

  it("lets somebody change their own words, and nobody else's", async () => {
    const threads = guest.getByRole("list", { name: "Threads" });
    await threads.getByRole("button", { name: "Edit" }).first().click();
    await guest.getByLabel("Change your comment").fill("A little too warm here");
    await guest.keyboard.press("Enter");
    await seen(owner.getByText("From the keyboard")); // the version that the owner looks at
    await owner.getByLabel("Of all versions").check();
    await owner.getByRole("group", { name: "Which comments" }).getByRole("button", { name: "All" }).click();
    await seen(owner.getByText("A little too warm here"));
    const others = owner.getByRole("listitem").filter({ hasText: "A little too warm here" });
    // One is the owner's own reply in that thread.
    assert.equal(await others.getByRole("button", { name: "Edit" }).count(), 1);
  });

  it("shows a viewer no way to speak, and the bridge refuses one who tries", async () => {
    await owner.getByRole("button", { name: /^People/ }).click();
    await owner.getByRole("combobox", { name: "Role", exact: true }).last().selectOption("viewer");
    await owner.getByRole("button", { name: "Make a link" }).click();
    const invite = await owner.getByLabel("Invite link").inputValue();
    await owner.keyboard.press("Escape");
    const viewer = await (await context()).newPage();
    await viewer.goto(invite);
    await viewer.getByLabel("Your name, as the others will see it").fill("Vic");
    await viewer.keyboard.press("Enter");
    await seen(viewer.getByText("Vic · Viewer"));
    await seen(viewer.getByText("From the keyboard"));
    for (const name of ["Comment", "Reply", "Resolve", "Approve", "Pin a comment", "Edit"]) {
      assert.equal(await viewer.getByRole("button", { name, exact: true }).count(), 0, name);
    }
    await viewer.getByRole("button", { name: /^People/ }).click();
    await seen(viewer.getByRole("list", { name: "Members" }).getByText("Vic"));
    assert.equal(await viewer.getByRole("button", { name: "Make a link" }).count(), 0);

    // With the viewer's own cookie, but without the page.
    const cookie = (await viewer.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
    const platform = new NodePlatform({ Origin: `http://localhost:${bridge.port}`, Cookie: cookie });
    const socket = await Link.connect(platform, bridge.url, { message: () => undefined, closed: () => undefined });
    const welcome = await socket.request("hello", { protocol: PROTOCOL_VERSION, client: "test" }, "welcome");
    assert.equal(welcome.person, "Vic");
    const version_id = app.get().outcome?.candidates[0]?.version.version_id ?? "";
    for (const refused of [
      socket.request("comment.add", { comment_id: "a-viewer-speaks", version_id, text: "Me too" }, "comment.is"),
      socket.request("approval.set", { version_id, verdict: "approved" }, "approval.is"),
    ]) {
      await assert.rejects(refused, (error) => error instanceof Refused && error.code === "forbidden");
    }
    socket.close();
    await viewer.context().close();
  });

  it("says that the connection is lost, and catches up when the bridge is there again", async () => {
    await bridge.stop(true);
    await seen(guest.getByText("The connection to the bridge is lost."));
    await guest.getByLabel("Your comment").fill("Kept while it was away");
    await guest.keyboard.press("Enter");
    await seen(guest.getByRole("alert"));
    assert.equal(await guest.getByLabel("Your comment").inputValue(), "Kept while it was away");
    await shoot(guest, "away");
    await bridge.again();
    await until(() => app.get().connection.state === "ready");
    await seen(guest.getByText(/^Connected again\./));
    await guest.getByLabel("Your comment").focus();
    await guest.keyboard.press("Enter");
    await seen(owner.getByText("Kept while it was away"));
    assert.equal(await owner.getByText("Kept while it was away").count(), 1);
    await edit("make this brighter");
    await seen(owner.getByRole("button", { name: /make this brighter/ }));
  });

  it("compares an edit that made the layer another size with the one before, where that lies in it", async () => {
    await app.chooseMask({ kind: "whole", label: "", rect_px: null });
    await app.run("make it 16:9");
    assert.equal(app.get().problem, null);
    await seen(owner.getByRole("heading", { name: /make it 16:9/ }));
    const modes = owner.getByRole("group", { name: "How to compare" });
    assert.equal(await modes.getByRole("button", { name: "Slider" }).isDisabled(), false);
    await seen(owner.getByRole("slider"));
    await shoot(owner, "wide-layer");
  });

  it("has shown every text as text, loaded nothing from elsewhere, and done nothing that its policy forbids", async () => {
    for (const page of [owner, guest]) {
      assert.equal(await page.evaluate(() => "hacked" in window), false);
      assert.equal(await page.locator("img[src=x], main script").count(), 0);
    }
    assert.deepEqual(wrong, []);
    assert.deepEqual(foreign, []);
  });
});
