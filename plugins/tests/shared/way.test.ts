import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { VersionInfo } from "../../shared/src/protocol/messages.ts";
import { lineage, rootOf, wayTo } from "../../shared/src/app/way.ts";

function version(version_id: string, parent_id: string | null): VersionInfo {
  return {
    version_id,
    parent_id,
    kind: parent_id === null ? "source" : "edit",
    state: "landed",
    rect_px: [0, 0, 1, 1],
    text: version_id,
    says: [],
    model: "",
    weights_hash: "",
    device: "",
    seed: null,
    author: "",
    created_at: "",
    engine_s: 0,
    notes: [],
    canvas: null,
    layers: [],
  };
}

const TREE = [
  version("source", null),
  version("a", "source"),
  version("b", "a"),
  version("c", "b"),
  version("x", "a"),
  version("other", null),
];
const shown = (...ids: string[]) =>
  ids.map((version_id, index) => ({ version_id, parent_id: ids[index - 1] ?? "source" }));

describe("the way to a version", () => {
  it("takes away what is above it", () => {
    assert.deepEqual(wayTo(TREE, shown("a", "b", "c"), "a"), { remove: ["b", "c"], put: [], from: "a" });
    assert.deepEqual(wayTo(TREE, shown("a", "b"), "source"), { remove: ["a", "b"], put: [], from: null });
  });

  it("puts what is missing on top, lowest first", () => {
    assert.deepEqual(wayTo(TREE, shown("a"), "c"), { remove: [], put: ["b", "c"], from: "a" });
    assert.deepEqual(wayTo(TREE, [], "b"), { remove: [], put: ["a", "b"], from: null });
  });

  it("goes over to a branch by what both have in common", () => {
    assert.deepEqual(wayTo(TREE, shown("a", "b", "c"), "x"), { remove: ["b", "c"], put: ["x"], from: "a" });
  });

  it("is none to another tree or an unknown version", () => {
    assert.equal(wayTo(TREE, shown("a"), "other"), null);
    assert.equal(wayTo(TREE, shown("a"), "nowhere"), null);
  });

  it("ends at the version, from whatever is shown of the tree", () => {
    const trees = fc
      .array(fc.nat(), { minLength: 1, maxLength: 30 })
      .map((parents) => [
        version("0", null),
        ...parents.map((parent, index) => version(`${index + 1}`, `${parent % (index + 1)}`)),
      ]);
    fc.assert(
      fc.property(trees, fc.nat(), fc.nat(), (tree, first, second) => {
        const line = (index: number) =>
          lineage(tree, `${index % tree.length}`)
            .reverse()
            .map(({ version_id }) => version_id);
        const [before, goal] = [line(first).slice(1), line(second)];
        const stack = before.map((version_id, index) => ({ version_id, parent_id: before[index - 1] ?? "0" }));
        const way = wayTo(tree, stack, goal.at(-1)!)!;
        const after = [...before.filter((id) => !way.remove.includes(id)), ...way.put];
        assert.deepEqual(after, goal.slice(1));
      }),
    );
  });
});

describe("a lineage", () => {
  it("goes up to the source", () => {
    assert.deepEqual(
      lineage(TREE, "c").map(({ version_id }) => version_id),
      ["c", "b", "a", "source"],
    );
    assert.equal(rootOf(TREE, "x"), "source");
    assert.equal(rootOf(TREE, null), null);
  });
});
