/** Builds the gallery's page for one program: its script and its styles, as text. */

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { HostKind } from "./page.tsx";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** A whole page without outer parts; `inlay` appears in it when `inlayGallery` has been called. */
export async function galleryPage(host: HostKind, light: boolean, more = ""): Promise<string> {
  const other = host === "figma" ? "photoshop" : "figma";
  const result = await build({
    entryPoints: [join(ROOT, "tests/gallery/page.tsx")],
    bundle: true,
    write: false,
    outdir: "out",
    format: "iife",
    charset: "utf8",
    jsx: "automatic",
    jsxImportSource: "preact",
    logLevel: "silent",
    define: { __INLAY_PORT__: "9417", __INLAY_VERSION__: '"0.5.0"' },
    plugins: [
      {
        // Both programs' widgets are in the script, but only this one's styles are meant.
        name: "one program's styles",
        setup: (bundle) => {
          bundle.onLoad({ filter: new RegExp(`${other}.*panel\\.css$`) }, () => ({ contents: "", loader: "css" }));
        },
      },
    ],
  });
  const of = (ending: string) => result.outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? "";
  const script = of(".js").replaceAll("</script", "<\\/script");
  // A browser knows two themes, UXP four.
  const style = of(".css").replaceAll(
    "(prefers-color-scheme: lightest), (prefers-color-scheme: light)",
    light ? "all" : "not all",
  );
  // A browser draws a ring of its own around plain elements; UXP has none.
  const ring = host === "photoshop" ? ".in-focus:focus { outline: none; }" : "";
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Inlay</title><style>${style}\n${ring}\n${more}</style><body><div id="root"></div><script>${script}</script></body></html>`;
}
