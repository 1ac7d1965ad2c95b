/** What both plugins share, against the real bridge with the real engine; the program is a host in memory. */

import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { App } from "../../shared/src/app/app.ts";
import type { PanelState } from "../../shared/src/app/state.ts";
import { HostError } from "../../shared/src/host.ts";
import type { Raster } from "../../shared/src/pixels/raster.ts";
import { contains, rect, widthOf } from "../../shared/src/pixels/rect.ts";
import { RealBridge } from "../support/bridge.ts";
import { box, MemoryHost, photograph, RGB8 } from "../support/memory_host.ts";
import { headMoves } from "../support/versions.ts";
import { NodePlatform } from "../support/platform.ts";

const SIZE = { width: 400, height: 300 };
const HOLE = rect(120, 90, 190, 160);
let bridge: RealBridge;
let documents = 0;
const started: App[] = [];

interface Plugin {
  readonly app: App;
  readonly host: MemoryHost;
  readonly platform: NodePlatform;
}

/** A plugin that is paired and ready. */
async function paired(source: Raster = photograph(SIZE), like?: Plugin): Promise<Plugin> {
  const host = new MemoryHost(source, like?.host.documentKey ?? `document-${++documents}`);
  if (like !== undefined) for (const [key, value] of like.host.storage) host.storage.set(key, value);
  const platform = new NodePlatform();
  const app = new App(host, platform, bridge.port);
  started.push(app);
  await app.start();
  if (like === undefined) {
    await until(app, (state) => state.connection.state === "pairing");
    await app.pair(bridge.pairingCode());
  }
  await until(app, (state) => state.connection.state === "ready");
  host.selection = box(HOLE);
  host.touch();
  await until(app, (state) => state.mask?.source.kind === "selection");
  return { app, host, platform };
}

/** Waits until the panel shows something; says what it shows when it never does. */
async function until(app: App, holds: (state: PanelState) => boolean, seconds = 60): Promise<PanelState> {
  if (holds(app.get())) return app.get();
  return new Promise((resolve, reject) => {
    const stop = app.subscribe(() => {
      if (!holds(app.get())) return;
      clearTimeout(timer);
      stop();
      resolve(app.get());
    });
    const timer = setTimeout(() => {
      stop();
      const { connection, edit, outcome, problem } = app.get();
      reject(new Error(`never shown; ${JSON.stringify({ connection, edit, outcome, problem })}`));
    }, seconds * 1000);
  });
}

/** Pixels that differ, inside and outside the hole. */
function differing(before: Raster, after: Raster): { inside: number; outside: number } {
  const { channels } = before.format;
  const counts = { inside: 0, outside: 0 };
  for (let i = 0; i < before.data.length; i += channels) {
    const [x, y] = [(i / channels) % widthOf(before.rect_px), Math.floor(i / channels / widthOf(before.rect_px))];
    let same = true;
    for (let c = 0; c < channels; c++) same &&= before.data[i + c] === after.data[i + c];
    if (!same) counts[contains(HOLE, rect(x, y, x + 1, y + 1)) ? "inside" : "outside"]++;
  }
  return counts;
}

