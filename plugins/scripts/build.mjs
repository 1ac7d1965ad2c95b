/**
 * Builds both plugins and the team's page into dist/:
 * `node scripts/build.mjs [--out DIR] [--port N] [--dev] [--only figma|photoshop|review] [--package]`.
 *
 * dist/figma: manifest.json, main.js, ui.html (script and style inline, as Figma wants it).
 * dist/photoshop: manifest.json, index.html, main.js, main.css, icons.
 * dist/review: page.js, page.css, icon.svg, served by the bridge (bridge/review/page_routes.py).
 * --package adds inlay-figma.zip and inlay-photoshop.ccx. The port comes from the bridge's exported protocol.
 */
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { zipSync } from "fflate";
import { minify } from "terser";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const JSX = join(ROOT, "scripts/jsx.mjs");
/** A plugin's panel, all its files together, may not grow beyond this: it is loaded each time the panel opens. */
const MOST_BYTES = 150_000;
const PANELS = {
  figma: ["ui.html"],
  photoshop: ["index.html", "main.js", "main.css"],
};
/** The same bytes in every build: zip's earliest time. */
const ZIP_TIME = new Date(1980, 0, 1);

const { values: options } = parseArgs({
  options: {
    out: { type: "string", default: join(ROOT, "dist") },
    port: { type: "string" },
    dev: { type: "boolean", default: false },
    only: { type: "string" },
    package: { type: "boolean", default: false },
  },
});
const asyncapi = JSON.parse(
  await readFile(join(ROOT, "..", "bridge", "protocol", "exports", "inlay.asyncapi.json"), "utf8"),
);
const port = Number(options.port ?? asyncapi.servers.bridge.variables.port.default);
const { version } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));

/** What terser may do where the script runs in a browser of our days. */
const MODERN = {
  ecma: 2020,
  hoist_props: true,
  unsafe: true,
  keep_fargs: false,
  unsafe_arrows: true,
  unsafe_methods: true,
};

/**
 * @param {string} entry
 * @param {import("esbuild").BuildOptions} more
 * @param {import("terser").CompressOptions | null} compress null: as small as esbuild makes it will do
 * @param {boolean} isPanel
 */
async function bundle(entry, more, compress = { ecma: 2017 }, isPanel = false) {
  const result = await build({
    entryPoints: [join(ROOT, entry)],
    bundle: true,
    // The page's sources are the bridge's, and have no packages of their own.
    nodePaths: [join(ROOT, "node_modules")],
    write: false,
    outdir: "out",
    format: "iife",
    minify: !options.dev,
    legalComments: "none",
    charset: "utf8",
    // Fields are set, not defined: shorter, and nothing of ours sees a difference.
    tsconfigRaw: {
      compilerOptions: {
        jsx: "react",
        jsxFactory: "h",
        jsxFragmentFactory: "Fragment",
        useDefineForClassFields: false,
      },
    },
    define: {
      __INLAY_PORT__: String(port),
      __INLAY_VERSION__: JSON.stringify(version),
      "process.env.NODE_ENV": '"production"',
      ...(isPanel ? { Uint8Array: "$bytes" } : {}),
    },
    // What every file names gets a short name, once.
    ...(isPanel ? { banner: { js: "const $bytes = Uint8Array;" } } : {}),
    ...more,
  });
  const of = (/** @type {string} */ ending) =>
    result.outputFiles.find((file) => file.path.endsWith(ending))?.text ?? "";
  if (options.dev || compress === null) return { js: of(".js"), css: of(".css") };
  // A second pass over what esbuild made: some two per cent less.
  const { code = "" } = await minify(of(".js"), {
    compress: { passes: 6, toplevel: true, hoist_funs: true, ...compress },
    mangle: { toplevel: true, properties: { regex: await privateNames(isPanel), builtins: false } },
    format: { ascii_only: false },
  });
  return shortened({ js: code, css: of(".css") });
}

