/** The plugin as it is shipped: built once a process by the real build. */

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FigmaManifest } from "./main.ts";

export interface Bundles {
  readonly main: string;
  readonly html: string;
  readonly manifest: FigmaManifest;
}

const BUILD = fileURLToPath(new URL("../../../scripts/build.mjs", import.meta.url));
const built = new Map<number, Bundles>();

export function bundles(port: number): Bundles {
  const known = built.get(port);
  if (known !== undefined) return known;
  const out = mkdtempSync(join(tmpdir(), "inlay-figma-"));
  try {
    try {
      execFileSync(process.execPath, [BUILD, "--only", "figma", "--port", String(port), "--out", out], {
        stdio: "pipe",
      });
    } catch (error) {
      // Too large is the build's own matter: the bundles are there all the same.
      if (!existsSync(join(out, "figma", "ui.html"))) throw error;
    }
    const read = (name: string) => readFileSync(join(out, "figma", name), "utf8");
    const made = {
      main: read("main.js"),
      html: read("ui.html"),
      manifest: JSON.parse(read("manifest.json")) as FigmaManifest,
    };
    built.set(port, made);
    return made;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