describe("a plugin and the real bridge", () => {
  before(async () => {
    bridge = await RealBridge.start();
  });
  afterEach(() => {
    for (const app of started.splice(0)) app.stop();
  });
  after(async () => {
    await bridge.dispose();
  });

  it("removes what is selected, in one step, and leaves the outside to the bit", async () => {
    const { app, host } = await paired();
    const source = host.shown();
    await app.run("remove this");
    const { outcome, problem } = app.get();
    assert.equal(problem, null);
    assert.equal(outcome?.state, "placed");
    assert.equal(host.placements.length, 1);
    const { inside, outside } = differing(source, host.shown());
    assert.equal(outside, 0);
    assert.ok(inside > 3000, `${inside} pixels of the hole changed`);
  });

  it("reads only the reach of the edit", async () => {
    const { app, host } = await paired(photograph({ width: 2000, height: 1500 }));
    await app.run("make this warmer");
    assert.equal(app.get().problem, null);
    assert.equal(host.read.length, 1);
    assert.ok(widthOf(host.read[0]!) <= 256, `read ${JSON.stringify(host.read)}`);
  });

  it("keeps 16 bit, float and alpha", async () => {
    for (const format of [
      { depth: "u16", channels: 4, alpha: "straight" },
      { depth: "f32", channels: 3, alpha: "none" },
      { depth: "u8", channels: 1, alpha: "none" },
    ] as const) {
      const { app, host } = await paired(photograph(SIZE, format));
      const source = host.shown();
      await app.run("make this brighter");
      assert.equal(app.get().problem, null, JSON.stringify(format));
      const { inside, outside } = differing(source, host.shown());
      assert.equal(outside, 0);
      assert.ok(inside > 3000);
    }
  });

  it("undoes and redoes, and the document follows", async () => {
    const { app, host } = await paired();
    const source = host.shown();
    await app.run("make this darker");
    const edited = host.shown();
    await app.undo();
    assert.deepEqual(host.shown().data, source.data);
    assert.equal(host.patches.length, 0);
    await app.redo();
    assert.deepEqual(host.shown().data, edited.data);
    await app.run("undo");
    assert.equal(app.get().problem, null);
    assert.deepEqual(host.shown().data, source.data);
  });

  it("shows candidates, applies another one, discards", async () => {
    const { app, host } = await paired();
    const source = host.shown();
    await app.set({ variations: 2 });
    await app.run("fill with autumn leaves");
    const { outcome } = app.get();
    assert.equal(outcome?.candidates.length, 2);
    const first = host.shown();
    await app.apply(outcome.candidates[1]!.version.version_id);
    assert.equal(app.get().problem, null);
    assert.equal(host.patches.length, 1);
    assert.notDeepEqual(host.shown().data, first.data);
    assert.equal(differing(source, host.shown()).outside, 0);
    await app.discard();
    assert.equal(app.get().outcome?.state, "discarded");
    assert.deepEqual(host.shown().data, source.data);
  });

  it("offers a result when the layer changed or went while the edit ran, and applies it on demand", async () => {
    const { app, host } = await paired();
    const running = app.run("remove this");
    await until(app, (state) => state.edit !== null && state.edit.says.length > 0);
    host.edition += 1;
    await running;
    assert.equal(app.get().outcome?.state, "offered");
    assert.equal(app.get().outcome?.why?.code, "changed");
    assert.equal(host.patches.length, 0);
    await app.apply(app.get().outcome!.candidates[0]!.version.version_id);
    assert.equal(app.get().problem, null);
    assert.equal(app.get().outcome?.state, "placed");
    assert.equal(host.patches.length, 1);

    const second = app.run("remove this");
    await until(app, (state) => state.edit !== null && state.edit.says.length > 0);
    host.isThere = false;
    await second;
    assert.equal(app.get().outcome?.state, "offered");
    assert.equal(app.get().outcome?.why?.code, "gone");
  });

  it("follows an undo in the program itself: the next edit starts from what is shown", async () => {
    const { app, host } = await paired();
    await app.run("make this darker");
    host.patches = []; // as Ctrl+Z in the program
    host.touch();
    await app.run("make this warmer");
    assert.equal(app.get().problem, null);
    assert.equal(app.get().outcome?.state, "placed");
    assert.equal(host.patches.length, 1);
    await app.refreshHistory();
    const edits = app.get().history.filter((row) => row.version.kind === "edit");
    assert.equal(edits.length, 2);
    assert.equal(edits[0]!.version.parent_id, edits[1]!.version.parent_id);
  });

  it("extends the layer, goes back and forth across the new size", async () => {
    const { app, host } = await paired();
    const source = host.shown();
    await app.chooseMask({ kind: "whole", label: "", rect_px: null });
    await app.run("make it 16:9");
    assert.equal(app.get().problem, null);
    assert.ok(host.size.width > SIZE.width);
    const wide = host.shown();
    await app.undo();
    assert.equal(app.get().problem, null);
    assert.deepEqual(host.size, SIZE);
    assert.deepEqual(host.shown().data, source.data);
    await app.redo();
    assert.equal(app.get().problem, null);
    assert.deepEqual(host.shown().data, wide.data);
  });

  it("cancels, and nothing is changed", async () => {
    const { app, host } = await paired(photograph({ width: 1600, height: 1200 }));
    host.selection = box(rect(200, 200, 1200, 1000));
    host.touch();
    const running = app.run("remove this");
    await until(app, (state) => (state.edit?.fraction ?? 0) > 0 || state.edit?.stage === "starting");
    await app.cancel();
    await running;
    assert.equal(app.get().edit, null);
    assert.equal(app.get().outcome, null);
    assert.match(app.get().said ?? "", /Cancelled/);
    assert.equal(host.patches.length, 0);
  });

  it("goes on with an edit when the connection is lost in the middle", async () => {
    const { app, host, platform } = await paired(photograph({ width: 1200, height: 900 }));
    host.selection = box(rect(200, 200, 700, 600));
    host.touch();
    const running = app.run("remove this");
    await until(app, (state) => (state.edit?.fraction ?? 0) > 0);
    platform.cut();
    await until(app, (state) => state.edit?.away === true || state.edit === null);
    await running;
    assert.equal(app.get().problem, null);
    assert.equal(app.get().outcome?.state, "placed");
    assert.equal(host.patches.length, 1);
  });

  it("goes on with an edit after the plugin was loaded anew", async () => {
    const first = await paired(photograph({ width: 1200, height: 900 }));
    first.host.selection = box(rect(200, 200, 700, 600));
    first.host.touch();
    void first.app.run("remove this");
    await until(first.app, (state) => (state.edit?.fraction ?? 0) > 0);
    const kept = new Map(first.host.storage);
    first.app.stop();
    first.host.storage.clear();
    for (const [key, value] of kept) first.host.storage.set(key, value);
    const second = await paired(first.host.source, first);
    await until(second.app, (state) => state.outcome !== null);
    assert.equal(second.app.get().outcome?.state, "placed");
    assert.equal(second.host.patches.length, 1);
  });

  it("tells that somebody else's version is newer, and brings it in", async () => {
    const one = await paired();
    const other = await paired(one.host.source, one);
    await one.app.run("make this darker");
    await until(other.app, (state) => state.newer !== null);
    await other.app.bringIn();
    assert.equal(other.app.get().problem, null);
    assert.deepEqual(other.host.shown().data, one.host.shown().data);
  });

  it("offers a result that meets somebody else's", async () => {
    const one = await paired();
    const other = await paired(one.host.source, one);
    await one.app.run("make this darker");
    await until(other.app, (state) => state.newer !== null);
    await other.app.run("make this warmer");
    const { outcome } = other.app.get();
    assert.equal(outcome?.state, "offered");
    assert.equal(outcome.why?.code, "conflict");
    await other.app.apply(outcome.candidates[0]!.version.version_id);
    assert.equal(other.app.get().problem, null);
    assert.equal(other.app.get().outcome?.state, "placed");
    assert.equal(other.host.patches.length, 1);
  });

  it("restores an older version, shows the tree, comments and resolves", async () => {
    const { app, host } = await paired();
    const source = host.shown();
    await app.run("make this darker");
    await app.run("make this warmer");
    app.go("history");
    await until(app, (state) => state.history.length === 3 && !state.historyLoading);
    const [newest, older, original] = app.get().history;
    assert.equal(newest?.isHead, true);
    await app.selectVersion(older!.version.version_id);
    assert.ok(app.get().compared?.before !== null && app.get().compared?.after !== null);
    await app.comment("The cuff is too dark", null);
    const thread = app.get().threads[0]!;
    await app.comment("Right", thread.root.comment_id);
    assert.equal(app.get().threads[0]!.replies.length, 1);
    await app.resolve(thread.root.comment_id, true);
    assert.notEqual(app.get().threads[0]!.root.resolved_at, null);
    await app.restore(original!.version.version_id);
    assert.equal(app.get().problem, null);
    assert.deepEqual(host.shown().data, source.data);
  });

  it("asks back in plain words and stays usable", async () => {
    const { app, host } = await paired();
    await app.run("sing me a song");
    assert.equal(app.get().problem?.code, "not_understood");
    assert.equal(host.patches.length, 0);
    host.selection = null;
    host.touch();
    await until(app, (state) => state.mask?.source.kind === "whole");
    await app.run("remove this");
    assert.equal(app.get().problem?.code, "needs_selection");
  });

  it("restores across versions of another format", async () => {
    const { app, host } = await paired();
    await app.run("remove the background");
    assert.equal(app.get().problem, null);
    await app.run("make this brighter");
    assert.equal(app.get().problem, null);
    const brighter = host.shown();
    const id = host.patches.at(-1)!.version_id;
    await app.undo();
    await app.undo();
    assert.equal(host.patches.length, 0);
    app.go("history");
    await until(app, (state) => state.history.length === 3 && !state.historyLoading);
    await app.restore(id);
    assert.equal(app.get().problem, null);
    assert.deepEqual(host.shown().data, brighter.data);
  });

  it("sends a large picture beside the layer's own tiles", async () => {
    const { app, host } = await paired(photograph({ width: 900, height: 700 }));
    host.selection = box(rect(50, 50, 850, 650));
    host.touch();
    const pixels = photograph({ width: 1500, height: 1200 }, RGB8, 9);
    host.given = [{ name: "beach", size: { width: 1500, height: 1200 }, format: RGB8, profile: null, pixels }];
    await app.addReferences();
    await app.run("put image 1 here");
    assert.equal(app.get().problem, null);
    assert.equal(app.get().outcome?.state, "placed");
  });

  it("cancels also what was asked for while the connection was away", async () => {
    const { app, host, platform } = await paired(photograph({ width: 1600, height: 1200 }));
    host.selection = box(rect(200, 200, 1200, 1000));
    host.touch();
    const running = app.run("remove this");
    await until(app, (state) => (state.edit?.fraction ?? 0) > 0);
    platform.cut();
    await until(app, (state) => state.edit?.away === true);
    await app.cancel();
    await running;
    assert.equal(host.patches.length, 0);
    assert.match(app.get().said ?? "", /Cancelled/);
  });

  it("begins once more, with the same selection, when it was cut off before its pixels were there", async () => {
    const { app, host, platform } = await paired(photograph({ width: 2400, height: 1800 }));
    host.selection = box(rect(200, 200, 2000, 1500));
    host.touch();
    const pixels = host.pixels.bind(host);
    let cut = false;
    host.pixels = async (target, rect_px) => {
      if (!cut) platform.cut();
      cut = true;
      host.selection = box(HOLE); // somebody goes on selecting meanwhile
      return pixels(target, rect_px);
    };
    await app.run("make this darker");
    assert.equal(app.get().problem, null);
    assert.equal(app.get().outcome?.state, "placed");
    assert.deepEqual(host.patches[0]!.pixels.rect_px, rect(200, 200, 2000, 1500));
  });

  it("goes on from a layer that was resized in the program, with its patches on it", async () => {
    const { app, host } = await paired();
    await app.run("make this darker");
    const kept = host.patches;
    host.source = photograph({ width: 300, height: 240 });
    host.patches = kept.map((patch) => ({ ...patch, mask: { rect_px: HOLE, data: patch.mask!.data.map(() => 0) } }));
    host.selection = box(rect(10, 10, 60, 60));
    host.edition += 1;
    host.touch();
    await app.run("make this warmer");
    assert.equal(app.get().problem, null);
    assert.equal(app.get().outcome?.state, "placed");
    assert.equal(app.get().newer, null);
    assert.equal(host.patches.length, 2);
    await app.undo();
    assert.equal(app.get().problem, null);
    assert.equal(host.patches.length, 1);
  });

  it("does not fight with a copy of the document that shows another version", async () => {
    const one = await paired();
    await one.app.run("make this darker");
    const copy = await paired(one.host.source, one);
    await until(copy.app, (state) => state.connection.state === "ready");
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const before = one.app.get().history.length;
    one.app.go("history");
    await until(one.app, (state) => state.history.length > before && !state.historyLoading);
    const moves = await headMoves(bridge.port, String(one.host.storage.get("token")), one.host.documentKey);
    assert.ok(moves <= 2, `${moves} moves of the head`);
  });

  it("runs one edit at a time, and keeps the words of one that was refused", async () => {
    const { app, host } = await paired();
    const first = app.run("make this darker");
    await app.run("make this warmer");
    assert.equal(app.get().problem?.code, "busy");
    assert.equal(app.get().typed[0], "make this warmer");
    await first;
    assert.equal(host.patches.length, 1);
    assert.equal(app.get().edit, null);
  });

  it("moves the head back when the program refuses to follow", async () => {
    const { app, host } = await paired();
    await app.run("make this darker");
    const shown = host.shown();
    const place = host.place.bind(host);
    host.place = () => Promise.reject(new HostError("modal", "The program is busy.", "Close its dialog."));
    await app.undo();
    assert.equal(app.get().problem?.code, "modal");
    host.place = place;
    await app.run("make this warmer");
    assert.equal(app.get().outcome?.state, "placed", "the head is where the document is");
    assert.equal(host.patches.length, 2);
    assert.notDeepEqual(host.shown().data, shown.data);
  });

  it("edits nothing when the brush has painted nothing", async () => {
    const { app, host } = await paired();
    await app.chooseMask({ kind: "brush", label: "Brush", rect_px: null });
    await app.run("make this darker");
    assert.equal(app.get().problem?.code, "empty_selection");
    assert.equal(host.patches.length, 0);
  });

  it("says what is wrong when there is no bridge, and finds it when it is there", async () => {
    const { app } = await paired();
    await bridge.stop(true);
    await until(app, (state) => state.connection.state === "offline");
    const { connection } = app.get();
    assert.equal(connection.state === "offline" && connection.problem.code, "not_running");
    await bridge.again();
    await until(app, (state) => state.connection.state === "ready");
    await app.run("make this darker");
    assert.equal(app.get().outcome?.state, "placed");
  });

  it("asks for a code again when its token is not known", async () => {
    const { app, host } = await paired();
    app.stop();
    host.storage.set("token", "x".repeat(43));
    const again = new App(host, new NodePlatform(), bridge.port);
    started.push(again);
    await again.start();
    const state = await until(again, ({ connection }) => connection.state === "pairing");
    assert.equal(state.connection.state === "pairing" && state.connection.problem?.code, "token_old");
    await again.pair("AAAA-AAAA");
    await until(
      again,
      ({ connection }) => connection.state === "pairing" && connection.problem?.code === "pairing_failed",
    );
    await again.pair(bridge.pairingCode());
    await until(again, ({ connection }) => connection.state === "ready");
  });
});
