import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { COMMANDS, MENU, perform } from "../../photoshop/src/menu.ts";
import { openSocket, probe } from "../../photoshop/src/platform.ts";
import { plainName, profileOf } from "../../photoshop/src/profiles.ts";
import { decodeUtf8, encodeUtf8 } from "../../photoshop/src/text.ts";
import { toBase64 } from "../../photoshop/src/pictures.ts";
import { fingerprint } from "../../photoshop/src/composite.ts";
import { readFileSync } from "node:fs";

describe("UTF-8 without UXP's help", () => {
  it("is what everybody else's is, both ways", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        assert.deepEqual(encodeUtf8(text), new Uint8Array(new TextEncoder().encode(text)));
        assert.equal(decodeUtf8(encodeUtf8(text)), new TextDecoder().decode(new TextEncoder().encode(text)));
      }),
    );
  });

  it("replaces what is broken as everybody else does", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        assert.equal(decodeUtf8(bytes), new TextDecoder().decode(bytes));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("base64", () => {
  it("is everybody's", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        assert.equal(toBase64(bytes), Buffer.from(bytes).toString("base64"));
      }),
    );
  });
});

describe("fingerprints", () => {
  it("differ when any sample does, at any offset", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 99 }), fc.nat(), fc.nat(3), (data, where, offset) => {
        const copy = new Uint8Array(data.length + offset);
        copy.set(data, offset);
        assert.equal(fingerprint(copy.subarray(offset)), fingerprint(data));
        const at = offset + (where % data.length);
        copy[at]! ^= 1;
        assert.notEqual(fingerprint(copy.subarray(offset)), fingerprint(data));
      }),
    );
  });
});

describe("looking at the bridge's port", () => {
  it("tells an answer from none, and does not wait for a program that is mute", async () => {
    const waits: number[] = [];
    let stopped = 0;
    const timer = (milliseconds: number, then: () => void) => {
      waits.push(milliseconds);
      const due = setTimeout(then, 5);
      return () => {
        clearTimeout(due);
        stopped++;
      };
    };
    assert.equal(await probe(1, () => Promise.resolve({}), timer), "something");
    assert.equal(await probe(1, () => Promise.reject(new Error("refused")), timer), "nothing");
    const forbidden = () => {
      throw new Error("the manifest does not allow it");
    };
    assert.equal(await probe(1, forbidden, timer), "nothing");
    assert.equal(await probe(1, () => new Promise(() => undefined), timer), "something");
    assert.deepEqual([waits, stopped], [[3000, 3000, 3000, 3000], 4]);
  });
});

describe("a socket in UXP", () => {
  class Raw {
    binaryType = "";
    readyState = 0;
    readonly sent: unknown[] = [];
    onopen: (() => void) | null = null;
    onmessage: ((event: { readonly data: unknown }) => void) | null = null;
    onerror: (() => void) | null = null;
    onclose: ((event: { readonly code?: number; readonly reason?: string }) => void) | null = null;
    send(data: unknown) {
      this.sent.push(data);
    }
    close() {
      this.readyState = 3;
    }
  }

  function opened() {
    const raw = new Raw();
    const said: unknown[] = [];
    const socket = openSocket(
      "ws://localhost:1/ws",
      {
        opened: () => said.push("opened"),
        received: (data) => said.push([...data]),
        closed: (code) => said.push(code),
      },
      () => raw as never,
    );
    return { raw, said, socket };
  }

  it("takes buffers, views and Blobs, in their order", async () => {
    const { raw, said } = opened();
    assert.equal(raw.binaryType, "arraybuffer");
    raw.onmessage?.({ data: new Blob([Uint8Array.of(1)]) });
    raw.onmessage?.({ data: Uint8Array.of(2).buffer });
    raw.onmessage?.({ data: "text is not for us" });
    raw.onmessage?.({ data: Uint8Array.of(9, 3, 9).subarray(1, 2) });
    await new Promise((resolve) => setTimeout(resolve, 20));
    raw.onmessage?.({ data: Uint8Array.of(4).buffer });
    assert.deepEqual(said, [[1], [2], [3], [4]]);
  });

  it("sends a buffer of its own, and nothing while it is not open", () => {
    const { raw, socket } = opened();
    socket.send(Uint8Array.of(1));
    raw.readyState = 1;
    socket.send(Uint8Array.of(9, 7, 9).subarray(1, 2));
    assert.deepEqual(raw.sent, [Uint8Array.of(7).buffer]);
  });

  it("ends once, whether by an error, a close or both", () => {
    const { raw, said, socket } = opened();
    raw.onerror?.();
    raw.onclose?.({ code: 1006 });
    socket.close();
    assert.deepEqual(said, [1006]);
  });
});

