/** Runs the plugin's main bundle as Figma does: in a context that has JavaScript's own things, `figma`, and little else. */

import type {
  ExportSettingsImage,
  FontName,
  Image,
  MessageEventHandler,
  NotificationOptions,
  ParameterInputEvent,
  PluginAPI,
  SceneNode,
  ShowUIOptions,
} from "@figma/plugin-typings/plugin-api-standalone";
import vm from "node:vm";
import { plainCopy } from "./checks.ts";
import { type FigmaDocument, PAGE } from "./document.ts";
import { Views } from "./nodes.ts";
import type { World } from "./properties.ts";
import { exportPng } from "./render.ts";

/** The part of Figma's API that this stand-in has; typed by the official typings, so that drift does not compile. */
type Api = Pick<
  PluginAPI,
  | "apiVersion"
  | "editorType"
  | "mode"
  | "mixed"
  | "root"
  | "currentPage"
  | "ui"
  | "parameters"
  | "clientStorage"
  | "on"
  | "off"
  | "showUI"
  | "closePlugin"
  | "notify"
  | "commitUndo"
  | "triggerUndo"
  | "openExternal"
  | "getNodeByIdAsync"
  | "getNodeById"
  | "createRectangle"
  | "createText"
  | "createImage"
  | "getImageByHash"
  | "group"
  | "loadFontAsync"
  | "listAvailableFontsAsync"
>;

export interface Notification {
  readonly text: string;
  readonly error: boolean;
  readonly timeout: number | undefined;
  cancelled: boolean;
}

/** The frame, as the main thread knows it. */
export interface FrameSide {
  show(html: string, options: ShowUIOptions): void;
  send(message: unknown): void;
  setVisible(visible: boolean): void;
  resize(width: number, height: number): void;
  close(): void;
}

export interface MainOptions {
  readonly document: FigmaDocument;
  readonly bundle: string;
  readonly html: string;
  readonly manifest: FigmaManifest;
  readonly frame: FrameSide;
  /** What stays of an earlier run of the plugin. */
  readonly storage: Map<string, unknown>;
}

export interface FigmaManifest {
  readonly documentAccess: string;
  readonly networkAccess: { readonly allowedDomains: readonly string[] };
  readonly menu: readonly { readonly command?: string; readonly parameters?: readonly { readonly key: string }[] }[];
  readonly relaunchButtons: readonly { readonly command: string }[];
}

type Callback = (...args: never[]) => unknown;

/** What a Node context has beyond a JavaScript engine's own things, or Figma's has not. */
const NOT_THERE = [
  ...["WebAssembly", "SharedArrayBuffer", "Atomics", "WeakRef", "FinalizationRegistry", "AggregateError"],
  ...["escape", "unescape", "Iterator"],
  // How new Figma's engine is, is not told: what came after ES2019 is taken away, so that nobody leans on it.
  ...["at", "findLast", "findLastIndex", "toSorted", "toReversed", "toSpliced", "with"].map(
    (of) => `Array.prototype.${of}`,
  ),
  ...["at", "replaceAll", "matchAll", "isWellFormed", "toWellFormed"].map((of) => `String.prototype.${of}`),
  ...["at", "findLast", "findLastIndex", "toSorted", "toReversed", "with"].map(
    (of) => `Object.getPrototypeOf(Uint8Array.prototype).${of}`,
  ),
  ...["Object.hasOwn", "Object.groupBy", "Map.groupBy", "Promise.any", "Promise.withResolvers", "Array.fromAsync"],
];

export class MainThread {
  readonly notifications: Notification[] = [];
  readonly opened: string[] = [];
  /** Errors that nobody caught. */
  readonly errors: unknown[] = [];
  closed = false;
  /** What `closePlugin` said. */
  lastWord: string | undefined;
  commits = 0;
  /** To be thrown by a call of the API, by name: for tests of what goes wrong midway. */
  readonly failing = new Map<string, Error>();
  private readonly handlers = new Map<string, Set<Callback>>();
  private readonly inputHandlers = new Set<(event: ParameterInputEvent) => void>();
  private readonly pageHandlers = new Set<(event: unknown) => void>();
  private readonly loadedFonts = new Set<string>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly stops: (() => void)[] = [];
  private readonly views: Views;
  private readonly Bytes: Uint8ArrayConstructor;
  private readonly api: Api;

