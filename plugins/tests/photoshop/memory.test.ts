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
