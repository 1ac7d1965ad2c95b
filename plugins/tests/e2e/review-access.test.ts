/** The review page for everybody: axe in every state, each story by keys alone, focus that is seen and never lost. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, it } from "node:test";
import type { Locator, Page } from "playwright-core";
import { rect } from "../../shared/src/pixels/rect.ts";
import { Proxy } from "../support/proxy.ts";
import { NARROW, ReviewTeam, WIDE } from "../support/review_team.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Tabs until something is reached; a page with more stops than that is no page for keys. */
const MOST_TABS = 80;

let team: ReviewTeam;
let owner: Page;
let guest: Page;

before(async () => {
  team = await ReviewTeam.start("rocket.jpg");
  await team.edit("make this warmer", rect(140, 60, 400, 330));
  // The tests put axe into the page; what the page itself may load is tested in review.test.ts.
  owner = await team.owner({ bypassCSP: true });
});
after(() => team.stop());

async function seen(locator: Locator): Promise<void> {
  await locator.first().waitFor({ state: "visible", timeout: 15_000 });
}

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

/** What axe finds serious or critical, light and dark, wide and narrow. */
async function accessible(page: Page, state: string): Promise<void> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    for (const viewport of [WIDE, NARROW]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      await page.waitForTimeout(100);
      if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
      const violations = await page.evaluate(async () => {
        const axe = (window as unknown as { axe: { run: () => Promise<{ violations: Finding[] }> } }).axe;
        return (await axe.run()).violations;
      });
      for (const { id, impact, nodes } of violations as readonly Finding[]) {
        if (impact !== "serious" && impact !== "critical") continue;
        for (const { target, failureSummary } of nodes)
          found.push(`${state} ${colorScheme} ${viewport.width}: ${id} ${target.join(" ")}: ${failureSummary}`);
      }
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(WIDE);
  assert.deepEqual([...new Set(found)], []);
}

/** What has the focus, in words; it must be something, and be seen to have it. */
async function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return "nothing";
    // Some show it with what is drawn before them.
    const isSeen = [null, "::before"].some((part) => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element, part);
      return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
    });
    const name = element.getAttribute("aria-label") ?? element.textContent;
    return `${isSeen ? "" : "UNSEEN "}${element.tagName.toLowerCase()} ${name.trim().slice(0, 60)}`;
  });
}

/** Presses Tab until this has the focus; every stop on the way is seen to have it. */
async function tabTo(page: Page, to: Locator, key = "Tab"): Promise<void> {
  for (let count = 0; count < MOST_TABS; count++) {
    if ((await to.count()) > 0 && (await to.first().evaluate((element) => element === document.activeElement))) return;
    await page.keyboard.press(key);
    assert.doesNotMatch(await focused(page), /^UNSEEN/);
  }
  throw new Error(`not reached by Tab: ${String(to)}; the focus is on ${await focused(page)}`);
}

/** After an action the focus is still somewhere: on what was used, or what took its place. */
async function keepsFocus(page: Page, action: string): Promise<void> {
  await page.waitForTimeout(250);
  assert.notEqual(await focused(page), "nothing", `the focus is lost after: ${action}`);
}