describe("the menu", () => {
  it("is what the manifest's commands and the issue name", async () => {
    const manifest = JSON.parse(readFileSync(new URL("../../photoshop/manifest.json", import.meta.url), "utf8")) as {
      entrypoints: { type: string; id: string }[];
    };
    const commands = manifest.entrypoints.filter(({ type }) => type === "command").map(({ id }) => id);
    assert.deepEqual(commands, [...COMMANDS]);
    assert.deepEqual(
      MENU.map(({ label }) => label),
      ["Edit selection", "Remove", "Again", "Undo last", "History"],
    );
    const done: string[] = [];
    const actions = new Proxy(
      {},
      {
        get:
          (_, name) =>
          (...given: string[]) =>
            done.push([name, ...given].join(" ")),
      },
    );
    for (const { id } of MENU) await perform(actions as never, id);
    assert.deepEqual(done, ["go edit", "go edit", "run remove this", "again", "undo", "go history", "refreshHistory"]);
  });
});

describe("profiles", () => {
  const NAMES = ["sRGB IEC61966-2.1", "Adobe RGB (1998)", "Display P3", "ProPhoto RGB", "Gray Gamma 2.2"];

  it("are built as the ICC wants: header, tags inside the file, curves and primaries", () => {
    for (const name of NAMES) {
      const profile = profileOf(name, false)!;
      const view = new DataView(profile.buffer);
      const ascii = (at: number) => String.fromCharCode(...profile.subarray(at, at + 4));
      assert.equal(view.getUint32(0), profile.length);
      assert.equal(ascii(36), "acsp");
      assert.equal(ascii(16), name.startsWith("Gray") ? "GRAY" : "RGB ");
      const tags = new Map<string, number>();
      for (let number = 0; number < view.getUint32(128); number++) {
        const at = 132 + 12 * number;
        const [place, size] = [view.getUint32(at + 4), view.getUint32(at + 8)];
        assert.ok(place % 4 === 0 && place + size <= profile.length);
        tags.set(ascii(at), place);
      }
      if (name.startsWith("Gray")) continue;
      // The three primaries make up the white point, D50.
      for (const [axis, white] of [0.9642, 1, 0.8249].entries()) {
        const sum = ["rXYZ", "gXYZ", "bXYZ"].map((tag) => view.getInt32(tags.get(tag)! + 8 + 4 * axis) / 65_536);
        assert.ok(Math.abs(sum[0]! + sum[1]! + sum[2]! - white) < 0.002, `${name}, axis ${axis}: ${sum.join()}`);
      }
    }
  });

  it("of a 32 bit document are linear, and its name is told without Photoshop's addition", () => {
    const name = "Adobe RGB (1998) (Linear RGB Profile)";
    assert.equal(plainName(name), "Adobe RGB (1998)");
    const linear = profileOf(name, true)!;
    assert.notDeepEqual(linear, profileOf("Adobe RGB (1998)", false));
  });

  it("with other names are unknown", () => {
    for (const name of ["Dot Gain 20%", "My Monitor", "None", ""]) assert.equal(profileOf(name, false), null);
  });
});
