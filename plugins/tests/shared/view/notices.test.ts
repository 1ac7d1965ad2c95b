import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { announcement } from "../../../shared/src/view/notices.tsx";
import { verdictOf } from "../../../shared/src/view/row.tsx";
import { empty, running } from "../../gallery/states.ts";
import type { ApprovalInfo } from "../../../shared/src/protocol/messages.ts";

describe("what a screen reader is told", () => {
  it("hears how far an edit is in steps of ten per cent, not of one", () => {
    const at = (fraction: number) => announcement({ ...empty(), edit: running({ fraction, stage: "painting" }) });
    assert.equal(at(0.42), "painting, 40 per cent.");
    assert.equal(at(0.49), at(0.42));
    assert.notEqual(at(0.51), at(0.49));
  });

  it("hears the place in line, the cancelling, and what went well", () => {
    assert.equal(announcement({ ...empty(), edit: running({ position: 2 }) }), "Waiting: 2 before this edit.");
    assert.equal(announcement({ ...empty(), edit: running({ cancelling: true }) }), "Cancelling.");
    assert.equal(announcement({ ...empty(), said: "Undone." }), "Undone.");
    assert.equal(announcement(empty()), "");
  });
});

describe("the verdict on a version", () => {
  const approval = (person_id: string, verdict: ApprovalInfo["verdict"]): ApprovalInfo => ({
    approval_id: "",
    document_id: "",
    layer_id: "",
    version_id: "v",
    person_id,
    author: person_id,
    verdict,
    text: "",
    created_at: "",
  });

  it("is that of those who ask for changes, before that of those who approve", () => {
    assert.equal(verdictOf([]), null);
    assert.equal(
      verdictOf([approval("Mia", "approved"), approval("Jonas", "approved")])?.long,
      "Approved by Mia, Jonas",
    );
    assert.equal(
      verdictOf([approval("Mia", "approved"), approval("Jonas", "changes_requested")])?.long,
      "Changes asked for by Jonas",
    );
  });

  it("is each person's last", () => {
    assert.equal(verdictOf([approval("Mia", "approved"), approval("Mia", "withdrawn")]), null);
    assert.equal(verdictOf([approval("Mia", "changes_requested"), approval("Mia", "approved")])?.approved, true);
  });
});
