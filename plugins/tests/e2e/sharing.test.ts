/** A plugin shares its layer's whole picture, with the real bridge: what the team can have of it is the program's, to the bit. */

import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { createCanvas, loadImage } from "@napi-rs/canvas";
import { App } from "../../shared/src/app/app.ts";
import type { PanelState } from "../../shared/src/app/state.ts";
import { Refused } from "../../shared/src/bridge/errors.ts";
import { Link } from "../../shared/src/bridge/link.ts";
import type { Raster } from "../../shared/src/pixels/raster.ts";
import { rect } from "../../shared/src/pixels/rect.ts";
import { PROTOCOL_VERSION } from "../../shared/src/protocol/messages.ts";
import { RealBridge } from "../support/bridge.ts";
import { box, MemoryHost, photograph } from "../support/memory_host.ts";
import { NodePlatform } from "../support/platform.ts";
import { Proxy } from "../support/proxy.ts";

const SIZE = { width: 1500, height: 1100 };
let bridge: RealBridge;
let documents = 0;
const started: App[] = [];

interface Plugin {
  readonly app: App;
  readonly host: MemoryHost;
  readonly platform: NodePlatform;
}

async function paired(port = bridge.port): Promise<Plugin> {
  const host = new MemoryHost(photograph(SIZE), `shared-${++documents}`);
  const platform = new NodePlatform();
  const app = new App(host, platform, port);
  started.push(app);
  await app.start();
  await until(app, (state) => state.connection.state === "pairing");
  await app.pair(bridge.pairingCode());
  await until(app, (state) => state.connection.state === "ready");
  host.selection = box(rect(300, 200, 420, 330));
  host.touch();
  await until(app, (state) => state.mask?.source.kind === "selection" && state.reviewUrl !== null);
  return { app, host, platform };
}

function until(app: App, holds: (state: PanelState) => boolean): Promise<void> {
  if (holds(app.get())) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const stop = app.subscribe(() => {
      if (!holds(app.get())) return;
      clearTimeout(timer);
      stop();
      resolve();
    });
    const timer = setTimeout(() => {
      stop();
      const { connection, problem, sharing } = app.get();
      reject(new Error(`never shown; ${JSON.stringify({ connection, problem, sharing })}`));
    }, 60_000);
  });
}

/** What anybody in the document can have of the version, as the bridge gives it. */
async function taken(host: MemoryHost, version_id: string): Promise<Uint8ClampedArray> {
  const handlers = { message: () => undefined, closed: () => undefined };
  const link = await Link.connect(new NodePlatform(), bridge.url, handlers);
  const token = host.storage.get("token") ?? "";
  await link.request("hello", { protocol: PROTOCOL_VERSION, client: "test", token }, "welcome");
  const made = await link.request("take.picture", { version_id }, "take.is");
  link.close();
  const response = await fetch(`http://localhost:${bridge.port}/take/${made.token}`);
  const image = await loadImage(Buffer.from(await response.arrayBuffer()));
  const context = createCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, image.width, image.height).data;
}

function assertSame(of: Uint8ClampedArray, shown: Raster): void {
  let differ = 0;
  for (let i = 0; i < shown.data.length; i += 3) {
    for (let c = 0; c < 3; c++) differ += of[(i / 3) * 4 + c] === shown.data[i + c] ? 0 : 1;
  }
  assert.equal(differ, 0);
}

describe("sharing a layer's picture", () => {
  before(async () => {
    bridge = await RealBridge.start();
  });
  afterEach(() => {
    for (const app of started.splice(0)) app.stop();
  });
  after(async () => {
    await bridge.dispose();
  });

  it("comes with the review page, beside all else, and is the program's to the bit", async () => {
    const { app, host, platform } = await paired();
    await app.run("make this warmer");
    assert.equal(app.get().outcome?.state, "placed");
    const version_id = host.patches.at(-1)?.version_id ?? "";
    await assert.rejects(
      taken(host, version_id),
      (error) => error instanceof Refused && error.code === "pixels_missing",
    );
    const before = platform.sentBytes;
    app.openReview();
    await until(app, ({ sharing }) => sharing !== null && sharing > 0);
    assert.match(host.said.at(-1) ?? "", /#k=/);
    await until(app, ({ sharing }) => sharing === null);
    assert.equal(app.get().problem, null);
    const shown = host.shown();
    assertSame(await taken(host, version_id), shown);
    assert.ok(platform.sentBytes - before < shown.data.length * 1.05);

    // Once more, with what was painted since: only that travels.
    host.source = { ...host.source, data: host.source.data.slice() };
    host.source.data.fill(7, 0, 3 * 200);
    host.edition += 1;
    const sent = platform.sentBytes;
    app.openReview();
    await until(app, ({ sharing }) => sharing !== null);
    await until(app, ({ sharing }) => sharing === null);
    assertSame(await taken(host, version_id), host.shown());
    assert.ok(platform.sentBytes - sent < 300_000, `${platform.sentBytes - sent} bytes`);
  });

  it("goes on by itself after a lost connection", async () => {
    const proxy = await Proxy.to(bridge.port);
    try {
      const { app, host } = await paired(proxy.port);
      await app.run("make this darker");
      const pixels = host.pixels.bind(host);
      let reads = 0;
      host.pixels = (target, rect_px) => {
        if (++reads === 1) setTimeout(() => proxy.cut(), 60);
        return pixels(target, rect_px);
      };
      app.openReview();
      await until(app, ({ sharing }) => sharing !== null);
      await until(app, ({ sharing, connection }) => sharing === null && connection.state === "ready");
      assert.equal(app.get().problem, null);
      assert.ok(reads > 1);
      assertSame(await taken(host, host.patches.at(-1)?.version_id ?? ""), host.shown());
    } finally {
      await proxy.close();
    }
  });

  it("can be stopped, and then nothing of it counts", async () => {
    const { app, host } = await paired();
    await app.run("make this darker");
    app.openReview();
    await until(app, ({ sharing }) => sharing !== null);
    app.stopSharing();
    assert.equal(app.get().sharing, null);
    await assert.rejects(taken(host, host.patches.at(-1)?.version_id ?? ""));
    assert.equal(app.get().problem, null);
  });
});
