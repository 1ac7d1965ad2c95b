import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rect } from "../../shared/src/pixels/rect.ts";
import { FakePhotoshop } from "../hosts/photoshop/photoshop.ts";
import type { DocumentSpec } from "../hosts/photoshop/spec.ts";
import { FakeUxp } from "../hosts/photoshop/uxp.ts";
import { H, patch, patchPixels, photo, putting, type Set, setUp, targetOf, W } from "./helpers.ts";

const BOX = rect(4, 4, 12, 12);

function spec(path: string | null, title = "a.psd"): DocumentSpec {
  return { path, title, width: W, height: H, layers: [{ name: "Photo", pixels: photo(8, 3, undefined, () => 1) }] };
}

async function place({ host }: Set, version_id = "v1"): Promise<void> {
  const target = await targetOf(host);
  await host.place(target, putting(patch(patchPixels(target.format, BOX), null, { version_id })));
}

describe("keys", () => {
  it("a file's document has the same key in every session, a layer its id", async () => {
    const uxp = new FakeUxp();
    const first = setUp(uxp);
    first.ps.openDocument(spec("/pictures/a.psd"));
    const one = await targetOf(first.host);
    const second = setUp(uxp);
    second.ps.openDocument(spec("/pictures/b.psd"));
    const other = await targetOf(second.host);
    second.ps.openDocument(spec("/pictures/a.psd"));
    const again = await targetOf(second.host);
    assert.deepEqual([again.documentKey, again.layerKey], [one.documentKey, one.layerKey]);
    assert.notEqual(other.documentKey, one.documentKey);
  });

  it("an unsaved document keeps its key when it is saved, and when it is saved under another name", async () => {
    const set = setUp();
    const document = set.ps.openDocument(spec(null, "Untitled-1"));
    const { documentKey } = await targetOf(set.host);
    await place(set);
    document.save("/pictures/new.psd");
    assert.equal((await targetOf(set.host)).documentKey, documentKey);
    assert.equal((await targetOf(set.host)).shown.length, 1);
    document.save("/pictures/newer.psd");
    assert.equal((await targetOf(set.host)).documentKey, documentKey);
    assert.equal((await targetOf(set.host)).shown.length, 1);
  });

  it("two files that are open at once never have one key", async () => {
    const set = setUp();
    const document = set.ps.openDocument(spec("/pictures/a.psd"));
    const { documentKey } = await targetOf(set.host);
    document.save("/pictures/copy.psd");
    await targetOf(set.host);
    set.ps.openDocument(spec("/pictures/a.psd"));
    assert.notEqual((await targetOf(set.host)).documentKey, documentKey);
  });

  it("an unsaved document of an earlier session is not taken for one with the same id", async () => {
    const uxp = new FakeUxp();
    const first = setUp(uxp);
    first.ps.openDocument(spec(null, "Untitled-1"));
    await place(first);
    const { documentKey } = await targetOf(first.host);
    const second = setUp(uxp);
    second.ps.openDocument(spec(null, "Untitled-1"));
    const target = await targetOf(second.host);
    assert.notEqual(target.documentKey, documentKey);
    assert.deepEqual(target.shown, []);
  });

  it("a plugin that is loaded again knows the document that is open, saved or not", async () => {
    for (const path of [null, "/pictures/a.psd"]) {
      const ps = new FakePhotoshop();
      const uxp = new FakeUxp();
      const first = setUp(uxp, ps);
      ps.openDocument(spec(path));
      await place(first);
      const before = await targetOf(first.host);
      const after = await targetOf(setUp(uxp, ps).host);
      assert.deepEqual(after, before);
    }
  });
});

