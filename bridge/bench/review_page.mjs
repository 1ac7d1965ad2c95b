/**
 * The review page in Chromium, timed: `node review_page.mjs OPTIONS.json`, the answer is one line of JSON.
 *
 * Options: `playwright` (the folder of playwright-core), `chromium` (its program), `link` (opens the page and lets the
 * browser in), `repeats`, `scrollMs`.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** A page that is not usable by then never is. */
const MOST_MS = 20_000;
const options = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { chromium } = createRequire(join(options.playwright, "package.json"))("playwright-core");
const browser = await chromium.launch({
  executablePath: options.chromium,
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  // The first visit trades the link for a cookie; it is not timed, and leaves the script in the browser's cache.
  const first = await context.newPage();
  await first.goto(options.link);
  await usable(first);
  const address = first.url();
  await first.close();
  const usableMs = [];
  for (let turn = 0; turn < options.repeats; turn++) {
    const page = await context.newPage();
    await page.goto(address, { waitUntil: "commit" });
    usableMs.push(await usable(page));
    if (turn < options.repeats - 1) await page.close();
    else {
      await page.waitForTimeout(1500);
      const tree = await scrolls(page, ".versions .tree");
      // All threads of all versions: a list that is read as it is scrolled.
      await page.getByLabel("Of all versions").check();
      await page.getByRole("group", { name: "Which comments" }).getByRole("button", { name: "All" }).click();
      await page.waitForTimeout(1000);
      const comments = await scrolls(page, ".comments .threads");
      const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
      process.stdout.write(JSON.stringify({ usableMs, tree, comments, nodes }) + "\n");
    }
  }
} finally {
  await browser.close();
}

/**
 * Milliseconds from the navigation's start to the frame in which the tree, the picture and comments are there, each on
 * top where a pointer would press it.
 */
async function usable(page) {
  const ms = await page.evaluate(
    (mostMs) =>
      new Promise((resolve) => {
        const pressable = (element) => {
          if (element === null) return false;
          const { left, top, width, height } = element.getBoundingClientRect();
          if (width === 0 || height === 0) return false;
          const hit = document.elementFromPoint(left + width / 2, top + Math.min(height / 2, 20));
          return hit !== null && (element === hit || element.contains(hit) || hit.contains(element));
        };
        /** Tiles are drawn on a canvas: something of it has a colour; what is pressed lies over it. */
        const picture = () => {
          const hit = document.querySelector(".viewer canvas")?.getBoundingClientRect();
          if (hit === undefined || hit.width === 0) return false;
          const over = document.elementFromPoint(hit.left + hit.width / 2, hit.top + hit.height / 2);
          if (over === null || over.closest(".viewer") === null) return false;
          return [...document.querySelectorAll(".viewer canvas")].some((canvas) => {
            if (canvas.width === 0 || canvas.height === 0) return false;
            const { data } = canvas.getContext("2d").getImageData(0, canvas.height >> 1, canvas.width, 1);
            return data.some((value, index) => index % 4 === 3 && value > 0);
          });
        };
        const ends = performance.now() + mostMs;
        const look = () => {
          const parts = {
            tree: pressable(document.querySelector(".versions .tree button")),
            comments: pressable(document.querySelector(".comments .thread button")),
            picture: picture(),
          };
          const there = parts.tree && parts.comments && parts.picture;
          if (there || performance.now() > ends) resolve(there ? performance.now() : parts);
          else requestAnimationFrame(look);
        };
        look();
      }),
    MOST_MS,
  );
  if (typeof ms !== "number") throw new Error(`the page was never usable: ${JSON.stringify(ms)}`);
  return ms;
}

/** Scrolls a list with the wheel's step each frame; how long the frames and the main thread's work in them took. */
async function scrolls(page, selector) {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const taskS = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0;
  };
  const before = await taskS();
  const frames = await page.evaluate(
    ([selector, forMs]) =>
      new Promise((resolve) => {
        const list = document.querySelector(selector);
        const frames = [];
        let direction = 1;
        let last = null;
        const begins = performance.now();
        const step = (now) => {
          if (last !== null) frames.push(now - last);
          last = now;
          if (now - begins > forMs || list === null) {
            resolve(frames);
            return;
          }
          const at = list.scrollTop;
          list.scrollTop = at + direction * 60;
          if (list.scrollTop === at) direction = -direction;
          requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
      }),
    [selector, options.scrollMs],
  );
  const workMs = ((await taskS()) - before) * 1000;
  await session.detach();
  return { frames, workMs };
}
