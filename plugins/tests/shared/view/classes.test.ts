import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(ROOT, folder, name));
}

describe("the panel's class names", () => {
  it("are written whole, since the build shortens them in script and style alike", () => {
    for (const path of ["shared/src", "figma/src", "photoshop/src"].flatMap(sources)) {
      const text = readFileSync(path, "utf8");
      assert.doesNotMatch(text, /\b(in|fg|ps|br)-[a-z0-9-]*\$\{/, path);
      assert.doesNotMatch(text, /["'`](in|fg|ps|br)-[a-z0-9-]*-["'`]/, path);
    }
  });
});
