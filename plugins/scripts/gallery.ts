/**
 * Screenshots of the panel in every state, for looking:
 * `node --import tsx scripts/gallery.ts --out DIR [--only WORD] [--host figma|photoshop] [--theme THEME] [--fonts FILE.css]`.
 * The photographs are the demo's own (bridge/demo). Nothing of it is committed.
 */
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { galleryPage } from "../tests/gallery/build.ts";
import type { HostKind } from "../tests/gallery/page.tsx";

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

const demo = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "bridge", "demo");
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
        if (!name.includes(options.only)) continue;
        await page.evaluate(([one, two, three]) => window.inlay.show(one, two, three), [host, theme, name] as const);
        await page.waitForTimeout(80);
        await page.screenshot({ path: join(out, `${host}-${theme}-${name}.png`) });
      }
      await page.close();
    }
  }
} finally {
  await browser.close();
}
