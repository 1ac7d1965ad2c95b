import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decode as theirsUnpack, encode as theirsPack } from "@msgpack/msgpack";
import fc from "fast-check";
import { NotMessagePack, pack, unpack } from "../../shared/src/protocol/msgpack.ts";

const bytes = fc.uint8Array({ maxLength: 400 }).map((value) => Uint8Array.from(value));
const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.integer({ min: -300, max: 70_000 }),
  // Minus zero has no sign left once it is packed: a whole number, see below.
  fc.double({ noNaN: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
  fc.string({ unit: "grapheme", maxLength: 300 }),
  bytes,
);
/** The library refuses fields of this name; ours takes them, see below. */
const names = fc.string({ maxLength: 40 }).filter((name) => name !== "__proto__");
const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    leaf,
    fc.array(tie("value"), { maxLength: 20 }),
    fc.dictionary(names, tie("value"), { maxKeys: 20, noNullPrototype: true }),
  ),
}));

/** The library makes what it unpacks with its own views; compare contents. */
const plain = (value: unknown): unknown =>
  value instanceof Uint8Array
    ? [...value]
    : Array.isArray(value)
      ? value.map(plain)
      : typeof value === "object" && value !== null
        ? Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]))
        : value;

describe("MessagePack", () => {
  it("is packed as the library packs it", () => {
    fc.assert(fc.property(anything, (value) => assert.deepEqual(plain(unpack(theirsPack(value))), plain(value))));
    fc.assert(fc.property(anything, (value) => assert.deepEqual(plain(theirsUnpack(pack(value))), plain(value))));
  });

  it("comes back as it was, at every length where the form changes", () => {
    for (const length of [0, 15, 16, 31, 32, 255, 256, 65_535, 65_536]) {
      for (const value of ["x".repeat(length), new Uint8Array(length).fill(7), new Array<number>(length).fill(3)]) {
        assert.deepEqual(unpack(pack(value)), value, `${typeof value} of ${length}`);
      }
    }
    for (let power = 0; power <= 53; power++) {
      for (const value of [2 ** power - 1, -(2 ** power) + 1, -(2 ** Math.min(power, 52))]) {
        assert.equal(unpack(pack(value)), value);
        assert.equal(theirsUnpack(pack(value)), value);
      }
    }
  });

  it("takes minus zero for zero, as the library does (seed -1597867243)", () => {
    assert.deepEqual(pack(-0), theirsPack(-0));
    assert.ok(Object.is(unpack(pack(-0)), 0));
  });

  it("leaves out what is undefined", () => {
    assert.deepEqual(unpack(pack({ a: 1, b: undefined })), { a: 1 });
  });

  it("takes a field called __proto__ for a field", () => {
    const value = unpack(theirsPack(JSON.parse('{"x": {"__proto__x": 1}}'))) as object;
    assert.deepEqual(value, { x: { __proto__x: 1 } });
    const hostile = new Uint8Array([0x81, 0xa9, ...new TextEncoder().encode("__proto__"), 0x81, 0xa1, 0x61, 1]);
    const read = unpack(hostile) as Record<string, unknown>;
    assert.equal(Object.getPrototypeOf(read), Object.prototype);
    assert.deepEqual(Object.keys(read), ["__proto__"]);
  });

  it("is refused when it is cut off, goes on, is too deep, or is nothing of ours", () => {
    fc.assert(
      fc.property(anything, fc.nat(), (value, cut) => {
        const whole = pack(value);
        assert.throws(() => unpack(whole.subarray(0, cut % whole.length)), NotMessagePack);
        assert.throws(() => unpack(Uint8Array.from([...whole, 0])), NotMessagePack);
      }),
    );
    assert.throws(() => unpack(new Uint8Array(1000).fill(0x91)), NotMessagePack);
    assert.throws(() => unpack(new Uint8Array([0xdd, 0xff, 0xff, 0xff, 0xff])), NotMessagePack);
    assert.throws(() => unpack(new Uint8Array([0xdf, 0xff, 0xff, 0xff, 0xff])), NotMessagePack);
    assert.throws(() => unpack(new Uint8Array([0xd4, 1, 1])), NotMessagePack);
    assert.throws(() => unpack(new Uint8Array([0x81, 1, 1])), NotMessagePack);
    let deep: unknown = 1;
    for (let i = 0; i < 100; i++) deep = [deep];
    assert.throws(() => pack(deep), NotMessagePack);
    assert.throws(() => pack(1n), NotMessagePack);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
        try {
          unpack(Uint8Array.from(noise));
        } catch (error) {
          assert.ok(error instanceof NotMessagePack, String(error));
        }
      }),
    );
  });
});
