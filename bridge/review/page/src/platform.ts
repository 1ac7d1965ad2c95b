/** The browser as a platform: its sockets, time and chance. */

import type { Platform, Probe, Socket, SocketHandlers } from "../../../../plugins/shared/src/bridge/platform.ts";

export class PagePlatform implements Platform {
  /** @param address of the bridge's socket: the page knows whom it came from, and it may be another machine */
  constructor(private readonly address: string) {}

  openSocket(_url: string, handlers: SocketHandlers): Socket {
    let isClosed = false;
    const closed = (code: number, reason: string): void => {
      if (isClosed) return;
      isClosed = true;
      handlers.closed(code, reason);
    };
    const socket = new WebSocket(this.address);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => handlers.opened();
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data instanceof ArrayBuffer) handlers.received(new Uint8Array(data));
    };
    socket.onclose = ({ code, reason }) => closed(code, reason);
    socket.onerror = () => closed(1006, "");
    return {
      // A copy: what is sent may be a view of a larger buffer.
      send: (data) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(new Uint8Array(data));
      },
      close: () => socket.close(),
    };
  }

  /** The page came from the bridge, so nothing keeps it from there: it does not answer. */
  probe(): Promise<Probe> {
    return Promise.resolve("unknown");
  }

  timer(milliseconds: number, then: () => void): () => void {
    const timer = setTimeout(then, milliseconds);
    return () => clearTimeout(timer);
  }

  now(): number {
    return performance.now();
  }

  random(count: number): Uint8Array {
    return crypto.getRandomValues(new Uint8Array(count));
  }
}
