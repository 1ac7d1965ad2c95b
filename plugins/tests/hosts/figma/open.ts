/** Opens the plugin on a document, in the stand-in: with a real browser for its frame, or with the host alone. */

import type { ShowUIOptions } from "@figma/plugin-typings/plugin-api-standalone";
import type { Browser, Frame, Page } from "playwright-core";
import type { Asks, NoAsks, Run } from "../../../figma/src/shared/asks.ts";
import { Wire } from "../../../figma/src/shared/wire.ts";
import { FigmaHost } from "../../../figma/src/ui/host.ts";
import { bundles } from "./bundles.ts";
import type { FigmaDocument } from "./document.ts";
import { BrowserFrame, launchBrowser } from "./frame.ts";
import { type FrameSide, MainThread } from "./main.ts";

export interface OpenOptions {
  readonly document: FigmaDocument;
  /** The bridge's. */
  readonly port: number;
  /** The menu's command; `open` shows the panel. */
  readonly command?: string;
  readonly parameters?: Record<string, string>;
  readonly dark?: boolean;
  /** Whether the browser lets the frame reach this machine, as the desktop app does; true if not said. */
  readonly localNetwork?: boolean;
  /** Shared by several tests; else one is started, and ended with `close`. */
  readonly browser?: Browser;
  /** What Figma keeps for the plugin between runs; pass the same map to go on. */
  readonly storage?: Map<string, unknown>;
}

export interface OpenedFigma {
  readonly main: MainThread;
  readonly document: FigmaDocument;
  readonly page: Page;
  /** The plugin's frame: what a person sees of it, for locators. */
  readonly frame: () => Promise<Frame>;
  readonly frameSide: BrowserFrame;
  readonly storage: Map<string, unknown>;
  /** Errors of the frame's scripts and its console. */
  readonly frameErrors: readonly string[];
  /** ⌘Z in Figma. */
  undo(): void;
  close(): Promise<void>;
}

export async function openFigma(options: OpenOptions): Promise<OpenedFigma> {
  const { document, port, storage = new Map<string, unknown>() } = options;
  const { main: bundle, html, manifest } = bundles(port);
  const browser = options.browser ?? (await launchBrowser());
  let thread: MainThread | null = null;
  const frameSide = await BrowserFrame.open(
    browser,
    manifest.networkAccess.allowedDomains,
    options.dark ?? false,
    options.localNetwork ?? true,
    (message) => thread?.receive(message),
  );
  const frameErrors: string[] = [];
  frameSide.page.on("pageerror", (error) => frameErrors.push(String(error)));
  frameSide.page.on("console", (message) => {
    if (message.type() === "error") frameErrors.push(message.text());
  });
  const main = new MainThread({ document, bundle, html, manifest, frame: frameSide, storage });
  thread = main;
  main.run(options.command ?? "open", options.parameters);
  return {
    main,
    document,
    page: frameSide.page,
    frame: () => frameSide.frame(),
    frameSide,
    storage,
    frameErrors,
    undo: () => document.undo(),
    close: async () => {
      main.close();
      await frameSide.end();
      if (options.browser === undefined) await browser.close();
    },
  };
}

export interface OpenedHost {
  readonly main: MainThread;
  readonly document: FigmaDocument;
  readonly host: FigmaHost;
  readonly run: Run;
  readonly storage: Map<string, unknown>;
  /** What the main thread made of the frame. */
  readonly shown: { visible: boolean; options: ShowUIOptions | null };
  undo(): void;
  close(): void;
}

/** The real main bundle, and the frame's `Host` in this process: quick, for pixels that need no browser (PNG). */
export async function openHost(
  options: Pick<OpenOptions, "document" | "command" | "parameters" | "storage">,
): Promise<OpenedHost> {
  const { document, storage = new Map<string, unknown>() } = options;
  const { main: bundle, html, manifest } = bundles(9417);
  const shown: { visible: boolean; options: ShowUIOptions | null } = { visible: false, options: null };
  let hear: (message: unknown) => void = () => undefined;
  const side: FrameSide = {
    show: (_html, how) => Object.assign(shown, { visible: how.visible ?? true, options: how }),
    send: (message) => setImmediate(() => hear(message)),
    setVisible: (visible) => (shown.visible = visible),
    resize: () => undefined,
    close: () => (shown.visible = false),
  };
  const main = new MainThread({ document, bundle, html, manifest, frame: side, storage });
  main.run(options.command ?? "open", options.parameters);
  const session = `test-${sessions++}`;
  const wire = new Wire<NoAsks, Asks>(session, (message) => setImmediate(() => main.receive(message)));
  hear = (message) => wire.receive(message);
  const { body } = await wire.ask("hello", null);
  return {
    main,
    document,
    host: new FigmaHost(wire),
    run: body.run,
    storage,
    shown,
    undo: () => document.undo(),
    close: () => {
      wire.close();
      main.close();
    },
  };
}

let sessions = 1;
