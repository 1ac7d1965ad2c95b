/**
 * What the bridge can be asked for, and where what it says goes: patches to whoever waits for them, events to the
 * listener, an edit's messages to the edit. Outlives connections; each new one is attached.
 */

import {
  TEXT_CHARS,
  type DocumentInfo,
  type Event,
  type HeadMoved,
  type LayerInfo,
  type PatchBegin,
  type ServerMessage,
  type VersionInfo,
} from "../protocol/messages.ts";
import type { Target } from "../host.ts";
import { EditRun, type EditListener, type EditOrder } from "./edit.ts";
import { BridgeError, Lost, unexpected } from "./errors.ts";
import { Inbox, type Patch } from "./inbox.ts";
import type { Link } from "./link.ts";
import type { Platform } from "./platform.ts";

export interface OpenDocument {
  readonly document: DocumentInfo;
  readonly layers: readonly LayerInfo[];
}

export interface Tree {
  /** Oldest first. */
  readonly versions: readonly VersionInfo[];
  readonly head_version_id: string | null;
}

export class Bridge {
  private link: Link | null = null;
  private readonly inboxes = new Map<string, Inbox>();
  private readonly edits = new Map<string, EditRun>();
  /** Patches that answer a request, by its number. */
  private readonly fetched = new Map<number, Patch>();
  /** The last event seen of each open document, for the catch-up. */
  private readonly lastSeq = new Map<string, number>();
  private readonly keys = new Map<string, string>();

  constructor(
    private readonly platform: Platform,
    private readonly happened: (event: Event) => void,
  ) {}

  attach(link: Link): void {
    this.link = link;
    for (const edit of this.edits.values()) void edit.resume(link);
  }

  detach(): void {
    this.link = null;
    this.inboxes.clear();
    this.fetched.clear();
    for (const edit of this.edits.values()) edit.detach();
  }

  // ── documents and layers ─────────────────────────────────────────────────────────────────────────────────────

  /** Opens (or makes) the target's document; its layers as the bridge has them. Rejects with a `BridgeError`. */
  async openDocument(target: Target): Promise<OpenDocument> {
    const seen = this.lastSeq.get(target.documentKey);
    const opened = await this.connected().request(
      "document.open",
      {
        key: target.documentKey,
        title: target.documentTitle.slice(0, TEXT_CHARS),
        ...(seen === undefined ? {} : { last_seq: seen }),
      },
      "document.opened",
    );
    const { document, layers } = opened;
    this.keys.set(document.document_id, target.documentKey);
    if (seen === undefined) this.lastSeq.set(target.documentKey, document.last_seq);
    return { document, layers };
  }

  /** Says what the layer is now. Another size or format than the bridge's head has begins a tree of its own. */
  async describe(document_id: string, target: Target): Promise<LayerInfo> {
    const fields = {
      document_id,
      key: target.layerKey,
      name: target.layerName.slice(0, TEXT_CHARS),
      ...target.size,
      ...target.format,
      profile: target.profile,
    };
    return (await this.connected().request("layer.describe", fields, "layer.described")).layer;
  }

  async tree(layer_id: string): Promise<Tree> {
    const versions: VersionInfo[] = [];
    for (;;) {
      const page = await this.connected().request(
        "history.tree",
        { layer_id, skip: versions.length },
        "history.tree.is",
      );
      versions.push(...page.versions);
      if (versions.length >= page.total || page.versions.length === 0) {
        return { versions, head_version_id: page.layer.head_version_id };
      }
    }
  }

  /** Moves the head to a version; the bridge's patch for it is not needed. */
  async restore(version_id: string): Promise<HeadMoved> {
    return (await this.withPatch({ type: "history.restore", version_id })).moved;
  }

  /** Moves the head to a version, and the patch that brings the layer there from the old head; null: nothing differs. */
  async restoreWithPatch(version_id: string): Promise<Patch | null> {
    return (await this.withPatch({ type: "history.restore", version_id })).patch;
  }

  async undo(layer_id: string, count: number): Promise<HeadMoved> {
    return (await this.withPatch({ type: "history.undo", layer_id, count })).moved;
  }

