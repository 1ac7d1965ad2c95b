import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { decode as unpack, encode as pack } from "@msgpack/msgpack";
import type { Connection } from "../../shared/src/app/state.ts";
import type { Platform, Probe, SocketHandlers } from "../../shared/src/bridge/platform.ts";
import { Session } from "../../shared/src/bridge/session.ts";

/** A platform whose time and sockets the test moves by hand. */
class Staged implements Platform {
  probed: Probe = "nothing";
  time = 0;
  timers: { at: number; then: () => void }[] = [];
  sockets: { handlers: SocketHandlers; sent: Record<string, unknown>[]; closed: boolean }[] = [];

  openSocket(_url: string, handlers: SocketHandlers) {
    const socket = { handlers, sent: [] as Record<string, unknown>[], closed: false };
    this.sockets.push(socket);
    return {
      send: (data: Uint8Array) => void socket.sent.push(unpack(data) as Record<string, unknown>),
      close: () => {
        if (socket.closed) return;
        socket.closed = true;
        handlers.closed(1000, "");
      },
    };
  }

  get last() {
    return this.sockets.at(-1)!;
  }

  /** The bridge says this on the last socket. */
  say(message: Record<string, unknown>): void {
    this.last.handlers.received(pack(message));
  }

  probe(): Promise<Probe> {
    return Promise.resolve(this.probed);
  }

  timer(milliseconds: number, then: () => void): () => void {
    const timer = { at: this.time + milliseconds, then };
    this.timers.push(timer);
    return () => (this.timers = this.timers.filter((other) => other !== timer));
  }

  /** Lets time pass. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.time + milliseconds;
    for (;;) {
      const next = this.timers.filter((timer) => timer.at <= until).sort((one, other) => one.at - other.at)[0];
      if (next === undefined) break;
      this.timers = this.timers.filter((other) => other !== next);
      this.time = next.at;
      next.then();
      await settled();
    }
    this.time = until;
  }

  now(): number {
    return this.time;
  }

  random(count: number): Uint8Array {
    return new Uint8Array(count);
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

function staged(token: string | null) {
  const platform = new Staged();
  const states: Connection[] = [];
  const kept = { token };
  const session = new Session({
    platform,
    port: 9417,
    name: "Test",
    loadToken: () => Promise.resolve(kept.token),
    saveToken: (saved) => {
      kept.token = saved;
      return Promise.resolve();
    },
    changed: (connection) => states.push(connection),
    ready: () => undefined,
    message: () => undefined,
    lost: () => undefined,
  });
  sessions.push(session);
  return { platform, states, session, kept, now: () => states.at(-1)! };
}

const sessions: Session[] = [];
afterEach(() => {
  for (const session of sessions.splice(0)) session.stop();
});

const WELCOME = {
  type: "welcome",
  protocol: 1,
  bridge: "Inlay",
  limits: { frame_bytes: 1, tile_px: 128, window_frames: 4, text_chars: 2000 },
};

describe("a session", () => {
  it("says which it is when it cannot connect, counts down, and tries again less and less often", async () => {
    const { platform, session, now } = staged(null);
    for (const [probed, code] of [
      ["nothing", "not_running"],
      ["something", "port_taken"],
      ["blocked", "blocked"],
      ["unknown", "no_answer"],
    ] as const) {
      platform.probed = probed;
      const connecting = session.connect();
      platform.last.handlers.closed(1006, "");
      await connecting;
      const state = now();
      assert.ok(state.state === "offline" && state.problem.code === code, JSON.stringify(state));
      assert.ok(state.problem.message !== "" && state.problem.hint !== "");
    }
    const state = now();
    assert.equal(state.state === "offline" && state.retryInS, 8);
    const before = platform.sockets.length;
    await platform.pass(7_500);
    assert.equal(platform.sockets.length, before);
    await platform.pass(1_000);
    assert.equal(platform.sockets.length, before + 1);
  });

  it("is ready with a token that the bridge knows, and connects again when it is lost", async () => {
    const { platform, session, now } = staged("secret");
    const connecting = session.connect();
    platform.last.handlers.opened();
    await settled();
    const hello = platform.last.sent[0]!;
    assert.equal(hello["token"], "secret");
    platform.say({ ...WELCOME, re: hello["id"], person_id: "p", person: "Ada" });
    await connecting;
    assert.deepEqual(now(), { state: "ready", person: "Ada", bridge: "Inlay" });
    platform.last.handlers.closed(1006, "");
    await platform.pass(300);
    assert.equal(platform.sockets.length, 2);
    assert.deepEqual(now(), { state: "connecting", again: true });
  });

  it("drops a token that the bridge does not know, and says that it has to be paired again", async () => {
    const { platform, session, now, kept } = staged("old");
    const connecting = session.connect();
    platform.last.handlers.opened();
    await settled();
    platform.say({ ...WELCOME, re: platform.last.sent[0]!["id"], person_id: null, person: null });
    await connecting;
    assert.equal(kept.token, null);
    const state = now();
    assert.ok(state.state === "pairing" && state.problem?.code === "token_old");
  });

  it("says when the versions differ, and does not ask again by itself", async () => {
    const { platform, session, now } = staged("secret");
    const connecting = session.connect();
    platform.last.handlers.opened();
    await settled();
    const re = platform.last.sent[0]!["id"];
    platform.say({ type: "error", re, code: "version_mismatch", message: "Old.", hint: "Update.", fatal: true });
    await connecting;
    const state = now();
    assert.ok(state.state === "offline" && state.problem.code === "version_mismatch" && state.retryInS === null);
    await platform.pass(60_000);
    assert.equal(platform.sockets.length, 1);
  });

  it("notices a socket that is dead without saying so", async () => {
    const { platform, session } = staged("secret");
    const connecting = session.connect();
    platform.last.handlers.opened();
    await settled();
    platform.say({ ...WELCOME, re: platform.last.sent[0]!["id"], person_id: "p", person: "Ada" });
    await connecting;
    await platform.pass(21_000);
    assert.equal(platform.last.sent.at(-1)!["type"], "ping");
    await platform.pass(11_000);
    assert.ok(platform.sockets.length > 1, "it connects again");
  });

  it("takes bytes that are no message for a broken connection", async () => {
    const { platform, session, now } = staged("secret");
    const connecting = session.connect();
    platform.last.handlers.opened();
    await settled();
    platform.last.handlers.received(new Uint8Array([0xc1, 1, 2]));
    await connecting;
    const state = now();
    assert.ok(state.state === "offline" && state.problem.code === "broken");
  });
});
