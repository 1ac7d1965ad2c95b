import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  countOf,
  type Filter,
  heard,
  joined,
  known,
  pinsOf,
  SILENCE,
  type Talk,
  type Thread,
  withThread,
} from "../../../bridge/review/page/src/threads.ts";
import type { CommentInfo, Event, PlaceInfo } from "../../shared/src/protocol/messages.ts";

const NEWS = { counts: true, list: true };
const OPEN_ON_V1: Filter = { which: "open", version_id: "v1" };

function comment(comment_id: string, fields: Partial<CommentInfo> = {}): CommentInfo {
  return {
    comment_id,
    document_id: "d",
    layer_id: "l",
    version_id: "v1",
    reply_to: null,
    rect_px: null,
    text: `says ${comment_id}`,
    author: "Ada",
    person_id: "ada",
    created_at: "2026-11-28T10:00:00+00:00",
    changed_at: null,
    resolved_by: null,
    resolved_at: null,
    mentions: [],
    ...fields,
  };
}

function event(seq: number, kind: string, about: CommentInfo): Event {
  return {
    type: "event",
    document_id: "d",
    seq,
    kind,
    at: about.created_at,
    by: about.author,
    layer_id: about.layer_id,
    edit_id: null,
    version_id: about.version_id,
    detail: "",
    comment_id: about.comment_id,
    comment: about,
  };
}

function thread(number: number, fields: Partial<Thread> = {}): Thread {
  return { root: comment(`t${number}`), number, seq: number * 10, reply_count: 0, replies: [], ...fields };
}

function talk(fields: Partial<Talk> = {}): Talk {
  const counts = new Map([["v1", { version_id: "v1", open: 2, all: 3 }]]);
  return { ...SILENCE, threads: [thread(3), thread(1)], total: 2, counts, ...fields };
}

const ids = (of: Talk): string[] => of.threads.map(({ root }) => root.comment_id);

describe("a conversation that is read in pages", () => {
  it("puts a new thread first, numbers and counts it", () => {
    const { talk: now, missing } = heard(talk(), event(99, "comment.added", comment("new")), OPEN_ON_V1, "me", NEWS);
    assert.deepEqual(ids(now), ["new", "t3", "t1"]);
    assert.deepEqual([now.threads[0]?.number, now.total, countOf(now, "open", "v1"), missing], [4, 3, 3, null]);
  });

  it("tells nothing twice: what a page has already changes no count", () => {
    const added = event(30, "comment.added", comment("t3"));
    const { talk: now } = heard(talk(), added, OPEN_ON_V1, "me", { counts: false, list: false });
    assert.deepEqual([ids(now), now.total, countOf(now, "all", null)], [["t3", "t1"], 2, 3]);
  });

  it("counts a thread of another version, and leaves it out of the list", () => {
    const elsewhere = comment("new", { version_id: "v2" });
    const { talk: now } = heard(talk(), event(99, "comment.added", elsewhere), OPEN_ON_V1, "me", NEWS);
    assert.deepEqual([ids(now), now.total], [["t3", "t1"], 2]);
    assert.deepEqual([countOf(now, "open", "v2"), countOf(now, "open", null)], [1, 3]);
  });

  it("keeps a thread that was just resolved in sight, and does not count it as open", () => {
    const resolved = comment("t3", { resolved_by: "Ada", resolved_at: "2026-11-28T11:00:00+00:00" });
    const { talk: now } = heard(talk(), event(99, "comment.resolved", resolved), OPEN_ON_V1, "me", NEWS);
    assert.deepEqual([ids(now), now.total, countOf(now, "open", "v1")], [["t3", "t1"], 1, 1]);
    assert.equal(now.threads[0]?.root.resolved_by, "Ada");
  });

  it("asks for a thread that is open again and is not here", () => {
    const { talk: now, missing } = heard(talk(), event(99, "comment.reopened", comment("t2")), OPEN_ON_V1, "me", NEWS);
    assert.deepEqual([missing, now.total, countOf(now, "open", "v1")], ["t2", 3, 3]);
    assert.deepEqual(ids({ ...now, threads: withThread(now.threads, thread(2)) }), ["t3", "t2", "t1"]);
  });

  it("puts an answer to its thread, once, and shows changed words in their place", () => {
    const answer = comment("a", { reply_to: "t1" });
    const once = heard(talk(), event(99, "comment.added", answer), OPEN_ON_V1, "me", NEWS).talk;
    const twice = heard(once, event(99, "comment.added", answer), OPEN_ON_V1, "me", NEWS).talk;
    assert.deepEqual([twice.threads[1]?.reply_count, twice.threads[1]?.replies.length], [1, 1]);
    const other = { ...answer, text: "in other words" };
    const changed = heard(twice, event(100, "comment.changed", other), OPEN_ON_V1, "me", NEWS).talk;
    assert.equal(changed.threads[1]?.replies[0]?.text, "in other words");
  });

  it("lists as mine what I said, where I answered and where I am spoken to", () => {
    const mine: Filter = { which: "mine", version_id: null };
    const of = (about: CommentInfo) => heard(talk(), event(99, "comment.added", about), mine, "me", NEWS);
    assert.deepEqual(ids(of(comment("new", { person_id: "me" })).talk), ["new", "t3", "t1"]);
    assert.deepEqual(ids(of(comment("new", { mentions: ["me"] })).talk), ["new", "t3", "t1"]);
    assert.deepEqual(ids(of(comment("new")).talk), ["t3", "t1"]);
    assert.equal(of(comment("a", { reply_to: "t2", person_id: "me" })).missing, "t2");
  });

  it("joins pages without showing a thread twice", () => {
    const pages = joined([thread(3), thread(2)], [thread(2), thread(1)]);
    assert.deepEqual(
      pages.map(({ number }) => number),
      [3, 2, 1],
    );
    assert.equal(known(talk({ pointed: thread(3) })).length, 2);
    assert.equal(known(talk({ pointed: thread(2) })).length, 3);
  });

  it("pins open threads where they are on the version, and a resolved one only while it is chosen", () => {
    const place = (comment_id: string, where: PlaceInfo["where"] = "here"): PlaceInfo => ({
      comment_id,
      where,
      rect_px: where === "here" ? [0, 0, 9, 9] : null,
      same: true,
      changed_by: [],
    });
    const resolved = thread(1, { root: comment("t1", { resolved_at: "2026-11-28T11:00:00+00:00" }) });
    const pin = { comment_id: "t9", number: 9, author: "Bo", text: "far away", place: place("t9") };
    const shown = talk({ threads: [thread(3), thread(2), resolved], pins: [pin] });
    const places = new Map([place("t3"), place("t1"), place("t2", "gone")].map((one) => [one.comment_id, one]));
    const numbers = (chosen: string | null) => pinsOf(shown, places, chosen).map(({ number }) => number);
    assert.deepEqual(numbers(null), [9, 3]);
    assert.deepEqual(numbers("t1"), [9, 3, 1]);
  });
});