  async redo(layer_id: string, count: number): Promise<HeadMoved> {
    return (await this.withPatch({ type: "history.redo", layer_id, count })).moved;
  }

  /** A version's own patch. */
  async fetch(version_id: string): Promise<Patch> {
    const link = this.connected();
    const id = link.number();
    const answered = link.answerTo(id);
    link.send({ type: "patch.fetch", id, version_id });
    const answer = await answered;
    const patch = this.fetched.get(id);
    this.fetched.delete(id);
    if (patch === undefined) throw unexpected(answer);
    return patch;
  }

  // ── edits ────────────────────────────────────────────────────────────────────────────────────────────────────

  edit(order: EditOrder, listener: EditListener): EditRun {
    const run = this.follow(new EditRun(this.platform, this.connected(), order.edit_id, order, listener));
    run.start();
    return run;
  }

  /** Follows an edit that was begun by an earlier session of this plugin. */
  resume(edit_id: string, listener: EditListener): EditRun {
    const link = this.connected();
    const run = this.follow(new EditRun(this.platform, link, edit_id, null, listener));
    void run.resume(link);
    return run;
  }

  /** The next calls go to this connection, or throw that there is none. */
  connected(): Link {
    if (this.link === null) throw new Lost();
    return this.link;
  }

  private follow(run: EditRun): EditRun {
    this.edits.set(run.edit_id, run);
    const over = (): unknown => this.edits.delete(run.edit_id);
    run.result.then(over, over);
    return run;
  }

  private async withPatch(
    fields:
      | { readonly type: "history.restore"; readonly version_id: string }
      | { readonly type: "history.undo" | "history.redo"; readonly layer_id: string; readonly count: number },
  ): Promise<{ readonly moved: HeadMoved; readonly patch: Patch | null }> {
    const link = this.connected();
    const id = link.number();
    const answered = link.answerTo(id);
    link.send({ ...fields, id });
    const moved = await answered;
    const patch = this.fetched.get(id) ?? null;
    this.fetched.delete(id);
    if (moved.type !== "head.moved") throw unexpected(moved);
    return { moved, patch };
  }

  // ── what the bridge says ─────────────────────────────────────────────────────────────────────────────────────

  /** A message that answers no request. */
  receive(message: ServerMessage): void {
    switch (message.type) {
      case "event":
        this.event(message);
        break;
      case "patch.begin":
        this.begin(message);
        break;
      case "patch.tiles": {
        const inbox = this.inboxes.get(message.patch_id);
        if (inbox === undefined) break;
        this.link?.send({ type: "patch.ack", patch_id: message.patch_id, received: inbox.take(message) });
        this.complete(inbox);
        break;
      }
      case "edit.ack":
        this.edits.get(message.edit_id)?.acknowledge(message.received);
        break;
      case "edit.want":
      case "edit.queued":
      case "edit.progress":
      case "edit.preview":
      case "edit.done":
      case "edit.failed":
        this.edits.get(message.edit_id)?.take(message);
        break;
      default:
        break;
    }
  }

  private event(event: Event): void {
    const key = this.keys.get(event.document_id);
    if (key !== undefined) {
      // The next opening tells only what came after.
      this.lastSeq.set(key, Math.max(event.seq, this.lastSeq.get(key) ?? 0));
    }
    this.happened(event);
  }

  private begin(begin: PatchBegin): void {
    const inbox = new Inbox(begin);
    this.inboxes.set(begin.patch_id, inbox);
    this.complete(inbox);
  }

  private complete(inbox: Inbox): void {
    if (!inbox.complete) return;
    const { patch_id, edit_id, re } = inbox.begin;
    this.inboxes.delete(patch_id);
    if (edit_id !== null) {
      const edit = this.edits.get(edit_id);
      if (inbox.isBroken) edit?.fail(new BridgeError("protocol_error", "A patch could not be read.", "Update Inlay."));
      else edit?.takePatch(inbox.patch());
    } else if (re !== null && !inbox.isBroken) this.fetched.set(re, inbox.patch());
  }
}
