/** Messages ↔ bytes: one message is one binary frame, a msgpack map. */

import type { ClientMessage, ServerMessage } from "./messages.ts";
import { NotMessagePack, pack, unpack } from "./msgpack.ts";

/** The bytes are not a message. Whoever sent them is no bridge, or one of another age. */
export class Unreadable extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Unreadable";
  }
}

export function encode(message: ClientMessage): Uint8Array {
  return pack(message);
}

/**
 * The message in one frame. The bridge is trusted to send what its schema says: only what all messages share is
 * checked, a type this client does not know is left to whoever reads it.
 */
export function decode(data: Uint8Array): ServerMessage {
  let value: unknown;
  try {
    value = unpack(data);
  } catch (error) {
    if (error instanceof NotMessagePack) throw new Unreadable("A frame is not msgpack.");
    throw error;
  }
  if (typeof value !== "object" || value === null || !("type" in value) || typeof value.type !== "string") {
    throw new Unreadable("A frame holds no message.");
  }
  return value as ServerMessage;
}
