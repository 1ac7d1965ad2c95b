/** The table of keys: one meaning each, and only for those who may. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { shortcutFor, SHORTCUTS } from "../../../bridge/review/page/src/shortcuts.ts";

describe("keys", () => {
  it("mean one thing each", () => {
    const keys = SHORTCUTS.flatMap((one) => one.keys);
    assert.deepEqual([...new Set(keys)], keys);
    const words = SHORTCUTS.map((one) => one.does);
    assert.deepEqual([...new Set(words)], words);
  });

  it("do nothing that one may not", () => {
    assert.equal(shortcutFor("a", "commenter"), null);
    assert.equal(shortcutFor("c", "viewer"), null);
    assert.equal(shortcutFor("e", "approver"), null);
    assert.equal(shortcutFor("j", null), null);
    assert.notEqual(shortcutFor("a", "approver"), null);
    assert.notEqual(shortcutFor("e", "editor"), null);
    for (const role of ["owner", "editor", "approver", "commenter", "viewer"] as const) {
      assert.notEqual(shortcutFor("?", role), null);
    }
  });
});
