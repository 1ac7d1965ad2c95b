/** Sharing a layer, against a bridge that notes what it is sent. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { INITIAL } from "../../../shared/src/app/initial.ts";
import { type Context, Turns } from "../../../shared/src/app/context.ts";
import type { Layers } from "../../../shared/src/app/layers.ts";
import { Sharing } from "../../../shared/src/app/sharing.ts";
import type { PanelState } from "../../../shared/src/app/state.ts";
import { Store } from "../../../shared/src/app/store.ts";
import { Lost } from "../../../shared/src/bridge/errors.ts";
import type { Target } from "../../../shared/src/host.ts";
import { blank, type Raster, samplesOf } from "../../../shared/src/pixels/raster.ts";
import { areaOf, heightOf, type Rect } from "../../../shared/src/pixels/rect.ts";
import { TILE_PX, WINDOW_FRAMES, type Tile } from "../../../shared/src/protocol/messages.ts";
import { cellsOf, hashOf, pasteTile, rectOfCell, tileRect, unpackTile } from "../../../shared/src/protocol/tiles.ts";
import { MemoryHost, photograph, RGB8 } from "../../support/memory_host.ts";
import { NodePlatform } from "../../support/platform.ts";

const SIZE = { width: 700, height: 500 };

/** Takes hashes and tiles as the bridge does. */
class NotingBridge {
  readonly stored = new Map<string, Uint8Array>();
  readonly hashes: string[] = [];
  finished = 0;
  frames = 0;
  sent = 0;
  most = 0;
  /** Before each request. */
  before: (type: string) => void | Promise<void> = () => undefined;
  private under = 0;

  connected(): this {
    return this;
  }

  async request(type: string, fields: Record<string, unknown>): Promise<unknown> {
    this.under += type === "source.tiles" ? 1 : 0;
    this.most = Math.max(this.most, this.under);
    await new Promise((resolve) => setTimeout(resolve, 1));
    this.under -= type === "source.tiles" ? 1 : 0;
    await this.before(type);
    switch (type) {
      case "source.offer": {
        const first = fields["first"] as number;
        const names = (fields["hashes"] as Uint8Array[]).map(hex);
        this.hashes.splice(first, this.hashes.length - first, ...names);
        const across = Math.ceil(SIZE.width / TILE_PX);
        const wanted = names.flatMap((name, index) => (this.stored.has(name) ? [] : [first + index]));
        return { cells: wanted.map((number) => [number % across, Math.floor(number / across)]) };
      }
      case "source.tiles":
        this.frames++;
        for (const tile of fields["tiles"] as Tile[]) {
          const size = areaOf(tileRect(tile.cell, { x0: 0, y0: 0, x1: SIZE.width, y1: SIZE.height })) * 3;
          const bytes = unpackTile(tile, size, 3).slice();
          this.stored.set(hex(hashOf(bytes)), bytes);
          this.sent++;
        }
        return {};
      default:
        this.finished++;
        return {};
    }
  }