/** Where our sources are, and files whose words travel: over sockets, between Figma's halves, into storage. */
const SOURCES = ["shared/src", "browser", "figma/src", "photoshop/src", "../bridge/review/page/src"];
const TRAVELS = /inlay\.ts$|asks\.ts$|wire\.ts$|data\.ts$|state\.ts$|host\.ts$|api\.ts$|memory\.ts$|globals\.ts$/;

/**
 * Long names of the panel's own state and controls, which one script makes and reads: no program, no browser, no library
 * and nothing that travels or is kept has a word like them (tests/shared/names.test.ts looks).
 */
const PANELS_OWN = (
  "onPress onChoose selectedVersionId openComments maskPicture historyLoading cancelling noTarget shown_id reviewUrl " +
  "compared outcome problem widgets isHead isShown answerTo refreshHistory removeReference addReferences " +
  "selectVersion withPaint retryInS bringIn stopSharing openReview chooseMask canMerge Button saveToken " +
  "loadToken openSocket acknowledge takePatch selectedId watchScroll watchWidth featherPx"
).split(" ");

/** The names that only we use: of private members, where nothing that leaves the script has a word like it. */
async function privateNames(/** @type {boolean} */ isPanel) {
  const wordsOf = (/** @type {string} */ text) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "").match(/\w+/g) ?? [];
  const travels = new Set(wordsOf(await readFile(join(ROOT, "../bridge/protocol/exports/inlay.ts"), "utf8")));
  const names = new Set();
  for (const folder of SOURCES) {
    for (const file of await readdir(join(ROOT, folder), { recursive: true })) {
      if (!/\.tsx?$/.test(file)) continue;
      const text = await readFile(join(ROOT, folder, file), "utf8");
      for (const [, name] of text.matchAll(/\bprivate (?:static |readonly |async |get |set )*(\w+)/g)) names.add(name);
      if (TRAVELS.test(file)) for (const word of wordsOf(text)) travels.add(word);
      // Whatever is asked of anything but `this` may be the program's, the browser's or a library's.
      for (const [, of, name] of text.matchAll(/([\w)\]!]+)\??\.(\w+)/g)) if (of !== "this") travels.add(name);
    }
  }
  const own = [...names].filter((name) => name.length > 2 && !travels.has(name));
  return new RegExp(`^(${[...own, ...(isPanel ? PANELS_OWN : [])].join("|")})$`);
}

/**
 * The panel's class names and variables (`in-…`, `fg-…`, `ps-…`, `br-…`), short and the same in script and style: a tenth
 * of both. Only names that the style itself has are changed, so no word that people read is.
 *
 * @param {{ js: string, css: string }} bundle
 */
function shortened({ js, css }) {
  const names = new Set(css.match(/(?<=[.]|--)(?:in|fg|ps|br)-[a-z0-9-]+/g) ?? []);
  const short = new Map([...names].sort().map((name, index) => [name, twoLetters(index)]));
  const rename = (/** @type {string} */ text) =>
    text.replace(/(?<![a-z0-9])(?:in|fg|ps|br)-[a-z0-9-]+/g, (name) => short.get(name) ?? name);
  return { js: rename(js), css: rename(css) };
}

/** a0, a1 … zz: a letter first, as names in CSS begin. @param {number} index */
function twoLetters(index) {
  const [first, second] = [Math.floor(index / 36), index % 36];
  if (first > 25) throw new Error("more names than two letters give");
  return String.fromCharCode(97 + first) + second.toString(36);
}

/** @param {string} text @returns {string} inside <script>, “</script” would end it */
const inline = (text) => text.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");

/** @param {string} plugin */
async function manifest(plugin) {
  const text = await readFile(join(ROOT, plugin, "manifest.json"), "utf8");
  return JSON.stringify(JSON.parse(text.replaceAll("$PORT", String(port)).replaceAll("$VERSION", version)), null, 2);
}

async function figma() {
  // Figma's main thread is a JavaScript engine of its own; es2017 is what its documents ask for.
  const main = await bundle("figma/src/main/main.ts", { target: "es2017" });
  // The frame is a browser of our days, in the desktop app too.
  const ui = await bundle("figma/src/ui/ui.tsx", { target: "chrome110", inject: [JSX] }, MODERN, true);
  const page = (await readFile(join(ROOT, "figma/src/ui/ui.html"), "utf8"))
    .replace(/\n\s*/g, "")
    .replace("/*style*/", () => ui.css)
    .replace("/*script*/", () => inline(ui.js));
  return { "manifest.json": await manifest("figma"), "main.js": main.js, "ui.html": page };
}

