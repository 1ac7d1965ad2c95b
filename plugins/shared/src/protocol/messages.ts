/** The bridge's messages: its own export, so that there is no copy to become stale (tests/bridge/protocol compares it). */
export * from "../../../../bridge/protocol/exports/inlay.ts";
