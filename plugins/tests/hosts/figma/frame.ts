/**
 * The plugin's frame in a real browser: a sandboxed srcdoc frame without an origin, under the policy that Figma makes
 * of the manifest, inside a page that stands for figma.com. Messages go through that page, as in Figma.
 */

import type { ShowUIOptions } from "@figma/plugin-typings/plugin-api-standalone";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, type BrowserContext, chromium, type Frame, type Page } from "playwright-core";
import { type WebSocket, WebSocketServer } from "ws";
import type { FrameSide } from "./main.ts";

/** Debian's own; another may be named. */
const CHROMIUM = process.env["INLAY_CHROMIUM"] ?? "/usr/bin/chromium";

export async function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  return await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu", ...more] });
}

/** As forum posts and issues quote it: default-src of data:, blob: and the domains, scripts and styles inline. */
export function policyOf(domains: readonly string[]): string {
  const reachable = domains.filter((domain) => domain !== "none").join(" ");
  return [
    `default-src data: blob: ${reachable}`.trim(),
    "script-src 'unsafe-inline'",
    "style-src 'unsafe-inline' data:",
  ].join("; ");
}

/** What a page must hand on to a frame for it to reach this machine, where the browser guards that. */
const LOCAL_NETWORK = "local-network-access *; loopback-network *";

/** Some of the colours that `themeColors` gives, light and dark. */
const COLOURS: Record<string, readonly [string, string]> = {
  bg: ["#ffffff", "#2c2c2c"],
  "bg-secondary": ["#f5f5f5", "#383838"],
  "bg-tertiary": ["#e6e6e6", "#444444"],
  "bg-hover": ["#f5f5f5", "#383838"],
  "bg-brand": ["#0d99ff", "#0c8ce9"],
  "bg-brand-hover": ["#007be5", "#0a6dc2"],
  "bg-selected": ["#e5f4ff", "#4a5878"],
  "bg-danger": ["#f24822", "#e03e1a"],
  "bg-disabled": ["#d9d9d9", "#757575"],
  text: ["rgba(0, 0, 0, 0.9)", "#ffffff"],
  "text-secondary": ["rgba(0, 0, 0, 0.5)", "rgba(255, 255, 255, 0.7)"],
  "text-tertiary": ["rgba(0, 0, 0, 0.3)", "rgba(255, 255, 255, 0.4)"],
  "text-brand": ["#007be5", "#7cc4f8"],
  "text-danger": ["#dc3412", "#fca397"],
  "text-disabled": ["rgba(0, 0, 0, 0.3)", "rgba(255, 255, 255, 0.4)"],
  "text-onbrand": ["#ffffff", "#ffffff"],
  icon: ["rgba(0, 0, 0, 0.9)", "#ffffff"],
  "icon-secondary": ["rgba(0, 0, 0, 0.5)", "rgba(255, 255, 255, 0.7)"],
  border: ["#e6e6e6", "#444444"],
  "border-strong": ["#2c2c2c", "#ffffff"],
  "border-selected": ["#0d99ff", "#0c8ce9"],
};

function themeStyle(dark: boolean): string {
  const lines = Object.entries(COLOURS).map(([name, pair]) => `--figma-color-${name}: ${pair[dark ? 1 : 0]};`);
  return `<style id="figma-style">:root { ${lines.join(" ")} }</style>`;
}

/**
 * The page around the frame. It speaks with Node over a socket: one text message (JSON, bytes left out), then the
 * bytes in the order of their numbers. Anything but plain data and Uint8Array is an error, as in Figma.
 */
const HOST_PAGE = `<!doctype html><meta charset="utf-8"><title>Figma</title><body style="margin:0;background:#e5e5e5">
<script>
  const socket = new WebSocket("ws://" + location.host);
  socket.binaryType = "arraybuffer";
  let frame = null;
  window.problems = [];
  const plain = (value, bytes) => {
    if (value === null || ["undefined", "boolean", "number", "string"].includes(typeof value)) return value;
    if (value instanceof Uint8Array) { bytes.push(value); return { "\\u0000bytes": bytes.length - 1 }; }
    if (Array.isArray(value)) return value.map((of) => plain(of, bytes));
    if (Object.prototype.toString.call(value) !== "[object Object]") throw new Error("cannot be sent: " + value);
    return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, plain(of, bytes)]));
  };
  const filled = (value, bytes) => {
    if (Array.isArray(value)) return value.map((of) => filled(of, bytes));
    if (typeof value !== "object" || value === null) return value;
    if ("\\u0000bytes" in value) return bytes[value["\\u0000bytes"]];
    return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, filled(of, bytes)]));
  };
  let head = null, got = [];
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") { head = JSON.parse(data); got = []; } else got.push(new Uint8Array(data));
    if (got.length < head.count) return;
    const message = filled(head.body, got);
    if (message.show) show(message.show);
    else if ("visible" in message) frame.style.display = message.visible ? "block" : "none";
    else if (message.size) { frame.width = message.size.width; frame.height = message.size.height; }
    else if (message.close) { frame?.remove(); frame = null; }
    else frame?.contentWindow.postMessage({ pluginMessage: message.pluginMessage, pluginId: "inlay-local" }, "*");
  };
  const show = ({ html, width, height, visible, allow }) => {
    frame?.remove();
    frame = document.createElement("iframe");
    frame.sandbox = "allow-scripts";
    if (allow) frame.allow = allow;
    frame.name = "plugin";
    frame.width = width; frame.height = height; frame.style.border = "0";
    frame.style.display = visible ? "block" : "none";
    frame.srcdoc = html;
    document.body.append(frame);
  };
  window.addEventListener("message", (event) => {
    if (event.source !== frame?.contentWindow || !event.data || !("pluginMessage" in event.data)) return;
    try {
      const bytes = [];
      const body = plain(event.data.pluginMessage, bytes);
      socket.send(JSON.stringify({ body, count: bytes.length }));
      for (const one of bytes) socket.send(one);
    } catch (error) { window.problems.push(String(error)); }
  });
</script>`;

