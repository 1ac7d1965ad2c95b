import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Link } from "../../shared/src/bridge/link.ts";
import type { Review } from "../../../bridge/review/page/src/review.ts";
import { NOTHING_TAKEN, sizeOf, Take, type TakeState, unfit } from "../../../bridge/review/page/src/take.ts";

/** A page whose bridge answers as it is told. */
function page(answer: () => Promise<unknown>): {
  readonly take: Take;
  readonly state: () => TakeState;
  sent: unknown[];
} {
  let state: TakeState = NOTHING_TAKEN;
  const sent: unknown[] = [];
  const link = {
    number: () => 7,
    answerTo: answer,
    send: (message: unknown) => sent.push(message),
  } as unknown as Link;
  const review = {
    connected: () => link,
    store: { get: () => ({ take: state }), set: (fields: { take: TakeState }) => (state = fields.take) },
  } as unknown as Review;
  return { take: new Take(review), state: () => state, sent };
}

describe("taking away", () => {
  it("tells how far it is, of its own request only", async () => {
    let answered: (message: unknown) => void = () => undefined;
    const { take, state, sent } = page(() => new Promise((resolve) => (answered = resolve)));
    const wished = take.wish({ type: "take.report", document_id: "d", kind: "pdf" });
    assert.deepEqual(sent, [{ type: "take.report", document_id: "d", kind: "pdf", id: 7 }]);
    assert.equal(state().making?.done, 0);
    assert.equal(take.receive({ type: "take.progress", request_id: 7, done: 0.5 }), true);
    assert.equal(state().making?.done, 0.5);
    take.receive({ type: "take.progress", request_id: 8, done: 0.9 });
    assert.equal(state().making?.done, 0.5);
    take.forget(); // while it is being made there is nothing to forget
    assert.notEqual(state().making, null);
    answered({ type: "done", re: 7 }); // a bridge of another version
    await wished;
    assert.equal(state().making, null);
    assert.equal(state().made, null);
    assert.deepEqual([state().failed?.type, state().failed?.code], ["take.report", "protocol_error"]);
    take.forget();
    assert.deepEqual(state(), NOTHING_TAKEN);
    assert.equal(take.receive({ type: "done", re: 1 }), false);
  });

  it("knows which files hold a layer exactly", () => {
    const layer = (depth: "u8" | "u16" | "f32", alpha: "none" | "premultiplied"): Parameters<typeof unfit>[1] => ({
      depth,
      alpha,
    });
    assert.equal(unfit("png", layer("u16", "none")), null);
    assert.match(unfit("webp", layer("u16", "none")) ?? "", /8 bits/);
    assert.match(unfit("png", layer("f32", "none")) ?? "", /TIFF/);
    assert.match(unfit("png", layer("u8", "premultiplied")) ?? "", /TIFF/);
    for (const depth of ["u8", "u16", "f32"] as const) assert.equal(unfit("tiff", layer(depth, "premultiplied")), null);
  });

  it("says sizes as people do", () => {
    assert.deepEqual([740, 12_300, 3_420_000, 168_000_000, 2.1e9].map(sizeOf), [
      "740 bytes",
      "12 kB",
      "3.4 MB",
      "168 MB",
      "2.1 GB",
    ]);
  });
});
