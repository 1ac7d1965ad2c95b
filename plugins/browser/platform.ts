/** A browser as a platform: its sockets, time and chance. For Figma's frame, and for the review page. */

import type { Platform, Probe, Socket, SocketHandlers } from "../shared/src/bridge/platform.ts";

const PROBE_MS = 3_000;
/** What browsers call the permission to reach programs on this machine; the name has changed between versions. */
const PERMISSIONS = ["loopback-network", "local-network-access"] as const;

export class BrowserPlatform implements Platform {
  openSocket(url: string, handlers: SocketHandlers): Socket {
    let isClosed = false;
    const closed = (code: number, reason: string): void => {
      if (isClosed) return;
      isClosed = true;
      handlers.closed(code, reason);
    };
    const socket = new WebSocket(url);
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

  async probe(port: number): Promise<Probe> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PROBE_MS);
    try {
      // Without CORS the answer cannot be read; that there is one is enough.
      await fetch(`http://localhost:${port}/`, { mode: "no-cors", cache: "no-store", signal: stop.signal });
      return "something";
    } catch {
      return (await isDenied()) ? "blocked" : stop.signal.aborted ? "something" : "nothing";
    } finally {
      clearTimeout(timer);
    }
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

/**
 * Whether the browser keeps this frame from reaching this machine. Browsers that do not know the permission do not, and
 * Figma's desktop app does not ask for it, whatever it answers.
 */
async function isDenied(): Promise<boolean> {
  if (/Electron|Figma/.test(navigator.userAgent)) return false;
  for (const name of PERMISSIONS) {
    try {
      const { state } = await navigator.permissions.query({ name: name as PermissionName });
      return state !== "granted";
    } catch {
      // not known by that name
    }
  }
  return false;
}