  constructor(private readonly options: MainOptions) {
    const { document } = options;
    this.views = new Views(this.world());
    const context = vm.createContext({}, { codeGeneration: { strings: false, wasm: false } });
    this.Bytes = vm.runInContext("Uint8Array", context) as Uint8ArrayConstructor;
    this.api = this.makeApi();
    for (const name of NOT_THERE) vm.runInContext(`delete ${name}`, context);
    const guarded = new Proxy(this.api, { get: (api, name) => this.apiMember(api, name) });
    Object.assign(context, {
      figma: guarded,
      __html__: options.html,
      console,
      setTimeout: (callback: () => void, ms: number) => this.timer(setTimeout(() => this.safely(callback), ms)),
      clearTimeout: (of: unknown) => clearTimeout(of as NodeJS.Timeout),
      setInterval: (callback: () => void, ms: number) => this.timer(setInterval(() => this.safely(callback), ms)),
      clearInterval: (of: unknown) => clearInterval(of as NodeJS.Timeout),
      fetch: (url: string) =>
        Promise.reject(new Error(`fetch: ${url} cannot be reached from the main thread of this stand-in`)),
    });
    vm.runInContext(options.bundle, context, { filename: "main.js" });
    this.stops.push(document.onSelect(() => this.fire("selectionchange")));
    this.stops.push(
      document.store.onChange((ids) => {
        const nodeChanges = ids.map((id) => ({ type: "PROPERTY_CHANGE", id, origin: "LOCAL" }));
        for (const handler of [...this.pageHandlers]) this.safely(() => handler({ nodeChanges }));
      }),
    );
  }

  /** The person starts a command, with what was typed for its parameters. */
  run(command: string, parameters?: Record<string, string>): void {
    this.fire("run", { command, parameters });
  }

  /** What is suggested while a parameter is typed. */
  async suggest(key: string, query: string): Promise<readonly string[]> {
    let given: readonly unknown[] = [];
    const result = {
      setSuggestions: (list: readonly unknown[]) => (given = [...list]),
      setError: () => {
        throw new Error("setError is not there for parameters with allowFreeform");
      },
      setLoadingMessage: () => undefined,
    };
    const event = { key, query, parameters: {}, result } as unknown as ParameterInputEvent;
    for (const handler of this.inputHandlers) handler(event);
    await new Promise((resolve) => setTimeout(resolve, 20));
    return given.map(String);
  }

  /** A message of the frame. */
  receive(message: unknown): void {
    if (this.closed) return;
    const handler = this.api.ui.onmessage;
    if (handler !== undefined) this.safely(() => handler(this.inward(plainCopy(message)), { origin: "null" }));
  }

  close(): void {
    if (this.closed) return;
    this.fire("close");
    this.closed = true;
    for (const timer of this.timers) clearTimeout(timer);
    for (const stop of this.stops) stop();
    this.options.document.store.commit();
    this.options.frame.close();
  }

  private timer(of: NodeJS.Timeout): NodeJS.Timeout {
    this.timers.add(of);
    return of;
  }

  private fire(event: string, ...args: unknown[]): void {
    for (const handler of [...(this.handlers.get(event) ?? [])]) this.safely(() => handler(...(args as never[])));
  }

  private safely(what: () => unknown): void {
    try {
      const result = what();
      if (result instanceof Promise) result.catch((error: unknown) => this.errors.push(error));
    } catch (error) {
      this.errors.push(error);
    }
  }

  private apiMember(api: Api, name: string | symbol): unknown {
    if (typeof name === "string" && this.failing.has(name)) {
      return () => {
        throw this.failing.get(name) ?? new Error(name);
      };
    }
    if (!(name in api)) throw new Error(`in get_${String(name)}: figma.${String(name)} is not in this stand-in`);
    return Reflect.get(api, name);
  }

