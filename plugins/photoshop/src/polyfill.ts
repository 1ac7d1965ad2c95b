/**
 * What UXP does not document, and shared code or its libraries need. Imported before all else: msgpack looks for a
 * TextEncoder as soon as it is loaded.
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
