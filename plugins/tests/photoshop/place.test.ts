import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HostError } from "../../shared/src/host.ts";
import { rect } from "../../shared/src/pixels/rect.ts";
import type { Depth } from "../hosts/photoshop/model.ts";
import type { DocumentSpec, LayerSpec } from "../hosts/photoshop/spec.ts";
import { clean, ellipse, expected, H, patch, patchPixels, photo, putting, setUp, targetOf, W } from "./helpers.ts";

const BOX = rect(10, 8, 30, 24);

function spec(depth: Depth, colours: number, layer: Partial<LayerSpec>, rest: readonly LayerSpec[] = []): DocumentSpec {
  const background = layer.kind === "background";
  return {
    width: W,
    height: H,
    depth,
    mode: colours === 1 ? "grayscaleMode" : "RGBColorMode",
    layers: [
      ...rest,
      {
        name: "Photo",
        pixels: photo(depth, colours, undefined, background ? undefined : (x) => (x < 3 ? 0 : 1)),
        ...layer,
      },
    ],
  };
}

describe("placing a patch", () => {
  for (const depth of [8, 16, 32] as const) {
    for (const colours of [3, 1]) {
      for (const kind of ["background", "pixel", "smartObject"] as const) {
        it(`shows the patch inside the mask and nothing else changes: ${kind}, ${depth} bit, ${colours} colours`, async () => {
          const set = setUp();
          const document = set.ps.openDocument(spec(depth, colours, { kind }));
          const before = document.flattened();
          const target = await targetOf(set.host);
          const put = patch(patchPixels(target.format, BOX), ellipse(BOX));
          await set.host.place(target, putting(put));
          assert.deepEqual(document.flattened(), expected(document, before, put));
          assert.deepEqual(document.historyNames, ["Open", "Inlay: remove this"]);
          document.undo();
          assert.deepEqual(document.flattened(), before);
          clean(set);
        });
      }
    }
  }

  it("groups source and patch under the source's name", async () => {
    const set = setUp();
    const document = set.ps.openDocument(spec(8, 3, {}));
    const target = await targetOf(set.host);
    await set.host.place(target, putting(patch(patchPixels(target.format, BOX), ellipse(BOX))));
    assert.deepEqual(document.panel(), ["Photo", "  remove this ◧", "  Photo"]);
    const second = { version_id: "v2", parent_id: "v1", text: "make it red" };
    await set.host.place(await targetOf(set.host), putting(patch(patchPixels(target.format, BOX, 9), null, second)));
    assert.deepEqual(document.panel(), ["Photo", "  make it red ◧", "  remove this ◧", "  Photo"]);
    const { shown } = await targetOf(set.host);
    assert.deepEqual(shown, [
      { version_id: "v1", parent_id: null },
      { version_id: "v2", parent_id: "v1" },
    ]);
    clean(set);
  });

  it("leaves the Background where it is and groups the patches above it", async () => {
    const set = setUp();
    const document = set.ps.openDocument(spec(8, 3, { kind: "background", name: "Background" }));
    const target = await targetOf(set.host);
    for (const version_id of ["v1", "v2"]) {
      const put = patch(patchPixels(target.format, BOX), ellipse(BOX), { version_id, text: version_id });
      await set.host.place(await targetOf(set.host), putting(put));
    }
    assert.deepEqual(document.panel(), ["Background", "  v2 ◧", "  v1 ◧", "Background"]);
    clean(set);
  });

  it("takes patches away in the same step, and dissolves the group with the last one", async () => {
    const set = setUp();
    const document = set.ps.openDocument(spec(8, 3, { opacity: 60, blendMode: "multiply" }));
    const target = await targetOf(set.host);
    const first = patch(patchPixels(target.format, BOX), ellipse(BOX));
    await set.host.place(target, putting(first));
    assert.equal(document.named("remove this").opacity, 100);
    assert.equal(document.state.layers[0]?.opacity, 60, "the group has the source's opacity");
    const other = patch(patchPixels(target.format, BOX, 9), ellipse(BOX), { version_id: "v2", text: "another" });
    await set.host.place(await targetOf(set.host), putting(other, { remove: ["v1"] }));
    assert.deepEqual(document.panel(), ["Photo", "  another ◧", "  Photo"]);
    await set.host.place(await targetOf(set.host), putting(null, { remove: ["v2"], name: "Inlay: undo" }));
    assert.deepEqual(document.panel(), ["Photo"]);
    const { opacity, blendMode } = document.named("Photo");
    assert.deepEqual([opacity, blendMode], [60, "multiply"]);
    assert.equal(document.historyNames.length, 4);
    clean(set);
  });

  it("leaves nothing behind whichever of its steps fails", async () => {
    const rehearsal = setUp();
    const makes = () => spec(8, 3, { opacity: 50 });
    const run = async (set: typeof rehearsal) => {
      const target = await targetOf(set.host);
      const put = patch(patchPixels(target.format, BOX, 3, 0.5), ellipse(BOX));
      await set.host.place(target, putting(put));
    };
    rehearsal.ps.openDocument(makes());
    await targetOf(rehearsal.host);
    const first = rehearsal.ps.rules.calls.length;
    await run(rehearsal);
    const last = rehearsal.ps.rules.calls.length;
    assert.ok(last - first > 12, `only ${last - first} calls were made`);
    for (let call = first; call < last; call++) {
      const set = setUp();
      const document = set.ps.openDocument(makes());
      const { panel, before } = { panel: document.panel(), before: document.flattened() };
      set.ps.rules.failAt = call;
      const name = rehearsal.ps.rules.calls[call] ?? "";
      if (name === "executeAsModal") continue;
      // A part that cannot be read is asked for in a larger one; see read.ts.
      if (name === "getPixels") set.ps.rules.failIn = name;
      await assert.rejects(run(set), HostError, name);
      set.ps.rules.failIn = null;
      assert.deepEqual(document.panel(), panel, name);
      assert.deepEqual(document.flattened(), before, name);
      assert.deepEqual(document.historyNames, ["Open"], name);
      assert.deepEqual((await targetOf(set.host)).shown, [], name);
      clean(set);
    }
  });

  it("waits while Photoshop is busy, and says so", async () => {
    const set = setUp();
    const document = set.ps.openDocument(spec(8, 3, {}));
    const target = await targetOf(set.host);
    set.ps.rules.othersAreModal = true;
    const placed = set.host.place(target, putting(patch(patchPixels(target.format, BOX), null)));
    setTimeout(() => (set.ps.rules.othersAreModal = false), 40);
    await placed;
    assert.deepEqual(set.waits, [true, false]);
    assert.equal(document.historyNames.length, 2);
  });

  it("gives up when Photoshop stays busy", async () => {
    const set = setUp();
    set.ps.openDocument(spec(8, 3, {}));
    const target = await targetOf(set.host);
    set.ps.rules.othersAreModal = true;
    await assert.rejects(
      set.host.place(target, putting(patch(patchPixels(target.format, BOX), null))),
      (error) => error instanceof HostError && error.code === "modal",
    );
    assert.deepEqual(set.waits, [true, false]);
  });

  it("refuses what is gone: the layer, the document", async () => {
    const set = setUp();
    const document = set.ps.openDocument(spec(8, 3, {}, [{ name: "Other", pixels: photo(8, 3, undefined, () => 1) }]));
    document.activate(document.named("Photo").id);
    const target = await targetOf(set.host);
    const put = putting(patch(patchPixels(target.format, BOX), null));
    const isGone = (error: unknown) => error instanceof HostError && error.code === "gone";
    document.remove(document.named("Photo").id);
    await assert.rejects(set.host.place(target, put), isGone);
    assert.deepEqual(document.panel(), ["Other"]);
    document.undo();
    await set.host.place(target, put);
    document.close();
    await assert.rejects(set.host.place(target, put), isGone);
    await assert.rejects(set.host.pixels(target, BOX), isGone);
    clean(set);
  });
});