  /** What it knows of the layer. */
  picture(): Raster {
    const whole = blank({ x0: 0, y0: 0, x1: SIZE.width, y1: SIZE.height }, RGB8);
    cellsOf(whole.rect_px).forEach((cell, number) => {
      pasteTile(whole, cell, this.stored.get(this.hashes[number] ?? "") ?? new Uint8Array());
    });
    return whole;
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

async function made(): Promise<{
  sharing: Sharing;
  bridge: NotingBridge;
  host: MemoryHost;
  store: Store<PanelState>;
  target: Target;
}> {
  const host = new MemoryHost(photograph(SIZE));
  const bridge = new NotingBridge();
  const store = new Store<PanelState>({ ...INITIAL, connection: { state: "ready", person: "Ann", bridge: "Inlay" } });
  const common = {
    host,
    platform: new NodePlatform(),
    bridge,
    store,
    turns: new Turns(),
    port: 0,
  } as unknown as Context;
  const layers = { open: () => Promise.resolve({ shown_id: "v1" }) } as unknown as Layers;
  const target = await host.again();
  assert.ok(target !== null);
  return { sharing: new Sharing(common, layers), bridge, host, store, target };
}

describe("sharing a layer", () => {
  it("sends all of it, to the bit, and says how far it is", async () => {
    const { sharing, bridge, host, store, target } = await made();
    const told: (number | null)[] = [];
    store.subscribe(() => told.push(store.get().sharing));
    await sharing.share(target);
    assert.deepEqual(bridge.picture().data, host.source.data);
    assert.equal(bridge.finished, 1);
    assert.deepEqual([told[0], told.at(-2), told.at(-1)], [0, 1, null]);
  });

  it("sends what the bridge has by now not again", async () => {
    const { sharing, bridge, target } = await made();
    await sharing.share(target);
    const { sent } = bridge;
    await sharing.share(target);
    assert.deepEqual([bridge.sent, bridge.finished], [sent, 2]);
  });

  it("keeps no more than a window of frames under way", async () => {
    const { sharing, bridge, host, target } = await made();
    await sharing.share(target);
    assert.ok(bridge.frames > 1 && bridge.most <= WINDOW_FRAMES);
    assert.ok(host.read.length >= 1);
  });

  it("reads a large layer in strips of bounded bytes, whole rows of tiles each", async () => {
    const { sharing, bridge, host, target } = await made();
    const huge = { width: 16384, height: 16384 };
    const read: Rect[] = [];
    host.pixels = (_target, rect_px) => {
      read.push(rect_px);
      return Promise.resolve({ rect_px, format: RGB8, data: samplesOf("u8", new Uint8Array(areaOf(rect_px) * 3)) });
    };
    host.again = () => Promise.resolve({ ...target, size: huge });
    bridge.request = (type) => Promise.resolve(type === "source.offer" ? { cells: [] } : {});
    const stopped = sharing.share({ ...target, size: huge });
    while (read.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    sharing.stop();
    await stopped;
    for (const rect_px of read) {
      assert.ok(areaOf(rect_px) * 3 <= 16 << 20);
      assert.equal(heightOf(rect_px) % TILE_PX, 0);
    }
    assert.equal(read[1]?.y0, read[0]?.y1);
  });

  it("stops when it is told to, and finishes nothing then", async () => {
    const { sharing, bridge, store, target } = await made();
    bridge.before = (type) => (type === "source.tiles" ? sharing.stop() : undefined);
    await sharing.share(target);
    assert.equal(bridge.finished, 0);
    assert.equal(store.get().sharing, null);
  });

  it("goes on after a lost connection with what is missing", async () => {
    const { sharing, bridge, host, target } = await made();
    let times = 0;
    bridge.before = (type) => {
      if (type === "source.tiles" && ++times === 2) throw new Lost();
    };
    await sharing.share(target);
    assert.deepEqual(bridge.picture().data, host.source.data);
    assert.equal(bridge.finished, 1);
    assert.equal(bridge.sent, cellsOf({ x0: 0, y0: 0, x1: SIZE.width, y1: SIZE.height }).length);
  });

  it("reads anew what changed meanwhile, and never mixes two pictures", async () => {
    const { sharing, bridge, host, target } = await made();
    let changed = false;
    bridge.before = (type) => {
      if (type !== "source.tiles" || changed) return;
      changed = true;
      host.source = photograph(SIZE, RGB8, 9);
      host.edition += 1;
    };
    await sharing.share(target);
    assert.deepEqual(bridge.picture().data, host.source.data);
    assert.equal(bridge.finished, 1);
  });

  it("says so when the layer is gone", async () => {
    const { sharing, bridge, host, store, target } = await made();
    bridge.before = () => {
      host.isThere = false;
    };
    await assert.rejects(sharing.share(target));
    assert.deepEqual([bridge.finished, store.get().sharing], [0, null]);
    assert.equal(rectOfCell([0, 0]).x1, TILE_PX);
  });
});
