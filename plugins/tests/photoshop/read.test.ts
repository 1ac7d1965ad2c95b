import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HostError } from "../../shared/src/host.ts";
import { rect, rectOf } from "../../shared/src/pixels/rect.ts";
import type { DocumentSpec, LayerSpec } from "../hosts/photoshop/spec.ts";
import { clean, ellipse, H, patch, patchPixels, photo, putting, setUp, targetOf, W } from "./helpers.ts";

const ALL = rectOf({ width: W, height: H });

function one(layer: Partial<LayerSpec>, more: Partial<DocumentSpec> = {}): DocumentSpec {
  return {
    width: W,
    height: H,
    layers: [{ name: "Photo", pixels: photo(8, 3, undefined, () => 1), ...layer }],
    ...more,
  };
}

async function reasonFor(spec: DocumentSpec | null): Promise<string> {
  const set = setUp();
  if (spec !== null) set.ps.openDocument(spec);
  const selected = await set.host.selected();
  assert.ok("none" in selected);
  assert.ok(selected.none.hint.length > 10);
  return selected.none.reason;
}

describe("the target", () => {
  it("is told apart from what cannot be edited, with what to do", async () => {
    assert.match(await reasonFor(null), /No document/);
    assert.match(await reasonFor(one({ kind: "group", layers: [] })), /group/);
    assert.match(await reasonFor(one({ kind: "curves" })), /adjustment layer/);
    assert.match(await reasonFor(one({ kind: "solidColor" })), /no pixels of its own/);
    assert.match(await reasonFor(one({}, { mode: "CMYKColorMode" })), /CMYK/);
    assert.match(await reasonFor(one({}, { mode: "labColorMode" })), /Lab/);
    assert.match(await reasonFor(one({}, { mode: "indexedColorMode" })), /indexed/);
    const set = setUp();
    set.ps.openDocument(one({})).activate();
    const selected = await set.host.selected();
    assert.ok("none" in selected && selected.none.reason === "No layer is selected.");
  });

  it("is the document's canvas with the layer's own format", async () => {
    const cases = [
      [one({}), { depth: "u8", channels: 4, alpha: "straight" }],
      [one({ kind: "background", pixels: photo(16, 3) }, { depth: 16 }), { depth: "u16", channels: 3, alpha: "none" }],
      [one({ kind: "smartObject" }, { depth: 32 }), { depth: "f32", channels: 4, alpha: "straight" }],
      [one({}, { mode: "grayscaleMode" }), { depth: "u8", channels: 2, alpha: "straight" }],
      [one({ kind: "background" }, { mode: "grayscaleMode" }), { depth: "u8", channels: 1, alpha: "none" }],
    ] as const;
    for (const [spec, format] of cases) {
      const set = setUp();
      set.ps.openDocument(spec);
      const target = await targetOf(set.host);
      assert.deepEqual(target.format, format);
      assert.deepEqual(target.size, { width: W, height: H });
    }
  });

  it("is the lowest of several selected layers; the others go along as pictures", async () => {
    const set = setUp();
    const logo = { left: 3, top: 4, right: 7, bottom: 9 };
    const document = set.ps.openDocument({
      width: W,
      height: H,
      layers: [
        { name: "Logo", box: logo, pixels: photo(8, 3, { width: 4, height: 5 }, (x) => (x === 0 ? 0 : 1)) },
        { name: "Photo", pixels: photo(8, 3, undefined, () => 1) },
      ],
    });
    document.activate(document.named("Logo").id, document.named("Photo").id);
    const target = await targetOf(set.host);
    assert.equal(target.layerName, "Photo");
    const [reference, ...rest] = await set.host.references(target);
    assert.deepEqual(rest, []);
    assert.deepEqual([reference?.name, reference?.size], ["Logo", { width: 3, height: 5 }]);
    clean(set);
  });

  it("takes pictures from files, which Photoshop opens and closes again", async () => {
    const set = setUp();
    set.ps.openDocument(one({}));
    const target = await targetOf(set.host);
    const size = { width: 6, height: 5 };
    const file = { ...size, layers: [{ name: "Background", kind: "background", pixels: photo(8, 3, size) }] } as const;
    set.ps.files.set("tree.png", file);
    set.uxp.files = [{ name: "tree.png" }];
    const [tree] = await set.host.references(target);
    assert.deepEqual([tree?.size, tree?.format.channels], [size, 3]);
    assert.deepEqual(tree?.pixels.data, photo(8, 3, size));
    assert.equal(set.ps.open.length, 1, "the file's document is closed");
    clean(set);
  });

  it("is the source when one of Inlay's own layers or the group is selected", async () => {
    const set = setUp();
    const document = set.ps.openDocument(one({}));
    const target = await targetOf(set.host);
    await set.host.place(target, putting(patch(patchPixels(target.format, rect(4, 4, 9, 9)), null)));
    for (const id of [document.named("remove this").id, document.state.layers[0]!.id]) {
      document.activate(id);
      assert.equal((await targetOf(set.host)).layerKey, target.layerKey);
    }
  });

  it("has the profile of the document where its name says what it is", async () => {
    const known = setUp();
    known.ps.openDocument(one({}, { profile: "Adobe RGB (1998)" }));
    assert.ok((await targetOf(known.host)).profile !== null);
    const unknown = setUp();
    unknown.ps.openDocument(one({}, { profile: "My Monitor" }));
    const target = await targetOf(unknown.host);
    assert.equal(target.profile, null);
    const put = patch(patchPixels(target.format, rect(4, 4, 9, 9)), null);
    const { notes } = await unknown.host.place(target, putting(put));
    assert.match(notes.join(), /My Monitor/);
    const unmanaged = setUp();
    unmanaged.ps.openDocument(one({}, { profile: null }));
    assert.equal((await targetOf(unmanaged.host)).profile, null);
  });
});