type Plain = Record<string, unknown>;
const MARK = "\u0000bytes";

function emptied(value: unknown, bytes: Uint8Array[]): unknown {
  if (value instanceof Uint8Array) {
    bytes.push(value);
    return { [MARK]: bytes.length - 1 };
  }
  if (Array.isArray(value)) return value.map((of) => emptied(of, bytes));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, emptied(of, bytes)]));
}

function filled(value: unknown, bytes: readonly Uint8Array[]): unknown {
  if (Array.isArray(value)) return value.map((of) => filled(of, bytes));
  if (typeof value !== "object" || value === null) return value;
  if (MARK in value) return bytes[(value as Record<string, number>)[MARK]!];
  return Object.fromEntries(Object.entries(value as Plain).map(([name, of]) => [name, filled(of, bytes)]));
}

export class BrowserFrame implements FrameSide {
  visible = false;
  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
    private readonly server: Server,
    private readonly socket: WebSocket,
    private readonly domains: readonly string[],
    private readonly dark: boolean,
    private readonly allow: string,
  ) {}

  static async open(
    browser: Browser,
    domains: readonly string[],
    dark: boolean,
    localNetwork: boolean,
    receive: (message: unknown) => void,
  ): Promise<BrowserFrame> {
    const server = createServer((_, response) => {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      response.end(HOST_PAGE);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const sockets = new WebSocketServer({ server });
    const connected = new Promise<WebSocket>((resolve) => sockets.once("connection", resolve));
    const context = await browser.newContext({
      colorScheme: dark ? "dark" : "light",
      viewport: { width: 900, height: 800 },
    });
    if (localNetwork) await context.grantPermissions(["local-network-access"]);
    const page = await context.newPage();
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
    const socket = await connected;
    let head: { body: unknown; count: number } | null = null;
    let bytes: Uint8Array[] = [];
    socket.on("message", (data: Buffer, binary: boolean) => {
      if (binary) bytes.push(Uint8Array.from(data));
      else {
        head = JSON.parse(data.toString()) as { body: unknown; count: number };
        bytes = [];
      }
      if (head !== null && bytes.length === head.count) receive(filled(head.body, bytes));
    });
    return new BrowserFrame(page, context, server, socket, domains, dark, localNetwork ? LOCAL_NETWORK : "");
  }

  show(html: string, options: ShowUIOptions): void {
    this.visible = options.visible ?? true;
    const policy = `<meta http-equiv="Content-Security-Policy" content="${policyOf(this.domains)}">`;
    const theme = options.themeColors === true ? themeStyle(this.dark) : "";
    const framed = html
      .replace("<head>", () => `<head>${policy}${theme}`)
      .replace("<html", () => `<html class="figma-${this.dark ? "dark" : "light"}"`);
    const { width = 300, height = 200 } = options;
    this.say({ show: { html: framed, width, height, visible: this.visible, allow: this.allow } });
  }

  send(message: unknown): void {
    this.say({ pluginMessage: message });
  }

  setVisible(visible: boolean): void {
    this.visible = visible;
    this.say({ visible });
  }

  resize(width: number, height: number): void {
    this.say({ size: { width, height } });
  }

  close(): void {
    this.say({ close: true });
  }

  private say(message: Plain): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    const bytes: Uint8Array[] = [];
    const body = emptied(message, bytes);
    this.socket.send(JSON.stringify({ body, count: bytes.length }));
    for (const one of bytes) this.socket.send(one);
  }

  /** The plugin's own frame. */
  async frame(): Promise<Frame> {
    for (let tries = 0; tries < 200; tries++) {
      const frame = this.page.frames().find((one) => one.name() === "plugin");
      if (frame !== undefined) return frame;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error("The plugin shows no frame.");
  }

  /** What the frame tried to send that Figma would refuse. */
  async problems(): Promise<readonly string[]> {
    return await this.page.evaluate(() => (window as unknown as { problems: string[] }).problems);
  }

  async end(): Promise<void> {
    await this.context.close();
    this.socket.terminate();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
