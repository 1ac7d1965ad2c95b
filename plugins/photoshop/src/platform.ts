/** Sockets, timers and chance, as UXP has them. */

import type { Platform, Probe, Socket, SocketHandlers } from "../../shared/src/bridge/platform.ts";

// In UXP, but not in its typings.
declare function setTimeout(then: () => void, milliseconds: number): number;
declare function clearTimeout(timer: number): void;

/** The browser's own number for a connection that ended without a word. */
const ABNORMAL = 1006;

/** A socket as both UXP and browsers have it. UXP's typings want a second argument; the program does not. */
type AnySocket = Pick<WebSocket, "binaryType" | "readyState" | "send" | "close"> & {
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onerror: (() => void) | null;
  onclose: ((event: { readonly code?: number; readonly reason?: string }) => void) | null;
};

const OPEN = 1;

export function openSocket(
  url: string,
  handlers: SocketHandlers,
  make: (url: string) => AnySocket = (to) => new (WebSocket as unknown as new (url: string) => AnySocket)(to),
): Socket {
  let isOver = false;
  const end = (code: number, reason: string) => {
    if (isOver) return;
    isOver = true;
    handlers.closed(code, reason);
  };
  const socket = make(url);
  socket.binaryType = "arraybuffer";
  // Frames keep their order, also where one has to be read from a Blob first.
  let before: Promise<void> | null = null;
  const received = (data: Uint8Array) => {
    if (!isOver) handlers.received(data);
  };
  socket.onopen = () => {
    if (!isOver) handlers.opened();
  };
  socket.onmessage = ({ data }) => {
    const bytes = bytesOf(data);
    if (bytes === null) return;
    if (before === null && bytes instanceof Uint8Array) {
      received(bytes);
      return;
    }
    const turn: Promise<void> = Promise.all([bytes, before]).then(
      ([frame]) => {
        if (before === turn) before = null;
        received(frame);
      },
      () => socket.close(),
    );
    before = turn;
  };
  // UXP does not promise that an error is followed by a close.
  socket.onerror = () => {
    if (socket.readyState !== OPEN) end(ABNORMAL, "");
  };
  socket.onclose = (event) => end(event.code ?? ABNORMAL, event.reason ?? "");
  return {
    send: (data) => {
      if (socket.readyState !== OPEN) return;
      // A buffer of its own: it is not told whether UXP sends a view or all that is behind it.
      socket.send(data.slice().buffer);
    },
    close: () => {
      socket.close();
      end(1000, "");
    },
  };
}

/** Null: not binary; the bridge sends no texts. */
function bytesOf(data: unknown): Uint8Array | Promise<Uint8Array> | null {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (typeof data === "object" && data !== null && "arrayBuffer" in data) {
    return (data as { arrayBuffer(): Promise<ArrayBuffer> }).arrayBuffer().then((buffer) => new Uint8Array(buffer));
  }
  return null;
}

/** A program that takes the connection and says nothing must not hold up the next try. */
const PATIENCE = 3000;

/** The socket did not open: does anything answer there? UXP shows no difference between “nothing” and “not allowed”. */
export async function probe(
  port: number,
  ask: (url: string) => Promise<unknown> = fetch,
  timer = timerOf,
): Promise<Probe> {
  let stop: () => void = () => undefined;
  const silence = new Promise<Probe>((resolve) => (stop = timer(PATIENCE, () => resolve("something"))));
  const answer = Promise.resolve()
    .then(() => ask(`http://localhost:${port}/`))
    .then(
      (): Probe => "something",
      (): Probe => "nothing",
    );
  return Promise.race([answer, silence]).finally(() => stop());
}

function timerOf(milliseconds: number, then: () => void): () => void {
  const timer = setTimeout(then, milliseconds);
  return () => clearTimeout(timer);
}

let latest = 0;

export const uxpPlatform: Platform = {
  openSocket: (url, handlers) => openSocket(url, handlers),
  probe: (port) => probe(port),
  timer: timerOf,
  // UXP has no `performance`; a clock that was set back stands still until it is past itself.
  now: () => (latest = Math.max(latest, Date.now())),
  random: (count) => {
    const bytes = new Uint8Array(count);
    crypto.getRandomValues(bytes);
    return bytes;
  },
};
