/**
 * Screenshots of the panel in every state, for looking:
 * `npm run gallery -- --out DIR [--only WORD] [--host figma|photoshop] [--theme THEME] [--fonts FILE.css]`.
 * The photographs are the demo's own (bridge/demo). Nothing of it is committed.
 */
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium, type Page } from "playwright-core";
import { galleryPage } from "./build.ts";
import type { HostKind } from "./page.tsx";

const HOSTS = [
  { host: "figma", width: 320, height: 600, themes: ["light", "dark"] },
  { host: "photoshop", width: 300, height: 650, themes: ["darkest", "lightest", "dark", "light"] },
] as const satisfies readonly { host: HostKind; width: number; height: number; themes: readonly string[] }[];

const { values: options } = parseArgs({
  options: {
    out: { type: "string" },
    only: { type: "string", default: "" },
    host: { type: "string", default: "" },
    theme: { type: "string", default: "" },
    fonts: { type: "string" },
    chromium: { type: "string", default: "/usr/bin/chromium" },
  },
});
if (options.out === undefined) throw new Error("Say where the pictures go: --out DIR");
const out = options.out;
await mkdir(out, { recursive: true });

const demo = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "bridge", "demo");
const sheet = async (name: string) =>
  `data:image/jpeg;base64,${(await readFile(join(demo, `${name}.jpg`))).toString("base64")}`;
const sheets = { result: await sheet("result"), filled: await sheet("filled") };
const fonts = options.fonts === undefined ? "" : await readFile(options.fonts, "utf8");

const browser = await chromium.launch({ executablePath: options.chromium, args: ["--no-sandbox"] });
try {
  for (const { host, width, height, themes } of HOSTS) {
    if (options.host !== "" && options.host !== host) continue;
    for (const theme of themes) {
      if (options.theme !== "" && options.theme !== theme) continue;
      const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor: 2 });
      page.on("pageerror", (error) => process.stderr.write(`${error.message}\n`));
      await page.setContent(await galleryPage(host, theme.startsWith("light"), fonts));
      const names = await page.evaluate(async (given) => {
        window.inlay = await window.inlayGallery(given);
        return window.inlay.names();
      }, sheets);
      for (const name of names) {
        if (!name.includes(options.only) || (name === "brush" && host !== "figma")) continue;
        await page.evaluate(([one, two, three]) => window.inlay.show(one, two, three), [host, theme, name] as const);
        if (name === "brush") await paint(page);
        await page.waitForTimeout(80);
        await page.screenshot({ path: join(out, `${host}-${theme}-${name}.png`) });
      }
      await page.close();
    }
  }
} finally {
  await browser.close();
}

/** The brush is not part of the state: it is opened and used by hand. */
async function paint(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Paint", exact: true }).click();
  const paper = await page.getByRole("application").boundingBox();
  if (paper === null) return;
  const at = (x: number, y: number) => [paper.x + paper.width * x, paper.y + paper.height * y] as const;
  await page.mouse.move(...at(0.5, 0.3));
  await page.mouse.down();
  await page.mouse.move(...at(0.5, 0.95), { steps: 12 });
  await page.mouse.up();
  await page.mouse.move(...at(0.72, 0.6));
}
