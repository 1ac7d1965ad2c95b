/** What shared code takes from where it runs: sockets, timers, chance. Given by each plugin, and by tests. */

export interface SocketHandlers {
  opened(): void;
  received(data: Uint8Array): void;
  /** Also when it never opened. Called once. */
  closed(code: number, reason: string): void;
}

export interface Socket {
  send(data: Uint8Array): void;
  close(): void;
}

/**
 * What answers where the bridge should be, when the socket does not open.
 *
 * nothing: no program listens there · something: a program that is not our bridge · blocked: the browser does not let
 * us look · unknown: this platform cannot tell.
 */
export type Probe = "nothing" | "something" | "blocked" | "unknown";

export interface Platform {
  openSocket(url: string, handlers: SocketHandlers): Socket;
  /** Looks at the bridge's port by plain HTTP. Never throws. */
  probe(port: number): Promise<Probe>;
  /** Calls back once after so long. Returns how to stop it. */
  timer(milliseconds: number, then: () => void): () => void;
  /** Milliseconds that never go back. */
  now(): number;
  /** Bytes that nobody foresees. */
  random(count: number): Uint8Array;
}

/** A promise that is kept after so long. */
export function pause(platform: Platform, milliseconds: number): Promise<void> {
  return new Promise((resolve) => platform.timer(milliseconds, resolve));
}

const LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";

/** An id that no other client chooses: 132 bits. */
export function newId(platform: Platform): string {
  return Array.from(platform.random(22), (byte) => LETTERS.charAt(byte & 63)).join("");
}
