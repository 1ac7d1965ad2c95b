/** The review page's pure parts: threads, which of them are shown, what versions are called. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chosen, threads } from "../../../bridge/review/page/src/threads.ts";
import { numberOf, when } from "../../../bridge/review/page/src/words.ts";
import type { CommentInfo, VersionInfo } from "../../shared/src/protocol/messages.ts";

function comment(comment_id: string, fields: Partial<CommentInfo> = {}): CommentInfo {
  return {
    comment_id,
    document_id: "document",
    layer_id: "layer",
    version_id: "one",
    reply_to: null,
    rect_px: null,
    text: "Hm.",
    author: "Ada",
    person_id: "ada",
    created_at: "2026-01-01T00:00:00+00:00",
    changed_at: null,
    resolved_by: null,
    resolved_at: null,
    mentions: [],
    ...fields,
  };
}

const said = [
  comment("a"),
  comment("b", { version_id: "two", resolved_at: "2026-01-02T00:00:00+00:00", resolved_by: "Bo" }),
  comment("c", { reply_to: "b", person_id: "bo" }),
  comment("d", { version_id: "two" }),
  comment("e", { mentions: ["cy"] }),
];

describe("threads", () => {
  it("are numbered oldest first, each with its answers", () => {
    const found = threads(said).map(({ root, replies, number }) => [
      number,
      root.comment_id,
      replies.map((reply) => reply.comment_id).join(),
    ]);
    assert.deepEqual(found, [
      [1, "a", ""],
      [2, "b", "c"],
      [3, "d", ""],
      [4, "e", ""],
    ]);
  });

  it("are filtered by version, by being open, and by whether one has a word in them", () => {
    const shown = (...args: [which: "open" | "mine" | "all", version: string | null, me: string]): string =>
      chosen(threads(said), ...args)
        .map(({ root }) => root.comment_id)
        .join("");
    assert.equal(shown("open", "two", "bo"), "d");
    assert.equal(shown("open", null, "bo"), "ade");
    assert.equal(shown("mine", null, "bo"), "b");
    assert.equal(shown("mine", "one", "bo"), "");
    assert.equal(shown("mine", null, "cy"), "e");
    assert.equal(shown("all", "two", "bo"), "bd");
  });
});

describe("words", () => {
  it("count versions from the first edit", () => {
    const versions = [
      { version_id: "s", kind: "source" },
      { version_id: "x", kind: "edit" },
      { version_id: "y", kind: "edit" },
    ] as unknown as VersionInfo[];
    assert.deepEqual(
      ["s", "x", "y", "z"].map((id) => numberOf(versions, id)),
      ["Original", "v1", "v2", "another version"],
    );
  });

  it("say how long ago something was", () => {
    const now = Date.parse("2026-01-01T12:00:00Z");
    assert.equal(when("2026-01-01T11:59:30+00:00", now), "just now");
    assert.equal(when("2026-01-01T11:55:00+00:00", now), "5 min ago");
    assert.equal(when("2026-01-01T09:00:00+00:00", now), "3 h ago");
    assert.match(when("2025-12-01T09:00:00+00:00", now), /2025/);
  });
});
