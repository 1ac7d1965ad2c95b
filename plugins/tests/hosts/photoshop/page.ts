/** The stand-in in a browser: runs the built plugin with UXP's globals, and does what the tests say. Bundled for the page. */

import { defineSpectrum } from "../../gallery/spectrum.ts";
import type { Photoshop } from "../../../photoshop/src/api.ts";
import type { FakeDocument } from "./document.ts";
import { becomeUxp, type Scope, uxpScope } from "./globals.ts";
import type { Kept } from "./open.ts";
import { type Bytes, fromBytes, revived, type Sent, toBytes } from "./bytes.ts";
import type { Box } from "./model.ts";
import { FakePhotoshop } from "./photoshop.ts";
import { FakeUxp } from "./uxp.ts";

/** What the plugin gives to `entrypoints.setup`. */
interface EntryPoints {
  readonly plugin: { create(): void; destroy(): void };
  readonly panels: Readonly<Record<string, Panel>>;
  readonly commands: Readonly<Record<string, { run(): unknown }>>;
}

interface Panel {
  create(root: HTMLElement): void;
  show(root: HTMLElement): void;
  readonly menuItems: readonly { readonly id: string; readonly label: string }[];
  invokeMenu(id: string): unknown;
}

/** Where UXP gives up on a plugin that has not called `entrypoints.setup`. */
const SETUP_MS = 300;

// Kept before the page becomes UXP.
const putImageData = Reflect.get(CanvasRenderingContext2D.prototype, "putImageData");
const toDataURL = Reflect.get(HTMLCanvasElement.prototype, "toDataURL");

function encodeJpeg(rgb: Uint8Array, width: number, height: number): Promise<string> {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++) rgba.set(rgb.subarray(pixel * 3, pixel * 3 + 3), pixel * 4);
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no canvas");
  Reflect.apply(putImageData, context, [new ImageData(rgba, width, height), 0, 0]);
  const url = Reflect.apply(toDataURL, canvas, ["image/jpeg", 0.9]);
  return Promise.resolve(url.replace(/^[^,]*,/, ""));
}

type Runner = (scope: object) => (require: (name: string) => unknown) => void;

/** The bundle as a function of its globals and of `require`. */
function runnerOf(bundle: string): Runner {
  const script = document.createElement("script");
  script.textContent = `globalThis.runner = (scope) => { with (scope) { return function (require) { ${bundle}\n } } };`;
  document.head.append(script);
  script.remove();
  return (globalThis as unknown as { runner: Runner }).runner;
}

class Stage {
  readonly photoshop = new FakePhotoshop(encodeJpeg);
  readonly uxp = new FakeUxp();
  private scope: Scope | null = null;
  private entry: EntryPoints | null = null;
  private bundle = "";
  private css = "";
  private domains: readonly string[] = [];

  /** Loads the plugin as it was built, and opens its panel. */
  load(bundle: string, css: string, domains: readonly string[]): void {
    [this.bundle, this.css, this.domains] = [bundle, css, domains];
    becomeUxp();
    defineSpectrum();
    this.reload();
  }

  /** What the plugin stored when it ran the last time. */
  keep({ texts, secrets }: Kept): void {
    for (const [key, value] of Object.entries(texts)) this.uxp.texts.set(key, value);
    for (const [key, value] of Object.entries(secrets)) void this.uxp.secureStorage.setItem(key, value);
  }

  kept(): Kept {
    const secrets = [...this.uxp.secrets].map(([key, bytes]) => [key, String.fromCharCode(...bytes)] as const);
    return { texts: Object.fromEntries(this.uxp.texts), secrets: Object.fromEntries(secrets) };
  }

  /** The plugin's engine and panel are thrown away; its storage and Photoshop stay. */
  reload(): void {
    this.scope?.end();
    this.photoshop.forgetListeners();
    document.body.replaceChildren();
    document.head.replaceChildren(Object.assign(document.createElement("style"), { textContent: this.css }));
    this.scope = uxpScope(this.domains, this.uxp.texts);
    const began = Date.now();
    const run = runnerOf(this.bundle)(this.scope.names);
    run((name) => this.required(name));
    if (this.entry === null) throw new Error("the plugin did not call entrypoints.setup");
    if (Date.now() - began > SETUP_MS) throw new Error("entrypoints.setup came too late");
    this.entry.plugin.create();
    const root = document.body.appendChild(document.createElement("div"));
    root.id = "panel";
    const panel = this.panel();
    panel.create(root);
    panel.show(root);
  }

  menu(id: string): void {
    if (!this.panel().menuItems.some((item) => item.id === id)) throw new Error(`the menu has no ${id}`);
    void this.panel().invokeMenu(id);
  }

  command(id: string): void {
    const command = this.entry?.commands[id];
    if (command === undefined) throw new Error(`there is no command ${id}`);
    void command.run();
  }

  /** A document, by its place in the order of opening. */
  document(number = 0): FakeDocument {
    const document = this.photoshop.open[number];
    if (document === undefined) throw new Error(`there is no document ${number}`);
    return document;
  }

  openSent(spec: Sent): void {
    this.photoshop.openDocument(revived(spec));
  }

  select(number: number, box: Box | null, mask: Bytes | null): void {
    this.document(number).select(box, mask === null ? undefined : (fromBytes(mask) as Uint8Array));
  }

  flattened(number: number): Bytes {
    return toBytes(this.document(number).flattened());
  }

  /** A layer's own pixels, as colours and alpha of the canvas. */
  layerPixels(number: number, name: string): Bytes {
    const document = this.document(number);
    const alone = {
      ...document.state,
      layers: [{ ...document.named(name), visible: true, opacity: 100, clipped: false }],
    };
    return toBytes(document.flattenedOf(alone));
  }

  /** What was done that Photoshop or UXP forbid; and image data that is still held. */
  faults(): string[] {
    return [
      ...this.photoshop.rules.offences,
      ...(this.scope?.missed ?? []).map((name) => `${name} is not in UXP`),
      ...[...this.photoshop.imaging.live].map((data) => `image data ${data.width}×${data.height} was not disposed`),
    ];
  }

  private panel(): Panel {
    const panel = this.entry?.panels["inlay"];
    if (panel === undefined) throw new Error("the plugin has no panel “inlay”");
    return panel;
  }

  private required(name: string): unknown {
    if (name === "photoshop") return this.photoshop.api satisfies Photoshop;
    if (name !== "uxp") throw new Error(`UXP has no module ${name}`);
    const { uxp } = this;
    return {
      entrypoints: {
        setup: (entry: EntryPoints) => {
          this.entry = entry;
        },
      },
      host: { name: "Photoshop", version: uxp.version },
      secureStorage: uxp.secureStorage,
      shell: { openExternal: (url: string) => uxp.openExternal(url) },
      storage: { localFileSystem: { getFileForOpening: () => uxp.chooseFiles() } },
    };
  }
}

export type { Stage };
Object.assign(globalThis, { stage: new Stage() });