describe("the review page, for everybody", { concurrency: false }, () => {
  it("has nothing that axe finds serious before anything was said", async () => {
    await seen(owner.getByText("Nothing is open on this version."));
    await accessible(owner, "empty");
  });

  it("invites by keys alone", async () => {
    await owner.locator("body").press("Tab");
    await tabTo(owner, owner.getByRole("button", { name: /^People/ }));
    await owner.keyboard.press("Enter");
    await seen(owner.getByRole("dialog"));
    await accessible(owner, "people");
    await tabTo(owner, owner.getByRole("combobox", { name: "Role", exact: true }));
    await owner.keyboard.press("a"); // Approver
    await tabTo(owner, owner.getByRole("button", { name: "Make a link" }));
    await owner.keyboard.press("Enter");
    await seen(owner.getByLabel("Invite link"));
    await keepsFocus(owner, "making a link");
    const invite = await owner.getByLabel("Invite link").inputValue();
    await owner.keyboard.press("Escape");
    await keepsFocus(owner, "closing the dialog");
    assert.match(await focused(owner), /^button People/);

    guest = await (await team.context({ bypassCSP: true })).newPage();
    await guest.goto(invite);
    await seen(guest.getByLabel("Your name, as the others will see it"));
    await accessible(guest, "join");
    assert.match(await focused(guest), /input/);
    await guest.keyboard.type("Bo");
    await guest.keyboard.press("Enter");
    await seen(guest.getByText("Bo · Approver"));
  });

  it("is looked at and compared by keys alone", async () => {
    await tabTo(guest, guest.locator(".version[tabindex='0']"));
    await guest.keyboard.press("ArrowDown");
    await seen(guest.locator(".version.chosen", { hasText: "Original" }));
    assert.match(await focused(guest), /Original/);
    await guest.keyboard.press("Home");
    await seen(guest.locator(".version.chosen", { hasText: "make this warmer" }));
    assert.match(await focused(guest), /make this warmer/);
    assert.deepEqual(
      await guest.locator(".tree li").evaluateAll((rows) => rows.map((row) => row.getAttribute("aria-posinset"))),
      ["1", "2"],
    );
    const modes = guest.getByRole("group", { name: "How to compare" });
    await tabTo(guest, modes.getByRole("button").nth(1));
    await guest.keyboard.press("Enter");
    await keepsFocus(guest, "comparing in another way");
    await accessible(guest, "side by side");
    await modes.getByRole("button").first().click();
  });

  it("is commented on by keys alone: a place, words, an answer, resolved and opened again", async () => {
    await tabTo(guest, guest.getByRole("button", { name: "Pin a comment" }));
    await guest.keyboard.press("Enter");
    await seen(guest.getByRole("button", { name: "Stop pinning" }));
    await guest.waitForFunction(() => document.activeElement?.getAttribute("role") === "application");
    await guest.keyboard.press("ArrowLeft");
    await guest.keyboard.press("Shift+ArrowDown");
    await seen(guest.getByText("With the marked place"));
    await accessible(guest, "pinning");
    await tabTo(guest, guest.getByLabel("Your comment"));
    await guest.keyboard.type("The edge is hard here");
    await guest.keyboard.press("Enter");
    await seen(guest.getByText("The edge is hard here"));
    await keepsFocus(guest, "commenting");
    await accessible(guest, "thread open");

    await seen(owner.getByText("The edge is hard here"));
    await tabTo(owner, owner.getByRole("button", { name: "Reply" }));
    await owner.keyboard.press("Enter");
    assert.match(await focused(owner), /Your reply/);
    await accessible(owner, "answering");
    await owner.keyboard.type("I soften it.");
    await owner.keyboard.press("Enter");
    await seen(guest.getByText("I soften it."));
    await keepsFocus(owner, "answering");
    await tabTo(owner, owner.getByRole("button", { name: "Resolve" }));
    await owner.keyboard.press("Enter");
    await seen(owner.getByText(/resolved by/));
    await keepsFocus(owner, "resolving");
    assert.match(await focused(owner), /Reopen/);
    await owner.keyboard.press("Enter");
    await seen(owner.getByRole("button", { name: "Resolve" }));
    await keepsFocus(owner, "opening again");
    await tabTo(owner, owner.getByRole("button", { name: "Edit" }));
    await owner.keyboard.press("Enter");
    assert.match(await focused(owner), /Change your comment/);
    await owner.keyboard.press("Escape");
    await keepsFocus(owner, "not changing a comment");
  });

  it("is approved and locked by keys alone", async () => {
    await tabTo(guest, guest.getByRole("button", { name: "Request changes" }));
    await guest.keyboard.press("Enter");
    assert.match(await focused(guest), /What should change/);
    await guest.keyboard.type("The edge.");
    await guest.keyboard.press("Enter");
    await seen(guest.locator("header").getByText("Changes requested"));
    await keepsFocus(guest, "asking for changes");
    await accessible(guest, "changes requested");
    await tabTo(guest, guest.getByRole("button", { name: "Approve", exact: true }));
    await guest.keyboard.press("Enter");
    await seen(guest.locator("header").getByText("Approved"));
    await keepsFocus(guest, "approving");
    await tabTo(owner, owner.getByRole("button", { name: "Lock this version" }));
    await owner.keyboard.press("Enter");
    await seen(owner.getByRole("button", { name: "Unlock" }));
    await keepsFocus(owner, "locking");
    await accessible(owner, "locked");
    await tabTo(owner, owner.getByRole("button", { name: "Unlock" }));
    await owner.keyboard.press("Enter");
    await seen(owner.getByRole("button", { name: "Lock this version" }));
  });

  it("moves nothing by itself for those who asked for that, and is used at twice the size", async () => {
    const context = await team.context({ bypassCSP: true, reducedMotion: "reduce" });
    await context.addCookies(await owner.context().cookies());
    const calm = await context.newPage();
    await calm.goto(owner.url());
    await seen(calm.locator(".version"));
    const moving = await calm.evaluate(
      () =>
        document
          .getAnimations()
          .filter((one) => one.playState === "running" && Number(one.effect?.getTiming().duration ?? 0) > 10).length,
    );
    assert.equal(moving, 0);
    // 200 %: as many CSS pixels as half the window has.
    await calm.setViewportSize({ width: WIDE.width / 2, height: WIDE.height / 2 });
    const wide = await calm.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `the page is ${wide} px wider than what is seen of it`);
    await seen(calm.getByRole("button", { name: "Reply" }));
    await context.close();
  });

  it("keeps its edges and its focus in forced colours", async () => {
    const context = await team.context({ bypassCSP: true, forcedColors: "active" });
    await context.addCookies(await owner.context().cookies());
    const forced = await context.newPage();
    await forced.goto(owner.url());
    await seen(forced.locator(".version"));
    await tabTo(forced, forced.getByRole("button", { name: /^People/ }));
    const told = await forced.evaluate(() => {
      const [chosen, pressed, other] = [
        ".version.chosen",
        ".segments button[aria-pressed='true']",
        ".segments button[aria-pressed='false']",
      ].map((selector) => document.querySelector(selector));
      if (!(chosen instanceof Element && pressed instanceof Element && other instanceof Element))
        throw new Error("it is not there");
      const { outlineStyle, borderLeftWidth } = getComputedStyle(chosen);
      return {
        chosen: outlineStyle !== "none" || borderLeftWidth !== "0px",
        pressed: getComputedStyle(pressed).backgroundColor,
        other: getComputedStyle(other).backgroundColor,
      };
    });
    assert.ok(told.chosen, "the chosen version is not to be told from the others");
    assert.notEqual(told.pressed, told.other);
    await context.close();
  });

  it("says a comment and a verdict once, and stores them once, when the connection is cut in the midst", async () => {
    const proxy = await Proxy.to(team.bridge.port);
    const context = await team.context({ bypassCSP: true });
    const page = await context.newPage();
    // The page speaks to its bridge through a way that can be cut. (Words, not a function: what runs here is not theirs.)
    await page.addInitScript(`
      const Real = WebSocket;
      WebSocket = class extends Real {
        constructor(url) { super(String(url).replace(/:\\d+\\/ws$/, ":${proxy.port}/ws")); }
      };
    `);
    await context.addCookies(await guest.context().cookies());
    await page.goto(guest.url());
    await seen(page.locator(".version"));
    for (let turn = 0; turn < 3; turn++) {
      const words = `Said in a storm ${turn}`;
      await page.getByLabel("Your comment").fill(words);
      const cut = page.keyboard.press("Enter").then(() => proxy.cut());
      await cut;
      await seen(page.getByText(/^Connected again\./));
      // What was not answered is still there to be sent again.
      if ((await page.getByLabel("Your comment").inputValue()) !== "") {
        await page.getByLabel("Your comment").focus();
        await page.keyboard.press("Enter");
      }
      await seen(owner.getByText(words));
      await page.waitForTimeout(300);
      assert.equal(await owner.getByText(words).count(), 1);
      assert.equal(await page.locator(".threads").getByText(words).count(), 1);
    }
    const verdict = page.getByRole("button", { name: "Request changes" });
    await verdict.click();
    await page.getByLabel("What should change").fill("Once");
    await page.keyboard.press("Enter");
    proxy.cut();
    await seen(page.getByText(/^Connected again\./));
    if ((await page.getByLabel("What should change").count()) > 0) {
      await page.getByLabel("What should change").focus();
      await page.keyboard.press("Enter");
    }
    await seen(owner.locator("header").getByText("Changes requested"));
    assert.equal(await owner.locator(".verdicts .said", { hasText: "Once" }).count(), 1);
    await context.close();
    await proxy.close();
  });

  it("says at the door why it stays closed, and that the bridge is away", async () => {
    const context = await team.context({ bypassCSP: true });
    const stranger = await context.newPage();
    await stranger.goto(owner.url());
    await seen(stranger.getByRole("heading", { name: "This browser is not let in" }));
    await accessible(stranger, "closed");
    await context.close();
    await team.bridge.stop(true);
    await seen(owner.getByText("The connection to the bridge is lost."));
    await accessible(owner, "away");
  });
});
