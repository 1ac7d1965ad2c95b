/** Attacks on the team's page in a real browser: markup in every field, other sites' pages, tokens in fragments. */

import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { Reviewing, seen } from "../support/reviewing.ts";

/** As long as a name may be on the page. */
const NAME = `Bo <img src=x onerror="window.hacked=1">`;
const XSS = [
  `<img src=x onerror="window.hacked=1">`,
  `<script>window.hacked=1</script>`,
  `"><svg onload="window.hacked=1">`,
  `javascript:window.hacked=1`,
  `[click](javascript:window.hacked=1)`,
  `</textarea><iframe srcdoc="<script>parent.hacked=1</script>">`,
];

let team: Reviewing;
let owner: Page;
let guest: Page;
let invite = "";
let evil: Server;
let evilPort = 0;

before(async () => {
  team = await Reviewing.start("attacked-document");
  await team.edit("make this warmer");
  owner = await team.owner();
  invite = await team.invite(owner, "approver");
  guest = await team.join(invite, NAME);
  // A page of another program on this machine: to browsers it is the same site, cookies go along.
  evil = createServer((_request, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end(`<!doctype html><title>evil</title><h1>Hello</h1>`);
  });
  await new Promise<void>((resolve) => evil.listen(0, "localhost", resolve));
  evilPort = (evil.address() as AddressInfo).port;
});
after(async () => {
  evil.close();
  await team.dispose();
});

async function unharmed(page: Page): Promise<void> {
  const found = await page.evaluate(() => ({
    hacked: "hacked" in window,
    handlers: [...document.querySelectorAll("*")].filter((one) =>
      [...one.attributes].some(({ name, value }) => /^on/i.test(name) || /^\s*javascript:/i.test(value)),
    ).length,
    scripts: document.querySelectorAll("script").length,
    frames: document.querySelectorAll("iframe, object, embed").length,
  }));
  assert.deepEqual(found, { hacked: false, handlers: 0, scripts: 1, frames: 0 });
}

describe("markup in what people type", { concurrency: false }, () => {
  it("is text in comments, verdicts, names, invites, searches and commands", async () => {
    for (const words of XSS) {
      await guest.getByLabel("Your comment").fill(words);
      await guest.keyboard.press("Enter");
      await seen(owner.getByRole("list", { name: "Threads" }).getByText(words, { exact: true }));
    }
    await guest.getByRole("button", { name: "Request changes" }).click();
    await guest
      .getByLabel(/What should change|Why|What/)
      .first()
      .fill(XSS[0] ?? "");
    await guest.keyboard.press("Enter");
    await team.invite(owner, "viewer", NAME);
    await owner.getByRole("button", { name: /^People/ }).click();
    await seen(owner.getByRole("list", { name: "Members" }).getByText(NAME));
    await seen(owner.getByRole("list", { name: "Invites" }).getByText(`Viewer · ${NAME}`));
    await owner.keyboard.press("Escape");
    for (const page of [owner, guest]) {
      await page.getByRole("button", { name: "Search" }).click();
      await page.getByLabel("Search for").fill(`in:comments hacked`);
      await seen(page.getByRole("list", { name: "Found" }).getByRole("button"));
      await page.getByLabel("Search for").fill(`op:${XSS[0] ?? ""}`);
      await seen(page.getByRole("alert"));
      await unharmed(page);
      await page.keyboard.press("Escape");
      await unharmed(page);
    }
    assert.deepEqual(team.wrong, []);
  });

  it("is text on a page that is opened anew, and in addresses that nobody made", async () => {
    await owner.reload();
    await seen(owner.getByRole("button", { name: /^People/ }));
    await unharmed(owner);
    const page = await guest.context().newPage();
    for (const address of [
      `/d/${encodeURIComponent(XSS[0] ?? "")}`,
      `/join#${encodeURIComponent(XSS[1] ?? "")}`,
      `/d/x#comment=${encodeURIComponent(XSS[0] ?? "")}`,
      `/join?x=${encodeURIComponent(XSS[0] ?? "")}`,
    ]) {
      await page.goto(`http://localhost:${team.bridge.port}${address}`);
      await page.waitForTimeout(200);
      assert.equal(await page.evaluate(() => "hacked" in window), false, address);
    }
    await page.close();
    assert.deepEqual(team.wrong, []);
  });
});

