/**
 * The connection as a person sees it: made, lost, made again; paired by a code, known by a token.
 *
 *     connecting ──opened, token known──► ready ──lost──► connecting …
 *         │  └──opened, no token──► pairing ──right code──► ready
 *         └──not opened──► offline (says why) ──after a while, or at once on request──► connecting
 */

import { PROTOCOL_VERSION, type ServerMessage } from "../protocol/messages.ts";
import type { Connection, Problem } from "../app/state.ts";
import { BridgeError, Refused } from "./errors.ts";
import { Link } from "./link.ts";
import type { Platform, Probe } from "./platform.ts";

/** Seconds between tries: soon at first, since `inlay serve` takes two seconds to start. */
const RETRY_S = [1, 2, 4, 8, 15] as const;
/** A connection that was lost is made again so soon. */
const SOON_MS = 250;
const START = "Start it on this machine with `inlay serve`.";

export interface SessionSetup {
  readonly platform: Platform;
  readonly port: number;
  /** What the bridge's log calls this program: “Figma”. */
  readonly name: string;
  loadToken(): Promise<string | null>;
  saveToken(token: string | null): Promise<void>;
  changed(connection: Connection): void;
  /** Paired and open; `again` after it had been lost. */
  ready(link: Link, again: boolean, person_id: string): void;
  message(message: ServerMessage): void;
  lost(): void;
}

export class Session {
  private link: Link | null = null;
  private tries = 0;
  private stopTimer: () => void = () => undefined;
  private wasReady = false;
  /** A socket has been open. */
  private opened = false;
  private isReady = false;
  private running = false;
  private stopped = false;
  /** Why the hello was refused, until its connection is closed. */
  private refusal: Problem | null = null;
  private state: Connection = { state: "connecting", again: false };

  constructor(private readonly setup: SessionSetup) {}

  get connection(): Connection {
    return this.state;
  }

  /** Begins to connect, or tries again now. */
  async connect(): Promise<void> {
    this.stopTimer();
    if (this.running || (this.link?.isOpen ?? false)) return;
    this.running = true;
    try {
      await this.attempt();
    } finally {
      this.running = false;
    }
  }

  /** Trades the code for a token; a wrong one leaves the state at `pairing` and says so. */
  async pair(code: string): Promise<void> {
    const link = this.link;
    if (link === null || this.state.state !== "pairing" || this.state.busy) return;
    this.to({ state: "pairing", problem: null, busy: true });
    try {
      const paired = await link.request("pair", { code: code.slice(0, 40), name: this.setup.name }, "paired");
      await this.setup.saveToken(paired.token);
      // The names of bridge and person come with the next hello's welcome; a new connection is the plain way to it.
      link.close();
    } catch (error) {
      if (!link.isOpen && error instanceof BridgeError) return; // lost: it is made again
      const problem = error instanceof BridgeError ? problemOf(error) : NOT_KEPT;
      this.to({ state: "pairing", problem, busy: false });
    }
  }

  /** Drops the token; the next connection has to be paired. */
  async forget(): Promise<void> {
    await this.setup.saveToken(null);
    this.link?.close();
  }

  /** Ends for good. */
  stop(): void {
    this.stopTimer();
    this.stopped = true;
    this.link?.close();
  }

  private async attempt(): Promise<void> {
    const { platform, port } = this.setup;
    this.to({ state: "connecting", again: this.wasReady });
    let link: Link;
    try {
      link = await Link.connect(platform, `ws://localhost:${port}/ws`, {
        message: (message) => this.setup.message(message),
        closed: () => this.closed(),
      });
    } catch {
      const probe = await platform.probe(port);
      // Where it was reached before, it is not the browser that keeps us from it.
      const reached = this.opened || (await this.setup.loadToken()) !== null;
      this.offline(whyNot(probe === "blocked" && reached ? "nothing" : probe, port));
      return;
    }
    this.link = link;
    this.opened = true;
    await this.hello(link);
  }

  private async hello(link: Link): Promise<void> {
    const token = await this.setup.loadToken();
    try {
      const fields = { protocol: PROTOCOL_VERSION, client: this.setup.name, token, zstd: false };
      const welcome = await link.request("hello", fields, "welcome");
      if (welcome.person_id !== null) {
        this.tries = 0;
        this.isReady = true;
        this.to({ state: "ready", person: welcome.person ?? "", bridge: welcome.bridge });
        this.setup.ready(link, this.wasReady, welcome.person_id);
        this.wasReady = true;
        return;
      }
      if (token !== null) await this.setup.saveToken(null);
      this.tries = 0;
      this.to({ state: "pairing", problem: token === null ? null : OLD_TOKEN, busy: false });
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      this.refusal = error instanceof Refused ? problemOf(error) : null;
      link.close();
    }
  }

  private closed(): void {
    this.link = null;
    const refusal = this.refusal;
    this.refusal = null;
    if (this.isReady) this.setup.lost();
    const known = this.isReady || this.state.state === "pairing";
    this.isReady = false;
    if (this.stopped) return;
    if (refusal !== null) {
      // An old or too new bridge does not become another by asking again soon.
      this.to({ state: "offline", problem: refusal, retryInS: null });
    } else if (known) {
      this.to({ state: "connecting", again: this.wasReady });
      this.later(SOON_MS);
    } else {
      this.offline({ code: "broken", message: "Something else answers on Inlay's port.", hint: START });
    }
  }

  private offline(problem: Problem): void {
    const wait_s = RETRY_S[Math.min(this.tries, RETRY_S.length - 1)] ?? 1;
    this.tries += 1;
    this.countDown(problem, wait_s);
  }

  private countDown(problem: Problem, seconds: number): void {
    if (this.stopped) return;
    this.to({ state: "offline", problem, retryInS: seconds });
    this.stopTimer = this.setup.platform.timer(1000, () => {
      if (seconds > 1) this.countDown(problem, seconds - 1);
      else this.later(0);
    });
  }

  private later(milliseconds: number): void {
    this.stopTimer();
    this.stopTimer = this.setup.platform.timer(milliseconds, () => void this.connect());
  }

  private to(state: Connection): void {
    this.state = state;
    this.setup.changed(state);
  }
}

const OLD_TOKEN: Problem = {
  code: "token_old",
  message: "The bridge does not know this plugin any more.",
  hint: "Pair it again: `inlay pair` shows a code.",
};

const NOT_KEPT: Problem = {
  code: "not_kept",
  message: "The pairing could not be kept.",
  hint: "Pair once more.",
};

export function problemOf(error: BridgeError): Problem {
  return { code: error.code, message: error.message, hint: error.hint };
}

/** Why the bridge could not be reached, in words for people. */
export function whyNot(probe: Probe, port: number): Problem {
  switch (probe) {
    case "nothing":
      return { code: "not_running", message: "The bridge is not running.", hint: START };
    case "something":
      return {
        code: "port_taken",
        message: `Another program holds Inlay's port ${port}.`,
        hint: "`inlay doctor` says which. End it, then start `inlay serve`.",
      };
    case "blocked":
      return {
        code: "blocked",
        message: "The browser does not let this page talk to programs on your machine.",
        hint: "Allow “Local network access” in the browser's settings for this site, or use the desktop app; " + START,
      };
    case "unknown":
      return {
        code: "no_answer",
        message: "The bridge does not answer.",
        hint: START,
      };
  }
}