  /** Values for the plugin's own realm: there, bytes are its own Uint8Array. */
  private inward(value: unknown): unknown {
    if (value instanceof Uint8Array) return new this.Bytes(value);
    if (Array.isArray(value)) return value.map((of) => this.inward(of));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, this.inward(of)]));
  }

  private world(): World {
    const { document, manifest } = this.options;
    return {
      store: document.store,
      mixed: MIXED,
      currentPage: () => PAGE,
      relaunchCommands: new Set(manifest.relaunchButtons.map((button) => button.command)),
      isFontLoaded: (font) => this.loadedFonts.has(fontKey(font)),
      textSize: (node) => document.textSize(node),
      exportNode: async (id, settings) => {
        const { format, constraint } = settings as ExportSettingsImage;
        if (format !== "PNG") throw new Error(`in exportAsync: ${format} is not in this stand-in`);
        const scale = constraint?.type === "SCALE" ? constraint.value : 1;
        const look = { store: document.store, pool: document.pool, smooth: true };
        return new this.Bytes(await exportPng(look, id, scale));
      },
      changePage: (_page, _event, add, callback) => {
        if (add) this.pageHandlers.add(callback);
        else this.pageHandlers.delete(callback);
      },
      selection: { get: () => document.selection, set: (ids) => document.select(...ids) },
    };
  }

  private create(type: "RECTANGLE" | "TEXT"): SceneNode {
    const { store } = this.options.document;
    const node = store.make(type, PAGE);
    if (type === "RECTANGLE") node.fills = [{ type: "SOLID", color: { r: 0.85, g: 0.85, b: 0.85 } }];
    else node.fills = [{ type: "SOLID", color: { r: 0, g: 0, b: 0 } }];
    return this.views.of(node.id);
  }

  private image(hash: string): Image {
    const { document } = this.options;
    return {
      hash,
      getBytesAsync: () => Promise.resolve(new this.Bytes(document.pool.get(hash) ?? [])),
      getSizeAsync: () => Promise.resolve(document.imageSize(hash)),
    };
  }

  private makeApi(): Api {
    const { document, frame, storage } = this.options;
    const messages = new Set<MessageEventHandler>();
    const ui = {
      onmessage: undefined as MessageEventHandler | undefined,
      postMessage: (message: unknown) => frame.send(plainCopy(message)),
      show: () => frame.setVisible(true),
      hide: () => frame.setVisible(false),
      resize: (width: number, height: number) => frame.resize(width, height),
      close: () => frame.close(),
      on: (_type: "message", callback: MessageEventHandler) => void messages.add(callback),
      off: (_type: "message", callback: MessageEventHandler) => void messages.delete(callback),
    };
    const view = (id: string) => this.views.of(id);
    const api = {
      apiVersion: "1.0.0",
      editorType: "figma",
      mode: "default",
      mixed: MIXED,
      get root() {
        return view("0:0");
      },
      get currentPage() {
        return view(PAGE);
      },
      ui,
      parameters: {
        on: (_type: "input", callback: (event: ParameterInputEvent) => void) => void this.inputHandlers.add(callback),
        once: (_type: "input", callback: (event: ParameterInputEvent) => void) => void this.inputHandlers.add(callback),
        off: (_type: "input", callback: (event: ParameterInputEvent) => void) =>
          void this.inputHandlers.delete(callback),
      },
      clientStorage: {
        getAsync: (key: string) => Promise.resolve(this.inward(storage.get(key))),
        setAsync: (key: string, value: unknown) => Promise.resolve(void storage.set(key, plainCopy(value))),
        deleteAsync: (key: string) => Promise.resolve(void storage.delete(key)),
        keysAsync: () => Promise.resolve([...storage.keys()]),
      },
      on: (event: string, callback: Callback) => {
        if (event === "documentchange")
          throw new Error("in on: documentchange needs loadAllPagesAsync under dynamic-page");
        this.handlers.set(event, (this.handlers.get(event) ?? new Set()).add(callback));
      },
      off: (event: string, callback: Callback) => void this.handlers.get(event)?.delete(callback),
      showUI: (html: string, options: ShowUIOptions = {}) => frame.show(html, options),
      closePlugin: (message?: string) => {
        this.lastWord = message;
        this.close();
      },
      notify: (text: string, options: NotificationOptions = {}) => {
        // “It is limited to 100 characters. Longer messages will be truncated.”
        const shown: Notification = {
          text: text.slice(0, 100),
          error: options.error ?? false,
          timeout: options.timeout,
          cancelled: false,
        };
        this.notifications.push(shown);
        return { cancel: () => (shown.cancelled = true) };
      },
      commitUndo: () => {
        this.commits++;
        document.store.commit();
      },
      triggerUndo: () => document.undo(),
      openExternal: (url: string) => void this.opened.push(url),
      getNodeByIdAsync: (id: string) => Promise.resolve(document.has(id) ? view(id) : null),
      getNodeById: () => {
        throw new Error(
          "in getNodeById: Cannot call with documentAccess: dynamic-page. Use figma.getNodeByIdAsync instead.",
        );
      },
      createRectangle: () => this.create("RECTANGLE"),
      createText: () => this.create("TEXT"),
      createImage: (bytes: Uint8Array) => this.image(document.addImage(Uint8Array.from(bytes))),
      getImageByHash: (hash: string) => (document.pool.get(hash) === undefined ? null : this.image(hash)),
      group: (nodes: readonly unknown[], parent: unknown, index?: number) =>
        this.views.group(nodes, parent, index ?? document.store.get(this.views.idOf(parent)).children.length),
      loadFontAsync: (font: FontName) => {
        if (!document.fonts.some((has) => fontKey(has) === fontKey(font))) {
          return Promise.reject(new Error(`The font "${font.family} ${font.style}" could not be loaded`));
        }
        this.loadedFonts.add(fontKey(font));
        return Promise.resolve();
      },
      listAvailableFontsAsync: () => Promise.resolve(document.fonts.map((fontName) => ({ fontName }))),
    };
    return api as unknown as Api;
  }
}

const MIXED = Symbol("figma.mixed");

function fontKey(font: FontName): string {
  return `${font.family}/${font.style}`;
}