describe("transparency", () => {
  it("half-transparent pixels that keep their alpha are changed by a clipped layer, exactly", async () => {
    const set = setUp();
    const soft = photo(8, 3, undefined, (x) => (x < 20 ? 0.4 : 1));
    const document = set.ps.openDocument(spec(8, 3, { pixels: soft }));
    const before = document.flattened();
    const target = await targetOf(set.host);
    const pixels = patchPixels(target.format, BOX);
    const current = await set.host.pixels(target, BOX);
    for (let at = 3; at < pixels.data.length; at += 4) pixels.data[at] = current.data[at]!;
    const put = patch(pixels, ellipse(BOX));
    await set.host.place(target, putting(put));
    assert.deepEqual(document.panel(), ["Photo", "  ↳ remove this ◧", "  Photo"]);
    assert.deepEqual(document.flattened(), expected(document, before, put));
    assert.deepEqual((await set.host.pixels(await targetOf(set.host), BOX)).data, shownIn(document.flattened()));
    clean(set);
  });

  it("a result that takes opacity away becomes a whole layer, and the source is hidden until it goes", async () => {
    const set = setUp();
    const document = set.ps.openDocument(spec(16, 3, {}));
    const before = document.flattened();
    const target = await targetOf(set.host);
    const put = patch(patchPixels(target.format, BOX, 4, 0.25), ellipse(BOX));
    const { notes } = await set.host.place(target, putting(put));
    assert.deepEqual(document.panel(), ["Photo", "  remove this", "  Photo (hidden)"]);
    assert.deepEqual(document.flattened(), expected(document, before, put));
    assert.match(notes.join(), /whole layer/);
    const after = document.flattened();
    const over = patch(patchPixels(target.format, rect(2, 2, 9, 9), 7), null, { version_id: "v2", parent_id: "v1" });
    await set.host.place(await targetOf(set.host), putting(over));
    assert.deepEqual(document.flattened(), expected(document, after, over));
    const { shown } = await targetOf(set.host);
    assert.deepEqual(
      shown.map(({ version_id }) => version_id),
      ["v1", "v2"],
    );
    await set.host.place(await targetOf(set.host), putting(null, { remove: ["v1", "v2"] }));
    assert.deepEqual(document.panel(), ["Photo"]);
    assert.deepEqual(document.flattened(), before);
    clean(set);
  });

  it("a patch fills what was transparent", async () => {
    const set = setUp();
    const document = set.ps.openDocument(spec(8, 3, { pixels: photo(8, 3, undefined, (x) => (x < 20 ? 0 : 1)) }));
    const before = document.flattened();
    const target = await targetOf(set.host);
    const put = patch(patchPixels(target.format, BOX), ellipse(BOX));
    await set.host.place(target, putting(put));
    assert.deepEqual(document.panel(), ["Photo", "  remove this ◧", "  Photo"]);
    assert.deepEqual(document.flattened(), expected(document, before, put));
  });

  it("a patch does not show beyond the source's own layer mask", async () => {
    const set = setUp();
    const mask = { box: { left: 0, top: 0, right: 20, bottom: H }, data: new Uint8Array(20 * H).fill(255) };
    const document = set.ps.openDocument(spec(8, 3, { mask }));
    const before = document.flattened();
    const target = await targetOf(set.host);
    const put = patch(patchPixels(target.format, BOX), null);
    await set.host.place(target, putting(put));
    assert.deepEqual(document.panel(), ["Photo", "  ↳ remove this ◧", "  Photo ◧"]);
    const wanted = expected(document, before, put);
    const shown = document.flattened();
    for (let pixel = 0; pixel < W * H; pixel++) {
      const from = pixel % W < 20 ? wanted : before;
      assert.deepEqual(shown.slice(pixel * 4, pixel * 4 + 4), from.slice(pixel * 4, pixel * 4 + 4), `pixel ${pixel}`);
    }
    clean(set);
  });

  it("a locked source is not moved; its patches are grouped above it, or clipped to it where it has a mask", async () => {
    const mask = { box: { left: 0, top: 0, right: 20, bottom: H }, data: new Uint8Array(20 * H).fill(255) };
    for (const masked of [false, true]) {
      const set = setUp();
      const document = set.ps.openDocument(spec(8, 3, { locked: true, ...(masked ? { mask } : {}) }));
      for (const version_id of ["v1", "v2"]) {
        const target = await targetOf(set.host);
        const put = patch(patchPixels(target.format, BOX), null, { version_id, text: version_id });
        await set.host.place(target, putting(put));
      }
      const wanted = masked ? ["↳ v2 ◧", "↳ v1 ◧", "Photo ◧"] : ["Photo", "  v2 ◧", "  v1 ◧", "Photo"];
      assert.deepEqual(document.panel(), wanted);
      const { shown } = await targetOf(set.host);
      await set.host.place(
        await targetOf(set.host),
        putting(null, { remove: shown.map(({ version_id }) => version_id) }),
      );
      assert.deepEqual(document.panel(), [masked ? "Photo ◧" : "Photo"]);
      clean(set);
    }
  });

  it("a clipped source keeps what it is clipped to, and what is clipped to a source stays so", async () => {
    const top: LayerSpec = { name: "Top", clipped: true, pixels: photo(8, 3, undefined, () => 1) };
    const base: LayerSpec = { name: "Base", pixels: photo(8, 3, undefined, (x) => (x < 25 ? 1 : 0)) };
    for (const name of ["Top", "Base"]) {
      const set = setUp();
      const document = set.ps.openDocument({ width: W, height: H, layers: [top, base] });
      document.activate(document.named(name).id);
      const target = await targetOf(set.host);
      const current = await set.host.pixels(target, BOX);
      const pixels = patchPixels(target.format, BOX);
      for (let at = 3; at < pixels.data.length; at += 4) pixels.data[at] = current.data[at]!;
      await set.host.place(target, putting(patch(pixels, null, { text: "patch" })));
      const wanted = name === "Top" ? ["↳ patch ◧", "↳ Top", "Base"] : ["↳ Top", "↳ patch ◧", "Base"];
      assert.deepEqual(document.panel(), wanted);
      const alphas = document.flattened().filter((_, at) => at % 4 === 3);
      assert.deepEqual(
        alphas.map((alpha, pixel) => (alpha === (pixel % W < 25 ? 255 : 0) ? 1 : 0)),
        alphas.map(() => 1),
      );
      clean(set);
    }
  });

  function shownIn(flat: ArrayLike<number>): Uint8Array {
    const out = new Uint8Array((BOX.x1 - BOX.x0) * (BOX.y1 - BOX.y0) * 4);
    let at = 0;
    for (let y = BOX.y0; y < BOX.y1; y++) {
      for (let x = BOX.x0; x < BOX.x1; x++) {
        for (let channel = 0; channel < 4; channel++) out[at++] = flat[(y * W + x) * 4 + channel]!;
      }
    }
    return out;
  }
});
