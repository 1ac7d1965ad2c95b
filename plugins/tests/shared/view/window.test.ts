import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { scrolledTo, windowOf } from "../../../shared/src/view/window.ts";

describe("the window over a long list", () => {
  it("draws what is seen and a little more", () => {
    const { first, end } = windowOf(1000, 48, 48 * 500, 480);
    assert.ok(first <= 500 && first > 480);
    assert.ok(end >= 510 && end < 530);
  });

  it("stays within the list, also when it has become shorter than where it was scrolled to", () => {
    assert.deepEqual(windowOf(3, 48, 0, 480), { first: 0, end: 3 });
    const { first, end } = windowOf(20, 48, 40_000, 480);
    assert.ok(first <= 10 && end === 20);
    assert.deepEqual(windowOf(0, 48, 0, 480), { first: 0, end: 0 });
  });

  it("scrolls no further than a row needs to be wholly seen", () => {
    assert.equal(scrolledTo(5, 48, 0, 480), 0);
    assert.equal(scrolledTo(2, 48, 200, 480), 96);
    assert.equal(scrolledTo(20, 48, 0, 480), 21 * 48 - 480);
  });
});
