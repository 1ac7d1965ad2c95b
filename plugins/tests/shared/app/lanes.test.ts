import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { lanes, links } from "../../../shared/src/app/lanes.ts";

const version = (version_id: string, parent_id: string | null) => ({ version_id, parent_id });
const told = (versions: readonly { version_id: string; parent_id: string | null }[], head: string | null) =>
  lanes(versions, head).map((row) => `${row.version.version_id}:${row.lane}`);

describe("the lanes of the version tree", () => {
  it("shows a single line newest first, all in lane 0", () => {
    const line = [version("a", null), version("b", "a"), version("c", "b")];
    assert.deepEqual(told(line, "c"), ["c:0", "b:0", "a:0"]);
  });

  it("keeps in lane 0 what a redo would bring back", () => {
    const line = [version("a", null), version("b", "a"), version("c", "b")];
    assert.deepEqual(told(line, "a"), ["c:0", "b:0", "a:0"]);
  });

  it("puts another branch beside the head's own line, whichever is newer", () => {
    const tree = [version("a", null), version("b", "a"), version("c", "a")];
    assert.deepEqual(told(tree, "b"), ["c:1", "b:0", "a:0"]);
    assert.deepEqual(told(tree, "c"), ["c:0", "b:1", "a:0"]);
  });

  it("uses a lane again below the version at which its branch has ended", () => {
    const tree = [
      version("a", null),
      version("x", "a"),
      version("b", "a"),
      version("c", "b"),
      version("y", "c"),
      version("d", "c"),
    ];
    assert.deepEqual(told(tree, "d"), ["d:0", "y:1", "c:0", "b:0", "x:1", "a:0"]);
  });

  it("gives candidates of one edit a lane each while their lines run side by side", () => {
    const tree = [version("a", null), version("p", "a"), version("q", "a"), version("r", "a")];
    assert.deepEqual(told(tree, "p"), ["r:1", "q:2", "p:0", "a:0"]);
  });

  it("ends a line at a parent whose page is not here yet", () => {
    assert.deepEqual(told([version("m", "gone"), version("n", "m")], "n"), ["n:0", "m:0"]);
    assert.deepEqual(links(lanes([version("m", "gone")], "m"))[0], { up: false, down: true, past: [], joins: [] });
  });

  it("takes the newest version's line when there is no head", () => {
    assert.deepEqual(told([version("a", null), version("b", "a"), version("c", "a")], null), ["c:0", "b:1", "a:0"]);
    assert.deepEqual(told([], null), []);
  });

  it("never lets two lines run over each other, for any tree and head", () => {
    const trees = fc
      .array(fc.nat(), { minLength: 1, maxLength: 60 })
      .map((seeds) => seeds.map((seed, index) => version(`v${index}`, index === 0 ? null : `v${seed % index}`)));
    fc.assert(
      fc.property(trees, fc.nat(), (versions, at) => {
        const head = `v${at % versions.length}`;
        const rows = lanes(versions, head);
        assert.equal(rows.find((row) => row.version.version_id === head)?.lane, 0);
        links(rows).forEach((link, index) => {
          // What runs past a row is not the row's own lane, and no lane holds two lines.
          const used = [...link.past, rows[index]!.lane];
          assert.equal(new Set(used).size, used.length, `row ${index} of ${JSON.stringify(versions)}`);
        });
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});
