import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { START, type, walk, walks } from "../../../shared/src/view/walk.ts";

const TYPED = ["newest", "older", "oldest"];

describe("walking through what was typed", () => {
  it("goes back in time and forward again, to what was being typed", () => {
    const draft = type("half a th");
    const one = walk(draft, TYPED, 1);
    assert.equal(one?.text, "newest");
    const two = walk(one, TYPED, 1);
    assert.equal(two?.text, "older");
    const back = walk(walk(two, TYPED, -1)!, TYPED, -1);
    assert.equal(back?.text, "half a th");
    assert.equal(back.step, 0);
  });

  it("stops at both ends", () => {
    assert.equal(walk(START, [], 1), null);
    assert.equal(walk(START, TYPED, -1), null);
    assert.equal(walk({ text: "oldest", step: 3, draft: "" }, TYPED, 1), null);
  });

  it("becomes a draft of its own when what was brought back is changed", () => {
    const changed = type("newest, but red");
    assert.equal(walk(walk(changed, TYPED, 1)!, TYPED, -1)?.text, "newest, but red");
  });

  it("leaves the arrow keys to the lines of a longer text, except at its first and last line", () => {
    const two = type("first line\nsecond line");
    assert.equal(walks(two, 1, 3), true);
    assert.equal(walks(two, 1, 15), false);
    assert.equal(walks(two, -1, 3), false);
    assert.equal(walks(two, -1, 15), true);
    assert.equal(walks(type("one line"), 1, 4), true);
  });

  it("walks on from a text of several lines where the caret is not known", () => {
    assert.equal(walks(type("a\nb"), 1, null), false);
    assert.equal(walks({ text: "a\nb", step: 1, draft: "" }, 1, null), true);
  });
});