describe("reading", () => {
  it("places trimmed pixels by the bounds that come back", async () => {
    const set = setUp();
    const alpha = (x: number, y: number) => (x >= 12 && x < 17 && y >= 9 && y < 14 ? 1 : 0);
    const pixels = photo(8, 3, undefined, alpha);
    set.ps.openDocument(one({ pixels }));
    const target = await targetOf(set.host);
    assert.deepEqual((await set.host.pixels(target, ALL)).data, pixels);
    const nothing = await set.host.pixels(target, rect(0, 0, 5, 5));
    assert.ok(nothing.data.every((value) => value === 0));
    clean(set);
  });

  it("reads a layer that reaches beyond the canvas, and one that is empty", async () => {
    const set = setUp();
    const box = { left: -10, top: -5, right: 15, bottom: 12 };
    const size = { width: 25, height: 17 };
    set.ps.openDocument(one({ box, pixels: photo(8, 3, size, () => 1) }));
    const raster = await set.host.pixels(await targetOf(set.host), ALL);
    const whole = photo(8, 3, size, () => 1);
    assert.deepEqual(raster.data.subarray(0, 4), whole.subarray((5 * 25 + 10) * 4, (5 * 25 + 10) * 4 + 4));
    const empty = setUp();
    empty.ps.openDocument({ width: W, height: H, layers: [{ name: "Empty" }] });
    const none = await empty.host.pixels(await targetOf(empty.host), ALL);
    assert.ok(none.data.every((value) => value === 0));
    clean(set);
  });

  it("reads a hole in a layer, which Photoshop may refuse", async () => {
    const set = setUp();
    const alpha = (x: number, y: number) => (x > 2 && x < 30 && y > 2 && y < 25 ? 0 : 1);
    const pixels = photo(8, 3, undefined, alpha);
    set.ps.openDocument(one({ pixels }));
    const target = await targetOf(set.host);
    const hole = await set.host.pixels(target, rect(10, 10, 14, 14));
    assert.ok(hole.data.every((value) => value === 0));
    assert.deepEqual((await set.host.pixels(target, ALL)).data, pixels);
    clean(set);
  });

  it("reads no more than it is asked for", async () => {
    const set = setUp();
    const size = { width: 400, height: 300 };
    set.ps.openDocument({ ...size, layers: [{ name: "Photo", pixels: photo(8, 3, size, () => 1) }] });
    await set.host.pixels(await targetOf(set.host), rect(100, 100, 120, 110));
    assert.equal(set.ps.imaging.samplesRead, 20 * 10 * 4);
  });

  it("16 bit goes out and comes back exactly, all 32769 levels of Photoshop", async () => {
    const set = setUp();
    const size = { width: 32_769, height: 1 };
    const data = new Uint16Array(size.width * 3);
    for (let level = 0; level < size.width; level++) data.fill(level, level * 3, level * 3 + 3);
    const spec = { ...size, depth: 16, layers: [{ name: "Background", kind: "background", pixels: data }] } as const;
    const document = set.ps.openDocument(spec);
    const target = await targetOf(set.host);
    const read = await set.host.pixels(target, rectOf(size));
    assert.equal(read.data[read.data.length - 1], 65_535);
    assert.equal(new Set(read.data).size, 32_769);
    await set.host.place(target, putting(patch(read, null)));
    const pixels = document.named("remove this").pixels!;
    assert.deepEqual(
      pixels.data.filter((_, at) => at % 4 < 3),
      data,
    );
    clean(set);
  });

  it("respects a patch's mask, its opacity, its eye", async () => {
    const set = setUp();
    const document = set.ps.openDocument(one({}));
    const target = await targetOf(set.host);
    const box = rect(10, 8, 30, 24);
    const put = patch(patchPixels(target.format, box), ellipse(box));
    await set.host.place(target, putting(put));
    const { id } = document.named("remove this");
    for (const change of [{}, { opacity: 40 }, { visible: false }]) {
      document.changeSilently(id, (layer) => ({ ...layer, ...change }));
      const now = await targetOf(set.host);
      assert.deepEqual((await set.host.pixels(now, ALL)).data, document.flattened());
      assert.equal(now.shown.length, "visible" in change ? 0 : 1);
    }
    clean(set);
  });

  it("fails in words when Photoshop fails, and holds nothing", async () => {
    const set = setUp();
    set.ps.openDocument(one({}));
    const target = await targetOf(set.host);
    set.ps.rules.failIn = "getData";
    await assert.rejects(
      set.host.pixels(target, ALL),
      (error) => error instanceof HostError && /read the layer/.test(error.message),
    );
    clean(set);
  });
});

