/**
 * What UXP does not document, or has only in later versions, and shared code or its libraries need. Imported before all
 * else: msgpack looks for a TextEncoder as soon as it is loaded.
 */

import { decodeUtf8, encodeUtf8 } from "./text.ts";

type Globals = Record<string, unknown>;

const globals = globalThis as unknown as Globals;

if (globals["TextEncoder"] === undefined) {
  globals["TextEncoder"] = class {
    readonly encoding = "utf-8";

    encode(text = ""): Uint8Array {
      return encodeUtf8(text);
    }

    encodeInto(text: string, into: Uint8Array): { read: number; written: number } {
      const bytes = encodeUtf8(text);
      into.set(bytes);
      return { read: text.length, written: bytes.length };
    }
  };
}

if (globals["TextDecoder"] === undefined) {
  globals["TextDecoder"] = class {
    readonly encoding = "utf-8";

    decode(bytes: Uint8Array | ArrayBuffer = new Uint8Array(0)): string {
      return decodeUtf8(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes));
    }
  };
}

/** Adds a method where it is missing. */
function add(prototype: object, name: string, method: (this: never, ...given: never[]) => unknown): void {
  if (name in prototype) return;
  Object.defineProperty(prototype, name, { value: method, writable: true, configurable: true });
}

function at(this: ArrayLike<unknown>, index: number): unknown {
  const whole = Math.trunc(index) || 0;
  return this[whole < 0 ? this.length + whole : whole];
}

function findLast(this: ArrayLike<unknown>, fits: (value: unknown, index: number) => boolean): unknown {
  for (let index = this.length - 1; index >= 0; index--) if (fits(this[index], index)) return this[index];
  return undefined;
}

function replaceAll(this: string, found: string | RegExp, by: string): string {
  return typeof found === "string" ? this.split(found).join(by) : this.replace(found, by);
}

function hasOwn(of: object, name: string): boolean {
  return Object.prototype.hasOwnProperty.call(of, name);
}

const typed = Object.getPrototypeOf(Uint8Array.prototype) as object;
for (const prototype of [Array.prototype, String.prototype, typed]) add(prototype, "at", at);
for (const prototype of [Array.prototype, typed]) add(prototype, "findLast", findLast);
add(String.prototype, "replaceAll", replaceAll);
add(Object, "hasOwn", hasOwn);
