/** The wire between main thread and frame: nothing lost, nothing mixed up, nothing of yesterday. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { CHUNK_BYTES, parcel, Wire } from "../../figma/src/shared/wire.ts";
import { HostError } from "../../shared/src/host.ts";

type Table = {
  readonly turn: { ask: { readonly add: number }; answer: readonly number[] };
  readonly fail: { ask: null; answer: null };
  readonly never: { ask: null; answer: null };
};
type None = Readonly<Record<string, { ask: never; answer: never }>>;

function pair(): { asking: Wire<None, Table>; answering: Wire<Table, None>; messages: unknown[] } {
  const messages: unknown[] = [];
  const asking = new Wire<None, Table>("one", (message) => {
    messages.push(message);
    setImmediate(() => answering.receive(message));
  });
  const answering = new Wire<Table, None>("one", (message) => {
    messages.push(message);
    setImmediate(() => asking.receive(message));
  });
  answering.answer("turn", ({ add }, bytes) =>
    Promise.resolve(
      parcel(
        bytes.map((one) => one.length),
        bytes.map((one) => one.map((value) => value + add)),
      ),
    ),
  );
  answering.answer("fail", () => Promise.reject(new HostError("locked", "It is locked.", "Unlock it.")));
  answering.answer("never", () => new Promise(() => undefined));
  return { asking, answering, messages };
}

describe("the wire", () => {
  it("brings bytes of any length there and back, many questions at once", async () => {
    const lengths = fc.array(fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 4 }), {
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(lengths, async (questions) => {
        const { asking } = pair();
        const answers = await Promise.all(
          questions.map((parts, add) =>
            asking.ask(
              "turn",
              { add },
              parts.map((length) => Uint8Array.from({ length }, (_, index) => index % 251)),
            ),
          ),
        );
        answers.forEach(({ body, bytes }, add) => {
          assert.deepEqual(body, questions[add]);
          for (const one of bytes) assert.ok(one.every((value, index) => value === ((index % 251) + add) % 256));
        });
      }),
      { numRuns: 20 },
    );
  });

  it("cuts what is large into chunks of 1 MiB, and has few of them under way", async () => {
    const { asking, messages } = pair();
    const large = new Uint8Array(5 * CHUNK_BYTES + 17).map((_, index) => index % 255);
    const { bytes } = await asking.ask("turn", { add: 0 }, [large]);
    assert.deepEqual(bytes[0], large);
    let open = 0;
    for (const message of messages as { kind: string; data?: Uint8Array }[]) {
      if (message.kind === "chunk") open++;
      if (message.kind === "ack") open--;
      assert.ok(open <= 2);
      assert.ok((message.data?.length ?? 0) <= CHUNK_BYTES);
    }
  });

  it("brings an error back as the same error", async () => {
    const { asking } = pair();
    await assert.rejects(asking.ask("fail", null), (error: HostError) => {
      assert.ok(error instanceof HostError);
      assert.deepEqual([error.code, error.message, error.hint], ["locked", "It is locked.", "Unlock it."]);
      return true;
    });
  });

  it("says so when nobody knows the question", async () => {
    const { asking } = pair();
    await assert.rejects(asking.ask("nobody" as "turn", { add: 1 }), /Nothing answers/);
  });

  it("drops what is of another session, and what is no message at all", async () => {
    const { asking, answering } = pair();
    for (const message of [
      null,
      7,
      "x",
      {},
      { inlay: "one" },
      { inlay: "two", kind: "answer", id: 1, body: 0, post: 1, bytes: [] },
    ]) {
      asking.receive(message);
      answering.receive(message);
    }
    assert.deepEqual((await asking.ask("turn", { add: 1 })).body, []);
  });

  it("ends what waits when it is closed", async () => {
    const { asking } = pair();
    const waiting = asking.ask("never", null);
    setTimeout(() => asking.close(), 10);
    await assert.rejects(waiting, HostError);
    await assert.rejects(asking.ask("turn", { add: 1 }), HostError);
  });
});
