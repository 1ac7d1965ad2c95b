/** Node as a platform: real sockets by `ws`, real time. */

import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { WebSocket } from "ws";
import type { Platform, Probe, Socket, SocketHandlers } from "../../shared/src/bridge/platform.ts";

export class NodePlatform implements Platform {
  /** Sockets that are open, to cut them. */
  readonly sockets = new Set<WebSocket>();
  /** Bytes sent in all. */
  sentBytes = 0;

  /** @param headers of the sockets: a plugin's, unless others are given */
  constructor(private readonly headers: Readonly<Record<string, string>> = { Origin: "null" }) {}

  openSocket(url: string, handlers: SocketHandlers): Socket {
    const socket = new WebSocket(url, { perMessageDeflate: false, headers: this.headers });
    socket.binaryType = "arraybuffer";
    this.sockets.add(socket);
    let isClosed = false;
    const closed = (code: number, reason: string): void => {
      if (isClosed) return;
      isClosed = true;
      this.sockets.delete(socket);
      handlers.closed(code, reason);
    };
    socket.on("open", () => handlers.opened());
    socket.on("message", (data: ArrayBuffer) => handlers.received(new Uint8Array(data)));
    socket.on("close", (code, reason) => closed(code, reason.toString()));
    socket.on("error", () => closed(1006, ""));
    return {
      send: (data) => {
        this.sentBytes += data.length;
        socket.send(data);
      },
      close: () => socket.close(),
    };
  }

  probe(port: number): Promise<Probe> {
    return new Promise((resolve) => {
      const asked = request({ host: "127.0.0.1", port, path: "/", timeout: 2000 }, (response) => {
        response.resume();
        resolve("something");
      });
      asked.on("error", (error: NodeJS.ErrnoException) =>
        resolve(error.code === "ECONNREFUSED" ? "nothing" : "something"),
      );
      asked.on("timeout", () => asked.destroy());
      asked.end();
    });
  }

  timer(milliseconds: number, then: () => void): () => void {
    const timer = setTimeout(then, milliseconds);
    return () => clearTimeout(timer);
  }

  now(): number {
    return performance.now();
  }

  random(count: number): Uint8Array {
    return randomBytes(count);
  }

  /** As when the laptop's lid is closed: the sockets end without a word. */
  cut(): void {
    for (const socket of this.sockets) socket.terminate();
  }
}