describe("a token in a link", { concurrency: false }, () => {
  it("is in no address, history, storage, cookie that scripts read, console, or request but the one that trades it", async () => {
    const link = await team.invite(owner, "viewer");
    const token = link.split("#")[1] ?? "";
    assert.ok(token.length > 20);
    const page = await (await team.context()).newPage();
    const requests: { url: string; referer: string; body: string }[] = [];
    page.on("request", (request) => {
      requests.push({
        url: request.url(),
        referer: request.headers()["referer"] ?? "",
        body: request.postData() ?? "",
      });
    });
    await page.goto(link);
    assert.ok(!page.url().includes(token));
    await page.getByLabel("Your name, as the others will see it").fill("Vic");
    await page.keyboard.press("Enter");
    await seen(page.getByText("Vic · Viewer"));
    const left = await page.evaluate(() =>
      JSON.stringify([
        location.href,
        document.referrer,
        document.cookie,
        history.state,
        Object.entries(localStorage),
        Object.entries(sessionStorage),
        document.documentElement.outerHTML,
      ]),
    );
    assert.ok(!left.includes(token));
    // Back and forth through what the browser remembers.
    await page.goto("about:blank");
    for (let steps = 0; steps < 3; steps++) {
      await page.goBack().catch(() => null);
      assert.ok(!page.url().includes(token), page.url());
    }
    const carried = requests.filter(({ url, referer, body }) => `${url} ${referer} ${body}`.includes(token));
    assert.deepEqual(
      carried.map(({ url, referer, body }) => [new URL(url).pathname, referer.includes(token), body.includes(token)]),
      [["/session", false, true]],
    );
    assert.ok(!team.consoles.some((said) => said.includes(token)));
    const cookies = await page.context().cookies();
    assert.deepEqual(
      cookies.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite })),
      [{ httpOnly: true, sameSite: "Strict" }],
    );
    await page.context().close();
  });
});

describe("another site's page", { concurrency: false }, () => {
  it("does nothing with the cookie of somebody who is in, by form, fetch, socket, picture or frame", async () => {
    const document_id = new URL(owner.url()).pathname.split("/")[2] ?? "";
    const link = await team.invite(owner, "viewer");
    const token = link.split("#")[1] ?? "";
    const tile = await owner.evaluate(
      () => performance.getEntriesByType("resource").find(({ name }) => name.includes("/tiles/"))?.name ?? "",
    );
    assert.match(tile, /\/tiles\/.+\/\d+\/\d+_\d+/);
    const page = await owner.context().newPage();
    // What the test's own compiler puts around functions with names.
    await page.addInitScript("globalThis.__name = (one) => one");
    await page.goto(`http://localhost:${evilPort}/`);
    const bridge = `http://localhost:${team.bridge.port}`;
    const did = await page.evaluate(
      async ({ bridge, document_id, token, tile }) => {
        const outcome: Record<string, unknown> = {};
        const tried = async (name: string, work: () => Promise<unknown>): Promise<void> => {
          try {
            outcome[name] = await work();
          } catch {
            outcome[name] = "refused";
          }
        };
        const body = JSON.stringify({ token, name: "evil" });
        await tried(
          "json",
          async () =>
            (
              await fetch(`${bridge}/session`, {
                method: "POST",
                credentials: "include",
                headers: { "Content-Type": "application/json" },
                body,
              })
            ).status,
        );
        await tried(
          "text",
          async () =>
            (await fetch(`${bridge}/session`, { method: "POST", credentials: "include", mode: "no-cors", body })).type,
        );
        await tried(
          "leave",
          async () => (await fetch(`${bridge}/session`, { method: "DELETE", credentials: "include" })).status,
        );
        await tried(
          "read",
          async () => (await (await fetch(`${bridge}/d/${document_id}`, { credentials: "include" })).text()).length,
        );
        await tried(
          "header",
          async () =>
            (await fetch(`${bridge}/health`, { credentials: "include", headers: { "X-Inlay-Page": "1" } })).status,
        );
        await tried(
          "picture",
          () =>
            new Promise((resolve) => {
              const image = new Image();
              image.onload = () => resolve("shown");
              image.onerror = () => resolve("refused");
              image.src = tile;
            }),
        );
        await tried(
          "socket",
          () =>
            new Promise((resolve) => {
              const socket = new WebSocket(`${bridge.replace("http", "ws")}/ws`);
              socket.onopen = () => resolve("open");
              socket.onerror = () => resolve("refused");
            }),
        );
        await tried(
          "frame",
          () =>
            new Promise((resolve) => {
              const frame = document.createElement("iframe");
              frame.src = `${bridge}/d/${document_id}`;
              frame.onload = () => resolve(frame.contentDocument === null ? "refused" : "shown");
              document.body.append(frame);
              setTimeout(() => resolve("refused"), 3000);
            }),
        );
        return outcome;
      },
      { bridge, document_id, token, tile },
    );
    assert.deepEqual(did, {
      json: "refused",
      text: "refused",
      leave: "refused",
      read: "refused",
      header: "refused",
      picture: "refused",
      socket: "refused",
      frame: "refused",
    });
    // A form needs nobody's leave to send; the bridge does nothing with it.
    await page.evaluate(
      ({ bridge, token }) => {
        const form = document.createElement("form");
        form.method = "POST";
        form.enctype = "text/plain";
        form.action = `${bridge}/session`;
        const field = document.createElement("input");
        field.name = `{"token":"${token}","name":"`;
        field.value = `evil"}`;
        form.append(field);
        document.body.append(form);
        form.submit();
      },
      { bridge, token },
    );
    await page.waitForURL(/\/session$/);
    assert.match(await page.locator("body").innerText(), /may not|bad_origin/);
    await page.close();
    // The invite was not used up by any of it, and the owner is still in.
    await owner.reload();
    await seen(owner.getByRole("button", { name: /^People/ }));
    await owner.getByRole("button", { name: /^People/ }).click();
    assert.equal(await owner.getByRole("list", { name: "Members" }).getByText("evil").count(), 0);
    await owner.keyboard.press("Escape");
    const late = await team.join(link, "Late");
    await late.context().close();
  });
});
