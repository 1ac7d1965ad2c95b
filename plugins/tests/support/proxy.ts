/** A way to the bridge that can be cut: for what happens when a connection is lost in the middle. */

import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

export class Proxy {
  private readonly pairs = new Set<readonly [Socket, Socket]>();

  private constructor(
    readonly port: number,
    private readonly server: Server,
  ) {}

  /** Listens on a port of its own and passes everything on to the bridge's. */
  static async to(bridgePort: number): Promise<Proxy> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const proxy = new Proxy(address.port, server);
    server.on("connection", (near) => proxy.join(near, bridgePort));
    return proxy;
  }

  /** Ends all connections without a word; new ones can be made. */
  cut(): void {
    for (const [near, far] of [...this.pairs]) {
      near.destroy();
      far.destroy();
    }
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, "close");
  }

  private join(near: Socket, bridgePort: number): void {
    const far = connect(bridgePort, "127.0.0.1");
    const pair = [near, far] as const;
    this.pairs.add(pair);
    const end = (): void => {
      near.destroy();
      far.destroy();
      this.pairs.delete(pair);
    };
    for (const socket of pair) socket.on("error", end).on("close", end);
    // The bridge answers to its own name and port only: the request's Host is set to it.
    let head = Buffer.alloc(0);
    const first = (data: Buffer): void => {
      head = Buffer.concat([head, data]);
      if (!head.includes("\r\n\r\n")) return;
      near.off("data", first);
      far.write(head.toString("latin1").replace(/^Host: .*$/im, `Host: localhost:${bridgePort}`), "latin1");
      near.pipe(far);
    };
    near.on("data", first);
    far.pipe(near);
  }
}
