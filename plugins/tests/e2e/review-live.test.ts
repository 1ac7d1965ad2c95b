/** People in the page together: two browsers and a third, the real bridge, the real engine. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { Link } from "../../shared/src/bridge/link.ts";
import { PROTOCOL_VERSION } from "../../shared/src/protocol/messages.ts";
import { launchBrowser } from "../hosts/figma/frame.ts";
import { RealBridge } from "../support/bridge.ts";
import { NodePlatform } from "../support/platform.ts";
import { buildPage, NARROW, WIDE } from "../support/review_team.ts";

const ROOT = new URL("../../", import.meta.url);
const PHOTO = fileURLToPath(new URL("../bridge/demo/photos/rocket.jpg", ROOT));
/** Pictures of what is seen go here, when it is named. */
const SHOTS = process.env["INLAY_SHOTS"];
/** Of the photograph. */
const WIDTH = 640;

let bridge: RealBridge;
let browser: Browser;
/** Who may all, and whom they invite: an editor, later a viewer. */
let ann: Page;
let bo: Page;
let cy: Page;
const wrong: string[] = [];

before(async () => {
  buildPage();
  bridge = await RealBridge.start();
  browser = await launchBrowser();
  ann = await (await context()).newPage();
  await ann.goto(bridge.review(PHOTO));
  await seen(ann.getByText("this machine · Owner"));
});
after(async () => {
  await browser.close();
  await bridge.dispose();
});

async function context(): Promise<BrowserContext> {
  const made = await browser.newContext({ viewport: WIDE, permissions: ["clipboard-read", "clipboard-write"] });
  made.setDefaultTimeout(15_000);
  made.on("page", (page) => {
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on("console", (said) => {
      if (/Content Security Policy/.test(said.text())) wrong.push(said.text());
    });
  });
  return made;
}

async function seen(locator: Locator, timeout = 15_000): Promise<void> {
  await locator.first().waitFor({ state: "visible", timeout });
}

async function gone(locator: Locator): Promise<void> {
  await locator.first().waitFor({ state: "hidden", timeout: 15_000 });
}

async function until(holds: () => boolean | Promise<boolean>, seconds = 20): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error("it never happened");
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

async function join(name: string, role: string): Promise<Page> {
  await ann.getByRole("button", { name: /^People/ }).click();
  await ann.locator(".invite").getByLabel("Role").selectOption(role);
  await ann.getByRole("button", { name: "Make a link" }).click();
  const invite = await ann.getByLabel("Invite link").inputValue();
  await ann.keyboard.press("Escape");
  const page = await (await context()).newPage();
  await page.goto(invite);
  await page.getByLabel("Your name, as the others will see it").fill(name);
  await page.keyboard.press("Enter");
  await seen(page.getByText(`${name} · ${role[0]?.toUpperCase()}${role.slice(1)}`));
  return page;
}

/** Where a pixel of the layer is on a page's screen. */
async function at(page: Page, x: number, y: number): Promise<{ x: number; y: number }> {
  const frame = await page.getByRole("img", { name: "This version" }).boundingBox();
  assert.ok(frame !== null);
  const scale = frame.width / WIDTH;
  return { x: frame.x + (x + 0.5) * scale, y: frame.y + (y + 0.5) * scale };
}

async function moveTo(page: Page, x: number, y: number, steps = 4): Promise<void> {
  const to = await at(page, x, y);
  await page.mouse.move(to.x, to.y, { steps });
}

/** A comment on a layer that the document has had only since now; its id. */
async function onAnotherLayer(address: string): Promise<string> {
  const document_id = /\/d\/([\w-]+)/.exec(address)?.[1] ?? "";
  const Cookie = (await ann.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const platform = new NodePlatform({ Origin: `http://localhost:${bridge.port}`, Cookie });
  const socket = await Link.connect(platform, bridge.url, { message: () => undefined, closed: () => undefined });
  await socket.request("hello", { protocol: PROTOCOL_VERSION, client: "test" }, "welcome");
  const shape = { width: 64, height: 48, depth: "u8", channels: 3, alpha: "none" } as const;
  const described = { document_id, key: "second", name: "Second", ...shape };
  const { layer } = await socket.request("layer.describe", described, "layer.described");
  const said = { comment_id: "on-the-second", version_id: layer.head_version_id ?? "", text: "On the second layer" };
  await socket.request("comment.add", said, "comment.is");
  socket.close();
  return said.comment_id;
}

async function shoot(page: Page, name: string, sizes = ["wide", "narrow"]): Promise<void> {
  if (SHOTS === undefined) return;
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const size of sizes) {
      await page.setViewportSize(size === "wide" ? WIDE : NARROW);
      await page.waitForTimeout(350);
      await page.screenshot({ path: `${SHOTS}/${name}-${size}-${colorScheme}.png` });
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(WIDE);
}

/** Whether something lies over the picture: a selection, a first look, the frame of an edit that runs. */
function isDrawnOn(element: Element): boolean {
  const canvas = element as HTMLCanvasElement;
  const { width, height } = canvas;
  const pixels = canvas.getContext("2d")?.getImageData(0, 0, Math.max(1, width), Math.max(1, height)).data ?? [];
  return pixels.some((value, index) => index % 4 === 3 && value > 0);
}

/** What axe finds that keeps somebody out, with where it is. */
async function findings(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run();
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
  });
}

