/** Runs the TypeScript tests: `node scripts/test.mjs unit|e2e [FILE…]`. Unit tests are all but those in tests/e2e. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const [which = "unit", ...named] = process.argv.slice(2);

/** @param {string} folder @returns {string[]} */
const testsIn = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? testsIn(join(folder, entry.name))
      : /\.test\.tsx?$/.test(entry.name)
        ? [relative(ROOT, join(folder, entry.name))]
        : [],
  );
const isE2e = (/** @type {string} */ path) => path.replaceAll("\\", "/").startsWith("tests/e2e/");
const files =
  named.length > 0 ? named : testsIn(join(ROOT, "tests")).filter((path) => isE2e(path) === (which === "e2e"));
if (files.length === 0) {
  console.error("There are no such tests.");
  process.exit(1);
}
const timeout = which === "e2e" ? "600000" : "60000";
const args = ["--import", "tsx", "--test", `--test-timeout=${timeout}`, "--test-concurrency=1", ...files];
process.exit(spawnSync(process.execPath, args, { cwd: ROOT, stdio: "inherit" }).status ?? 1);
