/** Moving a layer's head: undo, redo, going on from an older version. */

import type { Link } from "../../../../plugins/shared/src/bridge/link.ts";
import type { ServerMessage } from "../../../../plugins/shared/src/protocol/messages.ts";
import type { Review } from "./review.ts";

export class Moves {
  /** Frames of a patch that have come, by patch: the bridge waits for each to be acknowledged. */
  private readonly frames = new Map<string, number>();

  constructor(private readonly review: Review) {}

  undo(): Promise<boolean> {
    return this.move((link, layer_id) => link.request("history.undo", { layer_id, count: 1 }, "head.moved"));
  }

  redo(): Promise<boolean> {
    return this.move((link, layer_id) => link.request("history.redo", { layer_id, count: 1 }, "head.moved"));
  }

  /** The layer is that version from now on, and the next edit goes on from there. */
  restore(version_id: string): Promise<boolean> {
    return this.move((link) => link.request("history.restore", { version_id }, "head.moved"));
  }

  lost(): void {
    this.frames.clear();
  }

  /** The pixels that come with a move are for those who keep a layer; a page looks at tiles. Whether it was one. */
  receive(message: ServerMessage): boolean {
    if (message.type === "patch.begin") {
      if (message.frames > 0) this.frames.set(message.patch_id, 0);
      return true;
    }
    if (message.type !== "patch.tiles") return false;
    const received = (this.frames.get(message.patch_id) ?? 0) + 1;
    this.frames.set(message.patch_id, received);
    this.review.connected().send({ type: "patch.ack", patch_id: message.patch_id, received });
    return true;
  }

  private move(ask: (link: Link, layer_id: string) => Promise<{ readonly head_version_id: string | null }>) {
    return this.review.doing(async (link) => {
      const { layer_id } = this.review.store.get();
      if (layer_id === null) return;
      const { head_version_id } = await ask(link, layer_id);
      this.frames.clear();
      if (head_version_id !== null) this.review.arrived(layer_id, head_version_id);
    });
  }
}