describe("people in the page together", { concurrency: false }, () => {
  it("see each other, and what each looks at", async () => {
    bo = await join("Bo Smith", "editor");
    await seen(ann.getByRole("list", { name: "Who is here" }).getByRole("button", { name: /^Bo Smith looks at/ }));
    await seen(bo.getByRole("list", { name: "Who is here" }).getByRole("button", { name: /^this machine looks at/ }));
  });

  it("see where the other points, until they point elsewhere", async () => {
    await seen(ann.getByRole("img", { name: "This version" }));
    await seen(bo.getByRole("img", { name: "This version" }));
    await moveTo(bo, 100, 100);
    await moveTo(bo, 300, 200, 12);
    const cursor = ann.locator(".cursor", { hasText: "Bo Smith" });
    await seen(cursor);
    await until(async () => {
      const box = await cursor.boundingBox();
      const should = await at(ann, 300, 200);
      return box !== null && Math.hypot(box.x - should.x, box.y - should.y) < 6;
    });
    await shoot(ann, "cursor", ["wide"]);
    await bo.mouse.move(5, 5);
    await gone(cursor);
    assert.equal(await bo.locator(".cursor", { hasText: "Bo Smith" }).count(), 0);
  });

  it("edit by a lasso in one page, seen while it runs and as a version in the other", async () => {
    await bo.getByRole("group", { name: "Where" }).getByRole("button", { name: "Lasso" }).click();
    const line = [
      [150, 80],
      [330, 70],
      [390, 200],
      [330, 300],
      [180, 310],
      [140, 180],
    ] as const;
    await moveTo(bo, 150, 80);
    await bo.mouse.down();
    for (const [x, y] of line) await moveTo(bo, x, y, 6);
    await bo.mouse.up();
    await shoot(bo, "lasso");
    assert.deepEqual(await findings(bo), []);
    await bo.getByRole("textbox", { name: "Command" }).fill("make it nicer");
    await bo.keyboard.press("Enter");
    await seen(bo.getByRole("alert").getByText("not understood"));
    await shoot(bo, "asked", ["wide"]);
    await bo.getByRole("textbox", { name: "Command" }).fill("turn it into an oil painting");
    const watched = seen(ann.getByText(/turn it into an oil painting…/), 60_000);
    const pending = seen(ann.getByRole("list", { name: "On their way" }).getByText(/^Bo Smith · /), 60_000);
    const drawn = until(() => ann.locator("canvas.drawn").evaluate(isDrawnOn), 60);
    await bo.keyboard.press("Enter");
    await Promise.all([watched, pending, drawn]);
    for (const page of [ann, bo]) {
      await seen(page.getByRole("button", { name: /turn it into an oil painting.*Current/ }), 90_000);
      await seen(page.getByRole("heading", { name: "v1 · turn it into an oil painting" }));
    }
    await gone(ann.getByText(/turn it into an oil painting…/));
    await seen(bo.getByRole("button", { name: "Another one" }));
    await shoot(bo, "result");
    await shoot(ann, "together", ["wide"]);
  });

  it("undo, redo, and go on from an older version", async () => {
    await bo.getByRole("region", { name: "Edit" }).getByRole("button", { name: "Undo" }).click();
    await seen(ann.getByRole("heading", { name: "Original" }));
    await bo.getByRole("region", { name: "Edit" }).getByRole("button", { name: "Redo" }).click();
    await seen(ann.getByRole("heading", { name: "v1 · turn it into an oil painting" }));
    await bo
      .getByRole("list", { name: "Version tree" })
      .getByRole("button", { name: /Original/ })
      .click();
    await seen(bo.getByText("The layer is at v1 now."));
    await bo.getByRole("button", { name: "Show it" }).click();
    await seen(bo.getByRole("heading", { name: "v1 · turn it into an oil painting" }));
  });

  it("paint with the brush, from the keyboard too, choose between results, and cancel", async () => {
    await bo.getByRole("group", { name: "Where" }).getByRole("button", { name: "Brush" }).click();
    await bo.getByRole("application", { name: /^Paint what to change/ }).focus();
    for (const key of [" ", "Shift+ArrowRight", "Shift+ArrowRight", "]", " "]) await bo.keyboard.press(key);
    await seen(bo.getByRole("button", { name: "Undo stroke" }));
    await bo.getByRole("button", { name: "Undo stroke" }).click();
    await shoot(bo, "brush");
    assert.deepEqual(await findings(bo), []);
    await bo.getByLabel("Results to choose from").selectOption("2");
    await bo.getByRole("textbox", { name: "Command" }).fill("fill with brick wall");
    await bo.keyboard.press("Enter");
    await seen(
      bo.getByRole("group", { name: "Results to choose from" }).getByRole("button", { name: "Result 2" }),
      90_000,
    );
    await bo.getByRole("button", { name: "Result 2" }).click();
    await seen(bo.getByRole("button", { name: "Result 2", pressed: true }));
    await shoot(bo, "candidates", ["wide"]);
    await bo.getByLabel("Results to choose from").first().selectOption("4");
    await bo.getByRole("application", { name: /^Paint what to change/ }).focus();
    await bo.keyboard.press(" ");
    await bo.getByRole("textbox", { name: "Command" }).fill("fill with cobblestones");
    await bo.keyboard.press("Enter");
    await seen(ann.getByRole("list", { name: "Edits that run" }).getByText(/fill with cobblestones…/));
    if (SHOTS !== undefined) await ann.screenshot({ path: `${SHOTS}/others-wide-light.png` });
    if (SHOTS !== undefined) await bo.screenshot({ path: `${SHOTS}/mine-wide-light.png` });
    // The focus is where the next key is needed.
    await until(() =>
      bo.getByRole("button", { name: "Cancel" }).evaluate((button) => button === document.activeElement),
    );
    await bo.keyboard.press("Enter");
    await bo.getByText("Cancelled. Nothing was changed.").waitFor({ state: "attached" });
    await bo.getByLabel("Results to choose from").first().selectOption("1");
    assert.equal(await bo.getByRole("button", { name: /fill with cobblestones/ }).count(), 0);
  });

  it("follow each other", async () => {
    await ann.getByRole("button", { name: /^Bo Smith looks at.*Follow/ }).click();
    await bo
      .getByRole("list", { name: "Version tree" })
      .getByRole("button", { name: /Original/ })
      .click();
    await seen(ann.getByRole("heading", { name: "Original" }));
    await seen(ann.getByText("You look at what Bo Smith looks at."));
    await ann.getByRole("button", { name: "Stop" }).click();
    await bo.getByRole("button", { name: "Show it" }).click();
    await seen(ann.getByRole("button", { name: /^Bo Smith looks at v\d/ }));
    assert.equal(await ann.getByRole("heading", { name: "Original" }).count(), 1);
  });

  it("speak to each other with an @, chosen by keys, and find what mentions them", async () => {
    const field = ann.getByLabel("Your comment");
    await field.focus();
    await ann.keyboard.type("Softer here, @bo");
    await seen(ann.getByRole("option", { name: /Bo Smith/ }));
    await shoot(ann, "mention", ["wide"]);
    assert.deepEqual(await findings(ann), []);
    await ann.keyboard.press("Enter");
    assert.equal(await field.inputValue(), "Softer here, @Bo Smith ");
    await ann.keyboard.type("please. @Nobody");
    await ann.keyboard.press("Enter");
    await seen(ann.locator(".mention", { hasText: "@Bo Smith" }));
    assert.equal(await ann.locator(".mention").count(), 1);
    await bo.getByRole("group", { name: "Which comments" }).getByRole("button", { name: "Mine" }).click();
    await bo.getByLabel("Of all versions").check();
    await seen(bo.locator(".mention.mine", { hasText: "@Bo Smith" }));
  });

  it("give each other links to a comment and a version, without a token", async () => {
    await ann
      .getByRole("button", { name: /^Copy the link to the comment/ })
      .first()
      .click();
    const link = await ann.evaluate(() => navigator.clipboard.readText());
    assert.match(link, new RegExp(`^http://localhost:${bridge.port}/d/[\\w-]+#comment=[\\w-]+$`));
    await bo.goto(link);
    await seen(bo.getByRole("heading", { name: "Original" }));
    await seen(bo.locator(".thread.chosen", { hasText: "Softer here" }));
    // On another layer: it goes there, and back.
    const elsewhere = await onAnotherLayer(link);
    await bo.goto(`${link.replace(/#.*/, "")}#comment=${elsewhere}`);
    await seen(bo.locator(".thread.chosen", { hasText: "On the second layer" }));
    assert.equal(await bo.getByRole("combobox", { name: "Layer" }).locator("option:checked").textContent(), "Second");
    await bo.goto(link);
    await seen(bo.locator(".thread.chosen", { hasText: "Softer here" }));
    await bo.goto(link.replace(/#.*/, "#comment=nothing-like-it"));
    await seen(bo.getByText("That comment is not in this document."));
    await ann.getByRole("button", { name: "Copy the link to this version" }).click();
    const version = await ann.evaluate(() => navigator.clipboard.readText());
    assert.match(version, /#version=[\w-]+$/);
    await ann.keyboard.press("h");
    await seen(ann.getByRole("heading", { name: /^v\d/ }));
    await ann.goto(version); // the same page: only what is after the # is another
    await seen(ann.getByRole("heading", { name: "Original" }));
  });

  it("are told at once when the owner gives them another role, or takes them out", async () => {
    cy = await join("Cy", "viewer");
    await bo.reload();
    await seen(bo.getByRole("textbox", { name: "Command" }).or(bo.getByText(/The layer is at/)));
    await ann.getByRole("button", { name: /^People/ }).click();
    await shoot(ann, "roles");
    assert.deepEqual(await findings(ann), []);
    await ann.getByLabel("Role of Bo Smith").selectOption("commenter");
    await seen(bo.getByText("You are commenter here now."));
    assert.equal(await bo.getByRole("region", { name: "Edit" }).getByRole("textbox").count(), 0);
    assert.equal(await cy.getByLabel("Your comment").count(), 0);
    await ann.getByLabel("Role of Cy").selectOption("approver");
    await seen(cy.getByLabel("Your comment"));
    await seen(cy.getByRole("button", { name: "Approve", exact: true }));
    await ann.getByRole("button", { name: "Take Cy out of the document" }).click();
    await ann.getByRole("button", { name: "Take out" }).click();
    await seen(cy.getByRole("heading", { name: "You are not in this document any more." }));
    await ann.keyboard.press("Escape");
    await gone(ann.getByRole("list", { name: "Who is here" }).getByText(/Cy/));
  });

  it("do all of it by keys alone, never while they type", async () => {
    await ann.locator("body").press("?");
    await seen(ann.getByRole("dialog", { name: "Keys" }));
    await shoot(ann, "keys");
    assert.deepEqual(await findings(ann), []);
    await ann.keyboard.press("?");
    await gone(ann.getByRole("dialog", { name: "Keys" }));
    await ann.keyboard.press("h");
    const title = await ann.getByRole("heading", { name: /^v\d/ }).textContent();
    await ann.keyboard.press("j");
    await until(async () => (await ann.locator(".about h2").textContent()) !== title);
    await ann.keyboard.press("k");
    await until(async () => (await ann.locator(".about h2").textContent()) === title);
    const modes = ann.getByRole("group", { name: "How to compare" });
    for (const [key, name] of [
      ["i", "Side by side"],
      ["o", "Onion skin"],
      ["s", "Slider"],
      ["v", "Alone"],
    ] as const) {
      await ann.keyboard.press(key);
      await seen(modes.getByRole("button", { name, pressed: true }));
    }
    await ann.keyboard.press("c");
    await ann.keyboard.type("j k ? resolve me");
    assert.equal(await ann.getByLabel("Your comment").inputValue(), "j k ? resolve me");
    await ann.keyboard.press("Enter");
    await seen(ann.getByText("j k ? resolve me"));
    await ann.getByLabel("Your comment").blur();
    await ann.keyboard.press("n");
    await ann.keyboard.press("n");
    await seen(ann.locator(".thread.chosen"));
    await ann.keyboard.press("r");
    await seen(ann.locator(".thread.chosen").getByText(/resolved by/));
    await ann.keyboard.press("h");
    await ann.keyboard.press("e");
    await ann.keyboard.type("make this warmer");
    assert.equal(await ann.getByRole("textbox", { name: "Command" }).inputValue(), "make this warmer");
    await ann.keyboard.press("Enter");
    await seen(ann.getByRole("button", { name: /make this warmer.*Current/ }), 90_000);
    await ann.locator("body").press("a");
    await seen(ann.locator("header").getByText("Approved"));
  });

  it("are gone when they leave", async () => {
    await seen(ann.getByRole("list", { name: "Who is here" }).getByText(/BS/));
    await bo.context().close();
    await gone(ann.getByRole("list", { name: "Who is here" }));
    assert.deepEqual(wrong, []);
  });
});
