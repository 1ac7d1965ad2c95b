/** Names that the build shortens are ours alone: shortening one that somebody else reads would break only what is shipped. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, it } from "node:test";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const BUILD = readFileSync(join(ROOT, "scripts/build.mjs"), "utf8");
const SHORTENED = [...(/PANELS_OWN = \(([\s\S]*?)\)\.split/.exec(BUILD)?.[1] ?? "").matchAll(/\w+/g)].map(
  ([word]) => word,
);
/** Figma's other half, what travels or is kept, the programs' and the browser's own words, and libraries in the bundles. */
const OTHERS = [
  "../bridge/protocol/exports/inlay.ts",
  "figma/src/main",
  "figma/src/shared",
  "photoshop/src/api.ts",
  "photoshop/src/memory.ts",
  "node_modules/@figma/plugin-typings",
  "node_modules/@types/photoshop",
  "node_modules/@adobe/cc-ext-uxp-types",
  "node_modules/typescript/lib/lib.dom.d.ts",
  "node_modules/typescript/lib/lib.es5.d.ts",
  "node_modules/typescript/lib/lib.es2020.bigint.d.ts",
  "node_modules/preact/dist/preact.module.js",
  "node_modules/preact/hooks/dist/hooks.module.js",
];

function textsOf(path: string): string[] {
  if (/\.(tsx?|js)$/.test(path)) return [readFileSync(join(ROOT, path), "utf8")];
  return readdirSync(join(ROOT, path), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(tsx?|js)$/.test(file))
    .map((file) => readFileSync(join(ROOT, path, file), "utf8"));
}

function wordsOf(text: string): Set<string> {
  return new Set(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "").match(/\w+/g) ?? []);
}

describe("the names that the build shortens", () => {
  it("are there", () => {
    assert.ok(SHORTENED.length > 20);
    const ours = wordsOf(["shared/src", "figma/src/ui", "photoshop/src"].flatMap(textsOf).join("\n"));
    assert.deepEqual(
      SHORTENED.filter((name) => !ours.has(name)),
      [],
    );
  });

  for (const path of OTHERS) {
    it(`are no words of ${path}`, () => {
      const words = wordsOf(textsOf(path).join("\n"));
      assert.deepEqual(
        SHORTENED.filter((name) => words.has(name)),
        [],
      );
    });
  }

  it("are not read by their spelling anywhere in the panels", () => {
    for (const text of ["shared/src", "figma/src/ui", "photoshop/src", "browser"].flatMap(textsOf)) {
      const bare = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
      for (const name of SHORTENED)
        assert.doesNotMatch(bare, new RegExp(`\\[\\s*["'\`]${name}["'\`]|["'\`]${name}["'\`] in `));
    }
  });
});
