/** What the bridge has stored of a layer, asked by a client of its own: what a program shows is compared with it. */

import { Bridge } from "../../shared/src/bridge/bridge.ts";
import type { Patch } from "../../shared/src/bridge/inbox.ts";
import { Link } from "../../shared/src/bridge/link.ts";
import { PROTOCOL_VERSION, type VersionInfo } from "../../shared/src/protocol/messages.ts";
import { NodePlatform } from "./platform.ts";

export interface Stored {
  /** Oldest first, the source among them. */
  readonly versions: readonly VersionInfo[];
  readonly head_version_id: string | null;
  /** The head's own patch; null for a source. */
  readonly head: Patch | null;
}

/** The only layer of the document of that key, or the one of `layerKey`. */
export async function stored(port: number, token: string, documentKey: string, layerKey?: string): Promise<Stored> {
  const platform = new NodePlatform();
  const bridge = new Bridge(platform, () => undefined);
  const link = await Link.connect(platform, `ws://localhost:${port}/ws`, {
    message: (message) => bridge.receive(message),
    closed: () => bridge.detach(),
  });
  try {
    await link.request("hello", { protocol: PROTOCOL_VERSION, client: "test", token, zstd: false }, "welcome");
    bridge.attach(link);
    const opened = await link.request("document.open", { key: documentKey }, "document.opened");
    const layer = opened.layers.find((one) => layerKey === undefined || one.key === layerKey);
    if (layer === undefined) throw new Error(`the bridge has no such layer in ${documentKey}`);
    const { versions, head_version_id } = await bridge.tree(layer.layer_id);
    const at = versions.find((version) => version.version_id === head_version_id);
    const head = at === undefined || at.kind === "source" ? null : await bridge.fetch(at.version_id);
    return { versions, head_version_id, head };
  } finally {
    link.close();
  }
}

/** The whole layer as the head shows it, as anybody in the document can take it away: an encoded PNG. */
export async function taken(port: number, token: string, documentKey: string): Promise<Uint8Array> {
  const { head_version_id } = await stored(port, token, documentKey);
  const handlers = { message: () => undefined, closed: () => undefined };
  const link = await Link.connect(new NodePlatform(), `ws://localhost:${port}/ws`, handlers);
  try {
    await link.request("hello", { protocol: PROTOCOL_VERSION, client: "test", token, zstd: false }, "welcome");
    const made = await link.request("take.picture", { version_id: head_version_id ?? "" }, "take.is");
    const response = await fetch(`http://localhost:${port}/take/${made.token}`);
    return new Uint8Array(await response.arrayBuffer());
  } finally {
    link.close();
  }
}

/** How often the head of a document's layers was moved, by undo, redo and restore. */
export async function headMoves(port: number, token: string, documentKey: string): Promise<number> {
  const platform = new NodePlatform();
  const seen = new Set<number>();
  const link = await Link.connect(platform, `ws://localhost:${port}/ws`, {
    message: (message) => {
      if (message.type === "event" && message.kind === "head.moved") seen.add(message.seq);
    },
    closed: () => undefined,
  });
  try {
    await link.request("hello", { protocol: PROTOCOL_VERSION, client: "test", token, zstd: false }, "welcome");
    await link.request("document.open", { key: documentKey, last_seq: 0 }, "document.opened");
    await new Promise((resolve) => setTimeout(resolve, 500));
    return seen.size;
  } finally {
    link.close();
  }
}
