import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { landed, type Numbered, readNewest, readOlder, readSince } from "../../../bridge/review/page/src/versions.ts";
import { numberOf, when } from "../../../bridge/review/page/src/words.ts";
import type { Link } from "../../shared/src/bridge/link.ts";

describe("words", () => {
  it("count versions from the first edit", () => {
    const versions = [
      { version_id: "s", kind: "source", number: 0 },
      { version_id: "x", kind: "edit", number: 1 },
      { version_id: "y", kind: "edit", number: 2 },
    ] as unknown as Numbered[];
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

/** A bridge with a source and so many edits, each on the last, in pages of three. */
class Pages {
  readonly versions = [{ version_id: "v0", kind: "source", parent_id: null as string | null, state: "landed" }];

  constructor(edits: number) {
    for (let number = 1; number <= edits; number++) this.add();
  }

  add(): void {
    const number = this.versions.length;
    this.versions.push({ version_id: `v${number}`, kind: "edit", parent_id: `v${number - 1}`, state: "landed" });
  }

  readonly link = {
    request: (_type: string, { skip }: { readonly skip: number }) => {
      const total = this.versions.length;
      const first = Math.max(0, total - skip - 3);
      const versions = this.versions.slice(first, Math.max(0, total - skip));
      const layer = { layer_id: "l", head_version_id: this.versions.at(-1)?.version_id };
      return Promise.resolve({ layer, total, versions, edits_before: Math.max(0, first - 1) });
    },
  } as unknown as Link;
}

describe("versions that are read newest first", () => {
  const names = (versions: readonly Numbered[]): string =>
    versions.map(({ version_id, number }) => `${version_id}=${number}`).join(" ");

  it("have their numbers before the first is here, and are all here in the end", async () => {
    const pages = new Pages(6);
    let known = await readNewest(pages.link, "l");
    assert.deepEqual([names(known.versions), known.total], ["v4=4 v5=5 v6=6", 7]);
    known = await readOlder(pages.link, known);
    assert.equal(names(known.versions), "v1=1 v2=2 v3=3 v4=4 v5=5 v6=6");
    known = await readOlder(pages.link, known);
    assert.equal(names(known.versions), "v0=0 v1=1 v2=2 v3=3 v4=4 v5=5 v6=6");
    assert.equal(await readOlder(pages.link, known), known);
  });

  it("are joined by those that came, and read anew where too many came at once", async () => {
    const pages = new Pages(4);
    const known = await readNewest(pages.link, "l");
    pages.add();
    const since = await readSince(pages.link, known);
    assert.deepEqual([since === null ? "" : names(since.versions), since?.total], ["v2=2 v3=3 v4=4 v5=5", 6]);
    for (let more = 0; more < 4; more++) pages.add();
    assert.equal(await readSince(pages.link, known), null);
  });

  it("have landed when the head came from them, also what was a variation at first", () => {
    const versions = [
      { version_id: "a", parent_id: null, state: "landed" },
      { version_id: "b", parent_id: "a", state: "candidate" },
      { version_id: "c", parent_id: "a", state: "candidate" },
    ] as unknown as Numbered[];
    assert.deepEqual(
      landed(versions, "c").map(({ state }) => state),
      ["landed", "candidate", "landed"],
    );
    assert.equal(landed(versions, "a"), versions);
  });
});
