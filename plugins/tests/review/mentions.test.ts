/** “@Name”: who is meant, what is offered while one types, and what stays text. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { askedAt, completed, mentioned, offered, pieces } from "../../../bridge/review/page/src/mentions.ts";
import type { MemberInfo } from "../../shared/src/protocol/messages.ts";

const member = (person_id: string, name: string): MemberInfo => ({ person_id, name, role: "viewer" });
const BO = member("bo", "Bo");
const SMITH = member("smith", "Bo Smith");
const EVIL = member("evil", "<img src=x>");
const ALL = [BO, SMITH, EVIL];

describe("mentions", () => {
  it("are the longest name after an @, as whole words", () => {
    const found = pieces("@Bo Smith and @Bo, (@<img src=x>) not @Bob nor a@Bo @Nobody", ALL);
    assert.deepEqual(
      found.filter(({ person_id }) => person_id !== null),
      [
        { text: "@Bo Smith", person_id: "smith" },
        { text: "@Bo", person_id: "bo" },
        { text: "@<img src=x>", person_id: "evil" },
      ],
    );
  });

  it("leave every letter of the text where it was", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("@", "Bo", " ", "Smith", "<b>", "\n", "é", "@Bo Smith")), (parts) => {
        const text = parts.join("");
        assert.equal(
          pieces(text, ALL)
            .map((piece) => piece.text)
            .join(""),
          text,
        );
      }),
    );
  });

  it("mean who was chosen, where two have the same name", () => {
    const other = member("other", "Bo");
    assert.deepEqual(mentioned("@Bo?", [BO, other], []), ["bo"]);
    assert.deepEqual(mentioned("@Bo?", [BO, other], ["other"]), ["other"]);
    assert.deepEqual(mentioned("Bo?", [BO, other], ["other"]), []);
    assert.deepEqual(mentioned("@Eve", ALL, ["eve"]), []);
  });

  it("are asked for where the caret is", () => {
    assert.deepEqual(askedAt("hm @bo", 6), { at: 3, words: "bo" });
    assert.deepEqual(askedAt("hm @bo", 4), { at: 3, words: "" });
    assert.equal(askedAt("bo@studio", 9), null);
    assert.equal(askedAt("no", 2), null);
    assert.equal(askedAt("@bo\nnext", 8), null);
    assert.deepEqual(
      offered("sm", ALL).map(({ person_id }) => person_id),
      ["smith"],
    );
    assert.deepEqual(
      offered("bo", ALL).map(({ person_id }) => person_id),
      ["bo", "smith"],
    );
  });

  it("take the place of what was typed", () => {
    assert.deepEqual(completed("hm @bo rest", 6, { at: 3, words: "bo" }, "Bo Smith"), {
      text: "hm @Bo Smith rest",
      caret: 13,
    });
  });
});
