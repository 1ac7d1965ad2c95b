/**
 * UXP's globals and nothing more. The plugin's bundle runs inside `with (scope)`: every name that it does not declare
 * itself is looked up here, and a name that UXP does not have throws, as it would there.
 */

/** The language's own, without what UXP lacks (WebAssembly, SharedArrayBuffer, FinalizationRegistry …). */
const LANGUAGE = [
  ...["Array", "ArrayBuffer", "BigInt", "BigInt64Array", "BigUint64Array", "Boolean", "DataView", "Date", "Error"],
  ...["EvalError", "Float32Array", "Float64Array", "Function", "Infinity", "Int16Array", "Int32Array", "Int8Array"],
  ...["JSON", "Map", "Math", "NaN", "Number", "Object", "Promise", "Proxy", "RangeError", "ReferenceError", "Reflect"],
  ...["RegExp", "Set", "String", "Symbol", "SyntaxError", "TypeError", "URIError", "Uint16Array", "Uint32Array"],
  ...["Uint8Array", "Uint8ClampedArray", "WeakMap", "WeakSet", "decodeURIComponent", "encodeURIComponent"],
  ...["isFinite", "isNaN", "parseFloat", "parseInt", "undefined"],
];

/** Of the typings of UXP, those that the page has too. */
const FROM_PAGE = [
  ...["AbortController", "AbortSignal", "Blob", "CanvasRenderingContext2D", "CloseEvent", "Comment", "DOMTokenList"],
  ...["Document", "DocumentFragment", "Element", "Event", "EventTarget", "HTMLButtonElement", "HTMLCanvasElement"],
  ...["HTMLElement", "HTMLImageElement", "HTMLInputElement", "Headers", "KeyboardEvent", "MessageEvent", "Node"],
  ...["NodeFilter", "NodeList", "Path2D", "PointerEvent", "ReadableStream", "Response", "ShadowRoot", "Text"],
  ...["console", "crypto", "customElements", "document", "navigator"],
];

/** Names that libraries ask for with `typeof` before they use them: there they are undefined, not an error. */
const ASKED = ["TextEncoder", "TextDecoder", "requestAnimationFrame", "cancelAnimationFrame", "process", "performance"];

/** What came after V8 9.4, which UXP has had since its version 6: the plugin must do without. */
const NEWER: readonly (readonly [object, string])[] = [
  [Array.prototype, "findLast"],
  [Array.prototype, "findLastIndex"],
  [Array.prototype, "toSorted"],
  [Array.prototype, "toReversed"],
  [Array.prototype, "with"],
  [Object, "groupBy"],
  [Object.getPrototypeOf(Uint8Array.prototype) as object, "findLast"],
  [Promise, "withResolvers"],
];

/** Drawing pixels is what UXP's canvas cannot do. */
const NOT_DRAWN = ["drawImage", "getImageData", "putImageData", "createImageData", "fillText", "strokeText"];

export function becomeUxp(): void {
  for (const [owner, name] of NEWER) Reflect.deleteProperty(owner, name);
  for (const name of NOT_DRAWN) Reflect.deleteProperty(CanvasRenderingContext2D.prototype, name);
  for (const name of ["toDataURL", "toBlob", "captureStream"]) {
    Reflect.deleteProperty(HTMLCanvasElement.prototype, name);
  }
}

export interface Scope {
  /** For `with`. */
  readonly names: object;
  /** Names that the plugin asked for and UXP does not have. */
  readonly missed: string[];
  /** Ends all that runs: UXP throws the whole engine away when a plugin is loaded again. */
  end(): void;
}

/** A fresh set of globals. `domains`: what the manifest allows the plugin to reach. */
export function uxpScope(domains: readonly string[], storage: Map<string, string>): Scope {
  const page = globalThis as unknown as Record<string, unknown>;
  const missed: string[] = [];
  const stops = new Set<() => void>();
  let isOver = false;

  const allowed = (url: string) => {
    const { protocol, host } = new URL(url);
    if (!domains.includes(`${protocol}//${host}`)) throw new Error(`the manifest does not allow ${url}`);
  };
  const globals: Record<string, unknown> = {};
  for (const name of [...LANGUAGE, ...FROM_PAGE]) globals[name] = page[name];
  const timer = (start: (then: () => void, ms: number) => number, stop: (id: number) => void, once: boolean) => {
    return (then: () => void, ms = 0) => {
      const id = start(() => {
        if (once) stops.delete(end);
        if (!isOver) then();
      }, ms);
      const end = () => stop(id);
      stops.add(end);
      return id;
    };
  };
  Object.assign(globals, {
    setTimeout: timer((then, ms) => window.setTimeout(then, ms), clearTimeout, true),
    setInterval: timer((then, ms) => window.setInterval(then, ms), clearInterval, false),
    clearTimeout: (id: number) => clearTimeout(id),
    clearInterval: (id: number) => clearInterval(id),
    fetch: async (url: string, init?: RequestInit) => {
      allowed(url);
      return fetch(url, { ...init, mode: "no-cors" });
    },
    WebSocket: class extends WebSocket {
      constructor(url: string) {
        allowed(url);
        super(url);
        const end = () => this.close();
        stops.add(end);
        this.addEventListener("close", () => stops.delete(end));
        // Until the plugin asks for buffers it gets Blobs, as in UXP.
        this.binaryType = "blob";
      }
    },
    localStorage: {
      getItem: (key: string) => storage.get(key) ?? null,
      setItem: (key: string, value: string) => void storage.set(key, value),
      removeItem: (key: string) => void storage.delete(key),
    },
    addEventListener: (name: string, then: () => void) => {
      window.addEventListener(name, then);
      stops.add(() => window.removeEventListener(name, then));
    },
    removeEventListener: (name: string, then: () => void) => window.removeEventListener(name, then),
  });
  // Properties of `window` that are not there are undefined, as everywhere.
  globals["window"] = globals;
  globals["globalThis"] = globals;
  const names = new Proxy(globals, {
    has: () => true,
    get: (target, name) => {
      if (typeof name === "symbol") return undefined;
      if (name in target) return target[name];
      if (ASKED.includes(name)) return undefined;
      missed.push(name);
      throw new ReferenceError(`${name} is not defined in UXP`);
    },
  });
  return {
    names,
    missed,
    end: () => {
      isOver = true;
      for (const stop of [...stops]) stop();
    },
  };
}