describe("the selection", () => {
  it("is the mask, feather kept, cut to its box", async () => {
    const set = setUp();
    const document = set.ps.openDocument(one({}));
    const soft = ellipse(rect(5, 6, 25, 20));
    document.select({ left: 5, top: 6, right: 25, bottom: 20 }, soft.data);
    const target = await targetOf(set.host);
    const [source] = target.masks;
    assert.ok(source?.kind === "selection");
    const mask = await set.host.mask(target, source);
    assert.ok(mask !== null && new Set(mask.data).size > 5, "the feather is there");
    const { rect_px, data } = mask;
    const width = rect_px.x1 - rect_px.x0;
    const wanted = data.map((_, at) => {
      const [x, y] = [rect_px.x0 + (at % width), rect_px.y0 + Math.floor(at / width)];
      return soft.data[(y - 6) * 20 + x - 5]!;
    });
    assert.deepEqual(data, wanted);
    clean(set);
  });

  it("that reaches beyond the canvas is cut; none is none", async () => {
    const set = setUp();
    const document = set.ps.openDocument(one({}));
    assert.deepEqual(
      (await targetOf(set.host)).masks.map(({ kind }) => kind),
      ["whole"],
    );
    document.select({ left: 30, top: 20, right: W + 30, bottom: H + 30 });
    const target = await targetOf(set.host);
    const mask = await set.host.mask(target, target.masks[0]!);
    assert.deepEqual(mask?.rect_px, rect(30, 20, W, H));
    document.select(null);
    assert.equal(await set.host.mask(target, target.masks[0]!), null);
    clean(set);
  });
});

describe("changes while an edit runs", () => {
  const REACH = rect(4, 4, 20, 20);

  async function after(change: (set: ReturnType<typeof setUp>) => void): Promise<boolean> {
    const set = setUp();
    set.ps.openDocument(one({ kind: "background", pixels: photo(8, 3) }));
    const target = await targetOf(set.host);
    await set.host.pixels(target, REACH);
    change(set);
    const now = await targetOf(set.host);
    const isSame = now.revision === target.revision;
    const placed = set.host.place(target, putting(patch(patchPixels(target.format, REACH), null)));
    if (isSame) await placed;
    else await assert.rejects(placed, (error) => error instanceof HostError && error.code === "changed");
    clean(set);
    return isSame;
  }

  it("a new selection is none", async () => {
    assert.ok(await after(({ ps }) => ps.open[0]!.select({ left: 1, top: 1, right: 5, bottom: 5 })));
  });

  it("a brush stroke of one pixel where the edit read is one", async () => {
    assert.ok(!(await after(({ ps }) => paint(ps.open[0]!, 19))));
  });

  it("a brush stroke elsewhere is none, and one that was undone is none", async () => {
    assert.ok(await after(({ ps }) => paint(ps.open[0]!, 25)));
    const undone = await after(({ ps }) => {
      paint(ps.open[0]!, 10);
      ps.open[0]!.undo();
    });
    assert.ok(undone);
  });

  it("another canvas is one", async () => {
    assert.ok(
      !(await after(({ ps }) => {
        const { state } = ps.open[0]!;
        ps.open[0]!.become("Canvas Size", { ...state, width: state.width + 1 });
      })),
    );
  });

  function paint(document: ReturnType<typeof setUp>["ps"]["open"][number], at: number): void {
    document.paint(document.named("Photo").id, { left: at, top: at, right: at + 1, bottom: at + 1 }, [1, 2, 3]);
  }
});