describe("what is shown", () => {
  it("follows Photoshop's own undo and redo, and a deleted patch", async () => {
    const set = setUp();
    const document = set.ps.openDocument(spec("/pictures/a.psd"));
    await place(set, "v1");
    await place(set, "v2");
    const shown = async () => (await targetOf(set.host)).shown.map(({ version_id }) => version_id);
    assert.deepEqual(await shown(), ["v1", "v2"]);
    document.undo();
    assert.deepEqual(await shown(), ["v1"]);
    document.undo();
    assert.deepEqual(await shown(), []);
    document.redo();
    document.redo();
    assert.deepEqual(await shown(), ["v1", "v2"]);
    document.remove(document.named("remove this").id);
    assert.deepEqual(await shown(), ["v1"]);
  });

  it("is told again when something changes, once for many events, and not after it was stopped", async () => {
    const set = setUp();
    const document = set.ps.openDocument(spec("/pictures/a.psd"));
    let told = 0;
    const stop = set.host.watch(() => told++);
    for (let stroke = 0; stroke < 5; stroke++) document.select({ left: 0, top: 0, right: 3 + stroke, bottom: 3 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(told, 1);
    await place(set);
    assert.equal(told, 2, "Photoshop is silent about what a plugin does");
    stop();
    document.select(null);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(told, 2);
  });
});

describe("the person's own layers", () => {
  /** Photograph with a patch (3) and a group (4), closed without saving, opened again in a session of Photoshop. */
  async function reopened(sameSession: boolean, kind: "pixel" | "background") {
    const first = setUp();
    const photograph = { name: "Photo", kind, pixels: photo(8, 3, undefined, kind === "pixel" ? () => 1 : undefined) };
    const a = { path: "/pictures/a.jpg", title: "a.jpg", width: W, height: H, layers: [photograph] };
    const before = first.ps.openDocument(a);
    await place(first);
    assert.deepEqual([before.has(3), before.has(4)], [true, true], "the stand-in numbers layers as this test wants");
    before.close();
    const second = sameSession ? first : setUp(first.uxp);
    return { set: second, document: second.ps.openDocument(a) };
  }

  type Opened = Awaited<ReturnType<typeof reopened>>;

  /** The person's own layer (3) and, around some layers, a group (4). */
  async function draw({ set, document }: Opened, layer: string, group: string, around: "it" | "both"): Promise<void> {
    const run = async () => {
      const [source] = Array.from(document.handle.layers);
      const own = await document.handle.createPixelLayer({ name: layer });
      const fromLayers = around === "both" ? [own, source] : [own];
      await document.handle.createLayerGroup({ name: group, fromLayers });
    };
    await set.ps.api.core.executeAsModal(run, { commandName: "draw" });
    document.activate(2);
  }

  for (const sameSession of [true, false]) {
    for (const seenFirst of [true, false]) {
      const when = `${sameSession ? "the same" : "another"} session, seen ${seenFirst ? "before" : "after"} they came`;
      it(`are never deleted for having the ids of patches that were not saved: ${when}`, async () => {
        for (const [layer, group, around] of [
          ["Sketch", "Group 1", "it"],
          ["Sketch", "Photo", "it"],
          ["remove this", "Group 1", "both"],
        ] as const) {
          // A namesake of the patch cannot be told from it once it is there.
          if (layer === "remove this" && !seenFirst) continue;
          const opened = await reopened(sameSession, around === "both" ? "pixel" : "background");
          const { set, document } = opened;
          if (seenFirst) await targetOf(set.host);
          await draw(opened, layer, group, around);
          const panel = document.panel();
          const target = await targetOf(set.host);
          assert.equal(target.layerKey, "2");
          assert.deepEqual(target.shown, []);
          await set.host.place(target, putting(null, { remove: ["v1"] }));
          assert.deepEqual(document.panel(), panel);
          await place(set, "v1");
          assert.equal((await targetOf(set.host)).shown.length, 1);
          await set.host.place(await targetOf(set.host), putting(null, { remove: ["v1"] }));
          assert.deepEqual(document.panel(), panel);
        }
      });
    }
  }

  it("include a patch and a group that they gave another name", async () => {
    const set = setUp();
    const document = set.ps.openDocument(spec("/pictures/a.psd"));
    await place(set, "v1");
    document.change("Rename", 4, (group) => ({ ...group, name: "Mine" }));
    await place(set, "v2");
    assert.deepEqual(
      document.panel(),
      ["Mine", "  remove this ◧", "  remove this ◧", "  Photo"],
      "one group is enough",
    );
    document.change("Rename", 3, (layer) => ({ ...layer, name: "Better" }));
    const target = await targetOf(set.host);
    assert.deepEqual(target.shown, [{ version_id: "v2", parent_id: null }]);
    await set.host.place(target, putting(null, { remove: ["v1", "v2"] }));
    assert.deepEqual(document.panel(), ["Mine", "  Better ◧", "  Photo"]);
    document.remove(3);
    await set.host.place(await targetOf(set.host), putting(null, { remove: ["v1", "v2"] }));
    assert.deepEqual(document.panel(), ["Mine", "  Photo"]);
  });

  it("are what is selected, also where they have a patch's id", async () => {
    const set = setUp();
    const document = set.ps.openDocument(spec("/pictures/a.psd"));
    await place(set);
    document.activate(3);
    assert.equal((await targetOf(set.host)).layerKey, "2");
    document.change("Rename", 3, (layer) => ({ ...layer, name: "Better" }));
    assert.equal((await targetOf(set.host)).layerKey, "3");
  });
});

describe("storage", () => {
  it("keeps secrets apart from settings", async () => {
    const { host, uxp } = setUp();
    await host.save("token", "s3cret");
    await host.save("settings", "{}");
    assert.deepEqual([...uxp.texts.keys()], ["settings"]);
    assert.deepEqual([await host.load("token"), await host.load("settings")], ["s3cret", "{}"]);
    await host.save("token", null);
    await host.save("settings", null);
    assert.deepEqual([await host.load("token"), await host.load("settings")], [null, null]);
  });
});