async function photoshop() {
  // Photoshop 26 has UXP 8, whose V8 is past 9.4 (which UXP has had since 6.0): all of ES2021.
  const more = {
    target: "es2021",
    external: ["photoshop", "uxp"],
    inject: [JSX],
    // UXP has require(), not import; esbuild's iife leaves external require() calls alone.
    format: /** @type {const} */ ("cjs"),
  };
  const panel = await bundle("photoshop/src/main.tsx", more, MODERN, true);
  const page = await readFile(join(ROOT, "photoshop/index.html"), "utf8");
  return {
    "manifest.json": await manifest("photoshop"),
    "index.html": page,
    "main.js": panel.js,
    "main.css": panel.css,
  };
}

async function review() {
  // A library in it finds its members by their names: they stay.
  const page = await bundle("../bridge/review/page/src/main.tsx", { target: "es2022", inject: [JSX] }, null);
  const icon = await readFile(join(ROOT, "../bridge/review/page/icon.svg"), "utf8");
  return { "page.js": page.js, "page.css": page.css, "icon.svg": icon };
}

/** @param {string} folder @param {string} base @returns {Promise<Record<string, Uint8Array>>} */
async function filesOf(folder, base = folder) {
  /** @type {Record<string, Uint8Array>} */
  const found = {};
  for (const entry of (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) Object.assign(found, await filesOf(path, base));
    else found[relative(base, path).replaceAll("\\", "/")] = await readFile(path);
  }
  return found;
}

/** Builds into `part`; whether all panels are small enough. @param {string} part */
async function buildInto(part) {
  let fits = true;
  for (const [plugin, make, archive] of /** @type {const} */ ([
    ["figma", figma, "inlay-figma.zip"],
    ["photoshop", photoshop, "inlay-photoshop.ccx"],
    ["review", review, null],
  ])) {
    if (options.only !== undefined && options.only !== plugin) continue;
    const folder = join(part, plugin);
    await mkdir(folder, { recursive: true });
    const say = (/** @type {string} */ what, /** @type {number} */ bytes) =>
      console.log(`${plugin}/${what}`.padEnd(28), `${(bytes / 1000).toFixed(1)} kB`);
    let panel = 0;
    for (const [name, text] of Object.entries(await make())) {
      await writeFile(join(folder, name), text);
      const bytes = Buffer.byteLength(text);
      say(name, bytes);
      if (PANELS[plugin]?.includes(name)) panel += bytes;
    }
    if (panel > 0) say("(panel)", panel);
    if (panel > MOST_BYTES && !options.dev) fits = false;
    if (archive === null) continue;
    await cp(join(ROOT, plugin, "icons"), join(folder, "icons"), { recursive: true, force: true }).catch((error) => {
      if (error.code !== "ENOENT") throw error;
    });
    await cp(join(ROOT, plugin, "README.md"), join(folder, "README.md"));
    if (options.package) {
      await writeFile(join(part, archive), zipSync(await filesOf(folder), { mtime: ZIP_TIME, level: 9 }));
      console.log(archive);
    }
  }
  return fits;
}

const out = resolve(options.out);
await mkdir(dirname(out), { recursive: true });
// Put together beside it, each build in a folder of its own: half a build is never found there.
const part = await mkdtemp(`${out}.part-`);
try {
  if (await buildInto(part)) {
    if (options.only === undefined) await rm(out, { recursive: true, force: true });
    await mkdir(out, { recursive: true });
    for (const name of await readdir(part)) {
      await rm(join(out, name), { recursive: true, force: true });
      await rename(join(part, name), join(out, name));
    }
  } else {
    console.error(`A plugin's panel is larger than ${MOST_BYTES / 1000} kB.`);
    process.exitCode = 1;
  }
} finally {
  await rm(part, { recursive: true, force: true });
}
