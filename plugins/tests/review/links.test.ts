/** Addresses of comments and versions, and tokens: what a fragment is, and that a token is never taken for another. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readFragment } from "../../../bridge/review/page/src/door.ts";
import { fragmentOf, goalOf } from "../../../bridge/review/page/src/links.ts";

describe("a link", () => {
  it("names a comment or a version", () => {
    assert.deepEqual(goalOf("#comment=ab-C_1"), { comment_id: "ab-C_1" });
    assert.deepEqual(goalOf("#version=x"), { version_id: "x" });
    for (const other of [
      "",
      "#",
      "#comment=",
      "#comment=<b>",
      "#layer=x",
      "#version=a b",
      `#version=${"x".repeat(65)}`,
    ]) {
      assert.equal(goalOf(other), null, other);
    }
    for (const goal of [{ comment_id: "a" }, { version_id: "b" }]) assert.deepEqual(goalOf(fragmentOf(goal)), goal);
  });

  it("may come with a token, which is told apart from where to go", () => {
    assert.deepEqual(readFragment("/d/x", "#k=TOKEN"), { token: "TOKEN", goal: null });
    assert.deepEqual(readFragment("/d/x", "#k=TOKEN&comment=c"), { token: "TOKEN", goal: { comment_id: "c" } });
    assert.deepEqual(readFragment("/d/x", "#comment=c&k=TOKEN"), { token: "TOKEN", goal: { comment_id: "c" } });
    assert.deepEqual(readFragment("/d/x", "#version=v"), { token: null, goal: { version_id: "v" } });
    assert.deepEqual(readFragment("/d/x", "#k="), { token: null, goal: null });
    // An invite's whole fragment is its token, whatever it looks like.
    assert.deepEqual(readFragment("/join", "#version=v"), { token: "version=v", goal: null });
  });

  it("never keeps a token in what stays in the address", () => {
    fc.assert(
      fc.property(fc.base64String({ minLength: 20, maxLength: 60 }), (secret) => {
        for (const hash of [`#k=${secret}`, `#k=${secret}&version=v`, `#version=v&k=${secret}`]) {
          const { token, goal } = readFragment("/d/x", hash);
          assert.equal(token, secret);
          assert.ok(goal === null || !fragmentOf(goal).includes(secret));
        }
      }),
    );
  });
});
