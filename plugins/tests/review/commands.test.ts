/** What is selected on the page, by hand and by keys; what the bridge suggests; others' edits as they come and go. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Commands, type CommandsNeeds, suggestedIn } from "../../../bridge/review/page/src/commands.ts";
import { boxBetween, isDrawn, maskOf, nothing, strokeOf } from "../../../bridge/review/page/src/selection.ts";
import { byKey } from "../../../bridge/review/page/src/keys.ts";
import { INITIAL } from "../../../bridge/review/page/src/state.ts";
import { Store } from "../../shared/src/app/store.ts";
import { NodePlatform } from "../support/platform.ts";
import type { EditWatched } from "../../shared/src/protocol/messages.ts";
import { rect } from "../../shared/src/pixels/rect.ts";

function page(): CommandsNeeds {
  return {
    store: new Store(INITIAL),
    platform: new NodePlatform(),
    comparer: { setMode: () => undefined },
    arrived: () => undefined,
  };
}

const SIZE = { width: 200, height: 100 };

describe("what is selected", () => {
  it("is all of the layer, nothing yet, or a mask", () => {
    assert.equal(maskOf(nothing(SIZE)), "whole");
    for (const kind of ["box", "lasso", "brush"] as const) {
      assert.equal(isDrawn(nothing(SIZE, kind)), false);
      assert.equal(maskOf(nothing(SIZE, kind)), "empty");
    }
    const box = maskOf({ ...nothing(SIZE, "box"), box: [10, 20, 30, 40], featherPx: 0 });
    assert.ok(typeof box === "object");
    assert.deepEqual(box.rect_px, rect(10, 20, 30, 40));
    const brush = nothing(SIZE, "brush");
    const painted = maskOf({ ...brush, strokes: [strokeOf(brush.brush, [{ x: 50, y: 50 }])] });
    assert.ok(typeof painted === "object" && painted.data.includes(255));
    const erased = { ...brush.brush, erase: true, sizePx: 60, featherPx: 0 };
    const none = [strokeOf(brush.brush, [{ x: 50, y: 50 }]), strokeOf(erased, [{ x: 50, y: 50 }])];
    assert.equal(maskOf({ ...brush, strokes: none }), "empty");
  });

  it("is said to be too large before it fills the memory", () => {
    const huge = { width: 30_000, height: 30_000 };
    assert.equal(maskOf({ ...nothing(huge, "box"), box: [0, 0, 30_000, 30_000] }), "too_large");
  });

  it("is a box of whole pixels within the layer, from any corner", () => {
    assert.deepEqual(boxBetween({ x: 30.4, y: 90 }, { x: -5, y: 120 }, SIZE), [0, 90, 30, 100]);
    assert.equal(boxBetween({ x: 30, y: 20 }, { x: 30.2, y: 60 }, SIZE), null);
  });

  it("is drawn by keys: a box moved and resized, a brush that paints, is undone by nobody else's keys", () => {
    const press = (key: string, shiftKey = false) => ({ key, shiftKey });
    const first = byKey(press("ArrowLeft"), nothing(SIZE, "box"), null);
    assert.deepEqual(first?.fields.box, [80, 40, 120, 60]);
    const drawn = { ...nothing(SIZE, "box"), ...first.fields };
    assert.deepEqual(byKey(press("ArrowLeft"), drawn, null)?.fields.box, [76, 40, 116, 60]);
    assert.deepEqual(byKey(press("ArrowDown", true), drawn, null)?.fields.box, [80, 40, 120, 62]);
    const brush = nothing(SIZE, "brush");
    assert.deepEqual(byKey(press(" "), brush, null)?.fields.strokes?.[0]?.points, [{ x: 100, y: 50 }]);
    assert.equal(byKey(press("ArrowRight"), brush, null)?.fields.strokes, undefined);
    assert.equal(byKey(press("ArrowRight", true), brush, null)?.fields.strokes?.length, 1);
    assert.equal(byKey(press("e"), brush, null)?.fields.brush?.erase, true);
    assert.equal(byKey(press("j"), brush, null), null);
    assert.equal(byKey(press("ArrowLeft"), nothing(SIZE), null), null);
  });
});

describe("what the bridge asks back", () => {
  it("suggests words that are one click away", () => {
    const problem = {
      code: "not_understood",
      message: "“make it nicer” is not understood.",
      hint: "Try “make it brighter”, “remove this” or “make it brighter”.",
    };
    assert.deepEqual(suggestedIn(problem, " make it nicer "), ["make it brighter", "remove this"]);
  });
});

describe("others' edits", () => {
  const watched = (fields: Partial<EditWatched>): EditWatched => ({
    type: "edit.watched",
    document_id: "d",
    layer_id: "l",
    edit_id: "e1",
    base_version_id: "v",
    person_id: "p",
    by: "Ana",
    text: "make this warmer",
    says: [],
    rect_px: null,
    state: "running",
    position: 0,
    candidate: 0,
    fraction: 0,
    stage: "",
    version_ids: [],
    ...fields,
  });

  it("are told from their beginning to their end, each once", () => {
    const commands = new Commands(page());
    commands.receive(watched({ state: "preparing" }));
    commands.receive(watched({ fraction: 0.4 }));
    commands.receive(watched({ edit_id: "e2", by: "Bo", state: "waiting", position: 1 }));
    const shown = (): unknown =>
      commands.store.get().others.map(({ by, fraction, position }) => [by, fraction, position]);
    assert.deepEqual(shown(), [
      ["Ana", 0.4, 0],
      ["Bo", 0, 1],
    ]);
    for (const state of ["done", "failed", "cancelled", "beside"] as const) {
      commands.receive(watched({ state }));
      assert.deepEqual(shown(), [["Bo", 0, 1]]);
      commands.receive(watched({ edit_id: "e3", by: "Cy" }));
      commands.receive(watched({ edit_id: "e3", state }));
    }
    commands.lost();
    assert.deepEqual(shown(), []);
  });

  it("keep their first look while they go on", () => {
    const commands = new Commands(page());
    commands.receive(watched({}));
    commands.receive({
      type: "edit.watched.preview",
      document_id: "d",
      layer_id: "l",
      edit_id: "e1",
      candidate: 0,
      rect_px: [0, 0, 4, 4],
      scale: 4,
      width: 1,
      height: 1,
      channels: 3,
      encoding: "raw",
      data: new Uint8Array([1, 2, 3]),
    });
    commands.receive(watched({ fraction: 0.9 }));
    assert.equal(commands.store.get().others[0]?.look?.scale, 4);
  });
});
