/** The page as a platform: a browser that knows the bridge, having come from it. */

import { BrowserPlatform } from "../../../../plugins/browser/platform.ts";
import type { Probe, Socket, SocketHandlers } from "../../../../plugins/shared/src/bridge/platform.ts";

export class PagePlatform extends BrowserPlatform {
  /** @param address of the bridge's socket: the page knows whom it came from, and it may be another machine */
  constructor(private readonly address: string) {
    super();
  }

  override openSocket(_url: string, handlers: SocketHandlers): Socket {
    return super.openSocket(this.address, handlers);
  }

  /** Nothing keeps the page from where it came from: it does not answer. */
  override probe(): Promise<Probe> {
    return Promise.resolve("unknown");
  }
}
