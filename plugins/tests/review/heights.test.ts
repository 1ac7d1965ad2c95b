import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { between, offsets } from "../../../bridge/review/page/src/heights.ts";

describe("rows of a long list", () => {
  it("lie one below the other, those that were measured as high as they are", () => {
    const { tops, total } = offsets(4, (index) => (index === 1 ? 50 : 10));
    assert.deepEqual([tops, total], [[0, 10, 60, 70, 80], 80]);
    assert.deepEqual(
      offsets(0, () => 10),
      { tops: [0], total: 0 },
    );
  });

  it("are drawn where they are seen, and a few more", () => {
    const at = offsets(1000, () => 10);
    assert.deepEqual(between(at, 0, 95, 0), { first: 0, end: 10 });
    assert.deepEqual(between(at, 500, 599, 2), { first: 48, end: 62 });
    assert.deepEqual(between(at, 9_990, 20_000, 3), { first: 996, end: 1000 });
    assert.deepEqual(
      between(
        offsets(0, () => 10),
        0,
        100,
        2,
      ),
      { first: 0, end: 0 },
    );
  });
});
