/**
 * Screenshots of the review page in every state, for looking:
 * `npm run gallery:review -- --out DIR [--only WORD]`, at 1440×900 and 390×844, light and dark.
 * The bridge, the engine and the edits are real; the photograph is the demo's own. Nothing of it is committed.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { rect } from "../../shared/src/pixels/rect.ts";
import { NARROW, ReviewTeam, WIDE } from "../support/review_team.ts";

const { values: options } = parseArgs({
  options: { out: { type: "string" }, only: { type: "string", default: "" } },
});
if (options.out === undefined) throw new Error("Say where the pictures go: --out DIR");
const out = options.out;
await mkdir(out, { recursive: true });

const team = await ReviewTeam.start("coffee.png", "Mira Vogel", "Coffee house, autumn menu");
try {
  await team.edit("make this warmer", rect(180, 20, 480, 300));
  const owner = await team.owner();
  await shoot(owner, "first-edit");
  const ben = await team.guest(owner, "approver", "Ben Okafor");
  const lena = await team.guest(owner, "commenter", "Lena Duarte");
  await pin(lena, "The saucer is a little too warm here; the cup can stay.", [0.1, 0.45, 0.5, 0.9]);
  await say(ben, "Agreed. And could the rim be brighter?", "reply");
  await say(lena, "The reflection in the spoon is beautiful.", "comment");
  await shoot(owner, "threads");
  await owner
    .getByRole("button", { name: /^Comment 1 of/ })
    .first()
    .press("Enter");
  await shoot(owner, "thread-chosen");
  await owner.getByRole("button", { name: "Resolve" }).first().click();
  await team.edit("make this darker", rect(40, 140, 320, 380));
  await team.edit("make this brighter", rect(220, 40, 420, 200));
  await owner.locator(".version", { hasText: "make this warmer" }).click();
  await team.edit("blur this", rect(400, 20, 590, 160));
  await owner.locator(".version", { hasText: "blur this" }).click();
  await pin(ben, "This corner draws the eye away from the cup.", [0.3, 0.2, 0.8, 0.8]);
  await ben.getByRole("button", { name: "Request changes" }).click();
  await ben.getByLabel("What should change").fill("Only the top right corner, then it is good.");
  await ben.keyboard.press("Enter");
  await owner.locator("header").getByText("Changes requested").waitFor();
  await shoot(owner, "changes-requested");
  await owner.locator(".version", { hasText: "make this brighter" }).click();
  await owner.getByRole("button", { name: "Difference", exact: true }).click();
  await owner.getByText(/pixels changed, none outside/).waitFor();
  await shoot(owner, "difference");
  await owner.getByRole("button", { name: "Slider", exact: true }).click();
  await owner.locator(".version", { hasText: "blur this" }).click();
  await owner.getByRole("button", { name: "Pin a comment" }).click();
  await shoot(owner, "pinning");
  await owner.keyboard.press("Escape");
  await ben.getByRole("button", { name: "Approve", exact: true }).click();
  await owner.locator("header").getByText("Approved").waitFor();
  await shoot(owner, "approved");
  await owner.getByRole("button", { name: /^People/ }).click();
  await shoot(owner, "people");
  await owner.keyboard.press("Escape");
  await shoot(lena, "commenter");
  const stranger = await (await team.context()).newPage();
  await stranger.goto(`http://localhost:${team.bridge.port}/join#nothing-of-the-kind`);
  await shoot(stranger, "join");
  await stranger.goto(new URL(owner.url()).href);
  await stranger.getByRole("heading", { name: "This browser is not let in" }).waitFor();
  await shoot(stranger, "closed");
  await team.bridge.stop(true);
  await owner.getByText("The connection to the bridge is lost.").waitFor();
  await shoot(owner, "away");
} finally {
  await team.stop();
}

/** Comments on a place, from here to there in parts of the picture. */
async function pin(page: Page, text: string, [x0, y0, x1, y1]: readonly [number, number, number, number]) {
  await page.getByRole("button", { name: "Pin a comment" }).click();
  const box = await page.locator(".viewer [role=application]").first().boundingBox();
  if (box === null) throw new Error("there is no picture");
  await page.mouse.move(box.x + box.width * x0, box.y + box.height * y0);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * x1, box.y + box.height * y1, { steps: 4 });
  await page.mouse.up();
  await page.getByLabel("Your comment").fill(text);
  await page.keyboard.press("Enter");
  await page.getByText(text).first().waitFor();
}

async function say(page: Page, text: string, how: "comment" | "reply") {
  if (how === "reply") await page.getByRole("button", { name: "Reply" }).first().click();
  await page.getByLabel(how === "reply" ? "Your reply" : "Your comment").fill(text);
  await page.keyboard.press("Enter");
  await page.getByText(text).first().waitFor();
}

async function shoot(page: Page, name: string): Promise<void> {
  if (!name.includes(options.only)) return;
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const [size, viewport] of [
      ["wide", WIDE],
      ["narrow", NARROW],
    ] as const) {
      await page.setViewportSize(viewport);
      await page.waitForTimeout(400);
      await page.screenshot({ path: join(out, `${name}-${size}-${colorScheme}.png`) });
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(WIDE);
}
