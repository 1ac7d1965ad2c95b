/** The real bridge with the real engine, as a process of its own, in a folder of its own. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
/** The command to test: INLAY names it, else the one of a virtual environment beside the sources, else that on PATH. */
export const INLAY =
  process.env["INLAY"] ??
  (spawnSync(join(ROOT, ".venv/bin/inlay"), ["--version"]).error ? "inlay" : join(ROOT, ".venv/bin/inlay"));
const START_MS = 60_000;

export class RealBridge {
  private constructor(
    readonly port: number,
    private readonly data: string,
    private child: ChildProcess,
  ) {}

  static async start(): Promise<RealBridge> {
    const port = await freePort();
    const data = mkdtempSync(join(tmpdir(), "inlay-test-"));
    const bridge = new RealBridge(port, data, serve(port, data));
    await bridge.answers();
    return bridge;
  }

  get url(): string {
    return `ws://localhost:${this.port}/ws`;
  }

  /** From now on that model counts as being on this machine; there is nothing in it, so it draws nothing. */
  havePulled(name: string): void {
    const folder = join(this.data, "models", name);
    mkdirSync(folder, { recursive: true });
    const manifest = { version: 1, name, pulled_at: "2026-01-01T00:00:00Z", origins: [], files: [] };
    writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
  }

  /** The code to pair with now. */
  pairingCode(): string {
    const said = spawnSync(INLAY, ["pair", "--data", this.data], { encoding: "utf8" });
    const code = /[2-9A-Z]{4}-[2-9A-Z]{4}/.exec(said.stdout)?.[0];
    if (code === undefined) throw new Error(`no code in: ${said.stdout}${said.stderr}`);
    return code;
  }

  /** A link to the page of a picture file, whose picture is shared: it lets one browser in, as this machine's person. */
  review(file: string): string {
    const said = spawnSync(INLAY, ["review", file, "--no-browser", "--data", this.data], {
      encoding: "utf8",
      env: { ...process.env, COLUMNS: "400" },
    });
    const link = /http:\S+#k=\S+/.exec(said.stdout)?.[0];
    if (link === undefined) throw new Error(`no link in: ${said.stdout}${said.stderr}`);
    return link;
  }

  /** Ends it, with SIGKILL if `hard`, and waits until it is gone. */
  async stop(hard = false): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, "exit");
    this.child.kill(hard ? "SIGKILL" : "SIGTERM");
    await gone;
  }

  /** Starts it again, with the same port and data. */
  async again(): Promise<void> {
    this.child = serve(this.port, this.data);
    await this.answers();
  }

  /** Ends it and takes its data away. */
  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.data, { recursive: true, force: true });
  }

  private async answers(): Promise<void> {
    const until = Date.now() + START_MS;
    while (Date.now() < until) {
      if (this.child.exitCode !== null) throw new Error(`the bridge ended with ${this.child.exitCode}`);
      try {
        const response = await fetch(`http://127.0.0.1:${this.port}/`);
        if (response.ok) return;
      } catch {
        // not yet
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("the bridge does not answer");
  }
}

function serve(port: number, data: string): ChildProcess {
  return spawn(INLAY, ["serve", "--port", String(port), "--data", data, "--threads", "2"], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, COLUMNS: "200" },
  });
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
