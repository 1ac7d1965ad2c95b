/** Which open models a document can be drawn by, as the page offers them. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { choicesOf, OpenModels } from "../../../bridge/review/page/src/models.ts";
import type { Review } from "../../../bridge/review/page/src/review.ts";
import { INITIAL, type PageState } from "../../../bridge/review/page/src/state.ts";
import { Store } from "../../shared/src/app/store.ts";
import type { Event } from "../../shared/src/protocol/messages.ts";

const known = (...present: readonly string[]) =>
  [
    ["editmgt", "EditMGT"],
    ["meissonic", "Meissonic"],
  ].map(([name = "", title = ""]) => ({ name, title, abilities: ["text"], present: present.includes(name) }));
const DOCUMENT = { document_id: "d", key: "d", title: "T", role: "editor", last_seq: 1, model: "auto" } as const;

function page(): { review: Review; store: Store<PageState>; said: string[]; asked: unknown[]; read: string[][] } {
  const store = new Store<PageState>({ ...INITIAL, document: DOCUMENT, models: known("meissonic") });
  const said: string[] = [];
  const asked: unknown[] = [];
  const read: string[][] = [];
  const link = {
    request: (type: string, fields: { model?: string }) => {
      asked.push([type, fields]);
      return Promise.resolve(type === "models.list" ? { models: known() } : { model: fields.model });
    },
  };
  const review = {
    document_id: "d",
    store,
    say: (words: string) => said.push(words),
    refresh: (parts: string[]) => read.push(parts),
    doing: async (work: (to: typeof link) => Promise<void>) => {
      await work(link);
      return true;
    },
  } as unknown as Review;
  return { review, store, said, asked, read };
}

describe("the models that a document can be drawn by", () => {
  it("are the best one, those that are here, and none but the built-in ones", () => {
    assert.deepEqual(
      choicesOf(known("meissonic"), "auto").map((choice) => choice.title),
      ["Best model here", "Meissonic", "Built-in models only"],
    );
  });

  it("are nothing to choose from where none is here and none was chosen", () => {
    assert.deepEqual(choicesOf(known(), "auto"), []);
    assert.deepEqual(choicesOf([], "auto"), []);
  });

  it("hold the one that was chosen, and say so where it is not here or not known", () => {
    assert.deepEqual(choicesOf(known("meissonic"), "editmgt")[2], {
      name: "editmgt",
      title: "EditMGT (not on this machine)",
    });
    assert.deepEqual(
      choicesOf(known(), "flux").map((choice) => choice.title),
      ["Best model here", "flux (not on this machine)", "Built-in models only"],
    );
    assert.deepEqual(
      choicesOf(known(), "built-in").map((choice) => choice.name),
      ["auto", "built-in"],
    );
  });

  it("are chosen for the document, and what the bridge says is shown", async () => {
    const { review, store, asked } = page();
    await new OpenModels(review).pin("meissonic");
    assert.deepEqual(asked, [["document.model", { document_id: "d", model: "meissonic" }]]);
    assert.equal(store.get().document?.model, "meissonic");
  });

  it("are told when somebody chose another, and looked up anew", () => {
    const { review, store, said, read } = page();
    new OpenModels(review).happened({ kind: "document.model", detail: "meissonic", by: "Bo" } as Event);
    assert.equal(store.get().document?.model, "meissonic");
    assert.deepEqual(said, ["Bo chose who draws here: Meissonic."]);
    assert.deepEqual(read, [["models"]]);
  });
});
