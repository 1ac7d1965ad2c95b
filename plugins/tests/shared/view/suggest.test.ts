import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { suggestions } from "../../../shared/src/view/suggest.ts";

describe("suggestions", () => {
  it("offers the last two that were typed and then what goes with the selection", () => {
    assert.deepEqual(suggestions("", ["a", "b", "c"], true, 4), ["a", "b", "remove this", "fill with brick wall"]);
    assert.deepEqual(suggestions("  ", [], false, 2), ["remove the background", "blur the background"]);
  });

  it("completes what begins so, then what has a word that does", () => {
    const found = suggestions("back", ["paint the back wall", "backlight this"], false, 3);
    assert.deepEqual(found, ["backlight this", "paint the back wall", "remove the background"]);
  });

  it("says nothing twice, and not what stands in the box already", () => {
    assert.deepEqual(suggestions("remove this", ["remove this"], true, 4), []);
    const all = suggestions("re", ["remove this", "Remove this", "remove this"], true, 9);
    assert.equal(all.filter((text) => text === "remove this").length, 1);
  });
});
