/** Pictures of versions, asked for one after another and kept: a version never changes. */

import { BridgeError } from "../../../../plugins/shared/src/bridge/errors.ts";
import type { Link } from "../../../../plugins/shared/src/bridge/link.ts";
import type { Shot } from "./state.ts";

/** Pictures kept as blobs. */
const MOST = 600;

export class Shots {
  private readonly kept = new Map<string, Shot>();

  /** A picture, kept or asked for. Rejects with a `BridgeError`: a version without one, a lost connection. */
  async get(link: Link, version_id: string, show: "before" | "after", side_px: number): Promise<Shot> {
    const key = keyOf(version_id, show, side_px);
    const held = this.kept.get(key);
    if (held !== undefined) return held;
    const got = await link.request("version.picture", { version_id, show, side_px }, "picture");
    const url = URL.createObjectURL(new Blob([new Uint8Array(got.data)], { type: got.mime }));
    const shot: Shot = {
      url,
      width: got.width,
      height: got.height,
      rect_px: got.rect_px,
    };
    for (const [oldest, old] of this.kept) {
      if (this.kept.size < MOST) break;
      this.kept.delete(oldest);
      URL.revokeObjectURL(old.url);
    }
    this.kept.set(key, shot);
    return shot;
  }

  /** One that is kept. */
  held(version_id: string, show: "before" | "after", side_px: number): Shot | null {
    return this.kept.get(keyOf(version_id, show, side_px)) ?? null;
  }

  /** The same, or null where there is none to be had. */
  async find(link: Link, version_id: string, show: "before" | "after", side_px: number): Promise<Shot | null> {
    try {
      return await this.get(link, version_id, show, side_px);
    } catch (error) {
      if (error instanceof BridgeError) return null;
      throw error;
    }
  }
}

function keyOf(version_id: string, show: "before" | "after", side_px: number): string {
  return `${version_id} ${show} ${side_px}`;
}
