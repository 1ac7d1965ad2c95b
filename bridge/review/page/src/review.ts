/** The page behind what it shows: follows the document at the bridge, and carries out what a person does. */

import { BridgeError, Lost, Refused } from "../../../../plugins/shared/src/bridge/errors.ts";
import type { Link } from "../../../../plugins/shared/src/bridge/link.ts";
import type { Platform } from "../../../../plugins/shared/src/bridge/platform.ts";
import { Session } from "../../../../plugins/shared/src/bridge/session.ts";
import { Store } from "../../../../plugins/shared/src/app/store.ts";
import type { Problem } from "../../../../plugins/shared/src/app/state.ts";
import type { Event, RoleIs, ServerMessage } from "../../../../plugins/shared/src/protocol/messages.ts";
import { Bin, DELETED } from "./bin.ts";
import { Commands } from "./commands.ts";
import { Comparer, NOT_YET } from "./comparing.ts";
import { Links } from "./links.ts";
import { OpenModels } from "./models.ts";
import { Moves } from "./moves.ts";
import { Here } from "./presence.ts";
import { readApprovals } from "./reading.ts";
import { Finder } from "./search.ts";
import { Shots } from "./shots.ts";
import { type Box, INITIAL, type PageState, type Shot } from "./state.ts";
import { Take } from "./take.ts";
import { Conversation } from "./talk.ts";
import { Thumbs } from "./thumbs.ts";
import { type Known, landed, readNewest, readOlder, readSince } from "./versions.ts";
import { Rule } from "./rule.ts";
import { Speech } from "./speech.ts";
import { ROLES } from "./words.ts";

const SMALL_PX = 96;
/** Events that come together are answered by one look. */
const TOGETHER_MS = 60;
const SAID_MS = 8_000;
/** What the bridge could not do now is asked for again. */
const AGAIN_MS = 1_000;

type Part = "layers" | "tree" | "comments" | "verdicts" | "people" | "models";
const ALL: readonly Part[] = ["tree", "comments", "verdicts", "people", "models"];

export class Review {
  readonly store = new Store<PageState>(INITIAL);
  readonly here = new Here(this);
  readonly links = new Links(this);
  readonly take = new Take(this);
  readonly commands = new Commands(this);
  readonly moves = new Moves(this);
  readonly speech = new Speech(this);
  readonly rule = new Rule(this);
  readonly models = new OpenModels(this);
  /** The version that an edit or a move of one's own led to, until the tree has it. */
  private wanted: string | null = null;
  readonly finder = new Finder(this);
  readonly bin = new Bin(this);
  private readonly session: Session;
  private readonly shots = new Shots();
  readonly thumbs = new Thumbs(this.shots, {
    link: () => (this.store.get().comparing.canvas === null ? null : this.link),
    timer: (ms, ring) => this.platform.timer(ms, ring),
  });
  readonly talk = new Conversation({
    get: () => this.store.get(),
    set: (fields) => this.store.set(fields),
    reading: (work) => this.guarded(() => work(this.connected())),
    timer: (ms, ring) => this.platform.timer(ms, ring),
  });
  readonly comparer = new Comparer(
    this.store,
    () => this.connected(),
    (work) => this.guarded(work),
  );
  private link: Link | null = null;
  private lastSeq: number | null = null;
  private readonly dirty = new Set<Part>();
  private waiting = false;
  private last: Promise<unknown> = Promise.resolve();
  private stopSaying: () => void = () => undefined;

  constructor(
    readonly document_id: string,
    readonly platform: Platform,
  ) {
    this.session = new Session({
      platform,
      port: 0,
      name: "Review page",
      // The cookie goes with the socket.
      loadToken: () => Promise.resolve(null),
      saveToken: () => Promise.resolve(),
      changed: (connection) => this.store.set({ connection }),
      ready: (link, again, person_id) => {
        this.link = link;
        this.store.set({ me: person_id });
        void this.guarded(() => this.visit(link, again));
      },
      message: (message) => this.receive(message),
      lost: () => {
        this.link = null;
        this.here.lost();
        this.links.lost();
        this.commands.lost();
        this.moves.lost();
      },
    });
  }

  start(): Promise<void> {
    return this.session.connect();
  }

  // ── what a person does ───────────────────────────────────────────────────────────────────────────────────────

  chooseLayer(layer_id: string): void {
    if (layer_id === this.store.get().layer_id) return;
    this.store.set({
      layer_id,
      following: null,
      versions: [],
      version_total: 0,
      head_id: null,
      version_id: null,
      comparing: NOT_YET,
      approvals: [],
      mark: null,
      pinning: false,
    });
    this.talk.forget();
    this.refresh(ALL);
  }

  chooseVersion(version_id: string): void {
    const { version_id: before, comparing } = this.store.get();
    if (version_id === before) return;
    this.store.set({
      version_id,
      following: null,
      mark: null,
      pinning: false,
      comparing: { ...comparing, with_id: null },
      thread_id: null,
    });
    void this.guarded(() => this.talk.looked(this.connected()));
    void this.guarded(() => this.look()).then(() => this.thumbs.go());
  }

  /** To that version, on whatever layer it is, and to a comment on it; whom one follows, one follows still. */
  go(layer_id: string, version_id: string, thread_id: string | null = null): void {
    const { following } = this.store.get();
    this.chooseLayer(layer_id);
    if (this.store.get().versions.length > 0) this.chooseVersion(version_id);
    this.store.set({ version_id, following });
    if (thread_id !== null) this.showThread(thread_id);
  }

  /** One's own edit or move led there: it is shown as soon as it is known here, if one still looks at that layer. */
  arrived(layer_id: string, version_id: string): void {
    if (layer_id !== this.store.get().layer_id) return;
    this.wanted = version_id;
    this.refresh(["tree", "verdicts"]);
  }

  pin(pinning: boolean): void {
    this.store.set({ pinning, mark: null });
  }

  mark(mark: Box | null): void {
    this.store.set({ mark });
  }

  showThread(thread_id: string | null): void {
    this.store.set({ thread_id });
    if (thread_id !== null) this.talk.point(thread_id);
  }

  /** A small picture of what a version changed; null where there is none to be had. */
  async small(version_id: string): Promise<Shot | null> {
    return this.link === null ? null : this.shots.find(this.link, version_id, "after", SMALL_PX);
  }

  dismiss(): void {
    this.store.set({ problem: null, said: null });
  }

  // ── what the bridge says ─────────────────────────────────────────────────────────────────────────────────────

  private async visit(link: Link, again: boolean): Promise<void> {
    const { document_id } = this;
    const seen = this.lastSeq;
    let opened;
    try {
      const fields = {
        document_id,
        watch: true,
        ...(seen === null ? {} : { last_seq: seen }),
      };
      opened = await link.request("document.visit", fields, "document.opened");
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const code = error.code;
      if (code !== "not_found" && code !== "forbidden") {
        // The bridge cannot say now: that closes no page.
        const problem = problemOf(error);
        this.trouble(problem);
        this.platform.timer(AGAIN_MS, () => {
          if (this.store.get().problem === problem) this.store.set({ problem: null });
          if (this.link === link) void this.guarded(() => this.visit(link, again));
        });
        return;
      }
      const none = { code, message: "You are not in this document.", hint: "Ask its owner for an invite." };
      this.store.set({ refused: code === "not_found" ? ((await this.bin.why(link)) ?? none) : problemOf(error) });
      return;
    }
    this.lastSeq ??= opened.document.last_seq;
    const { layer_id } = this.store.get();
    const kept = opened.layers.some((layer) => layer.layer_id === layer_id);
    this.store.set({
      document: opened.document,
      layers: opened.layers,
      refused: null,
      ...(kept ? {} : { layer_id: opened.layers[0]?.layer_id ?? null }),
    });
    document.title = `${opened.document.title || "Untitled"} · Inlay`;
    if (again && seen !== null) this.say(caughtUp(opened.document.last_seq - seen));
    this.here.ready(link);
    this.links.ready(link);
    this.commands.ready(link);
    this.refresh(ALL);
  }

  private receive(message: ServerMessage): void {
    if (message.type === "event") this.happened(message);
    else if (message.type === "role.is") void this.guarded(() => this.becomes(message));
    else if (this.take.receive(message) || this.here.receive(message)) return;
    else if (!this.commands.receive(message)) this.moves.receive(message);
  }

  /** One may do other things from now on, or nothing. */
  private async becomes({ document_id, role }: RoleIs): Promise<void> {
    const { document: opened } = this.store.get();
    if (document_id !== this.document_id || opened === null) return;
    if (role === null) {
      // Being deleted is told twice, in no order. Closed at once: what comes while the bin is asked may open it again.
      if (this.store.get().refused === null) this.store.set({ refused: OUT });
      const why = await this.bin.why(this.connected());
      if (why !== null && this.store.get().refused === OUT) this.store.set({ refused: why });
      return;
    }
    if (this.store.get().refused !== null) {
      await this.visit(this.connected(), false); // let in again
      return;
    }
    if (role === opened.role) return;
    this.store.set({ document: { ...opened, role }, ...(role === "viewer" ? { pinning: false, mark: null } : {}) });
    this.say(`You are ${ROLES[role].toLowerCase()} here now.`);
    await this.readPeople(this.connected());
  }

  private happened(event: Event): void {
    if (event.document_id !== this.document_id) return;
    // Exactly once and in order: what was told before the connection was lost is not told again.
    if (this.lastSeq !== null && event.seq <= this.lastSeq) return;
    this.lastSeq = event.seq;
    const { kind } = event;
    if (kind === "source.shared") this.comparer.forget();
    if (kind === "document.deleted") this.store.set({ refused: DELETED });
    else if (kind === "document.restored") location.reload();
    else if (kind.startsWith("comment.")) this.talk.happened(event);
    else if (kind === "document.model") this.models.happened(event);
    else if (kind.startsWith("member.")) this.refresh(["people", "verdicts"]);
    else if (kind === "approval.set" || kind === "approvers.set") this.refresh(["verdicts"]);
    else if (kind === "layer.described") this.refresh(["layers", "tree", "verdicts"]);
    else if (!kind.startsWith("edit.")) this.refresh(["tree", "verdicts"]);
  }

  /** Reads these parts anew, soon, and one reading after another. */
  refresh(parts: readonly Part[]): void {
    for (const part of parts) this.dirty.add(part);
    if (this.waiting) return;
    this.waiting = true;
    this.platform.timer(this.store.get().versions.length === 0 ? 0 : TOGETHER_MS, () => {
      this.waiting = false;
      this.last = this.last.then(() => this.guarded(() => this.read()));
    });
  }

  private async read(): Promise<void> {
    const link = this.connected();
    const parts = new Set(this.dirty);
    this.dirty.clear();
    try {
      await this.readParts(link, parts);
    } catch (error) {
      // After a lost connection everything is read; what the bridge could not say now is asked again.
      if (error instanceof Refused && error.code !== "not_found" && error.code !== "forbidden")
        this.platform.timer(AGAIN_MS, () => this.refresh([...parts]));
      throw error;
    }
  }

  private async readParts(link: Link, parts: ReadonlySet<Part>): Promise<void> {
    if (parts.has("layers")) {
      const { document_id } = this;
      const { layers } = await link.request("document.visit", { document_id, watch: true }, "document.opened");
      const { layer_id } = this.store.get();
      this.store.set({
        layers,
        layer_id: layer_id ?? layers[0]?.layer_id ?? null,
      });
    }
    const { layer_id } = this.store.get();
    if (layer_id !== null && parts.has("tree")) await this.readTree(link, layer_id, !parts.has("comments"));
    if (parts.has("tree")) void this.guarded(() => this.look()).then(() => this.thumbs.go());
    if (layer_id !== null && parts.has("comments")) await this.talk.read(link);
    if (parts.has("verdicts")) {
      const stands = await link.request("state.get", { document_id: this.document_id }, "state.is");
      const approvals = layer_id === null ? [] : await readApprovals(link, this.document_id, layer_id);
      if (this.store.get().layer_id === layer_id) this.store.set({ stands, approvals });
    }
    if (parts.has("people")) await this.readPeople(link);
    if (parts.has("models")) await this.models.read(link);
    if (layer_id !== null && parts.has("tree")) void this.guarded(() => this.readOlder(link, layer_id));
  }

  /** The newest page at first, then what came since; `talks`: also what is said of another version that is chosen so. */
  private async readTree(link: Link, layer_id: string, talks: boolean): Promise<void> {
    const here = this.versionsOf(layer_id);
    const {
      layer,
      versions: newest,
      total,
    } = (here && (await readSince(link, here))) ?? (await readNewest(link, layer_id));
    const before = this.store.get();
    if (before.layer_id !== layer_id) return;
    const versions = layer.head_version_id === null ? newest : landed(newest, layer.head_version_id);
    // Who looked at the newest goes on looking at the newest; who chose another keeps it, and what they began there.
    const follows = before.version_id === null || (before.version_id === before.head_id && before.mark === null);
    const { wanted } = this;
    const isThere = wanted !== null && versions.some((version) => version.version_id === wanted);
    if (isThere) this.wanted = null;
    const version_id = isThere ? wanted : follows ? layer.head_version_id : before.version_id;
    this.store.set({
      versions,
      version_total: total,
      layers: before.layers.map((one) => (one.layer_id === layer_id ? layer : one)),
      head_id: layer.head_version_id,
      version_id,
      ...(version_id === before.version_id ? {} : { pinning: false, places: new Map() }),
    });
    if (talks && version_id !== before.version_id) void this.guarded(() => this.talk.looked(link));
  }

  /** The rest, page by page, while people look at the newest already. */
  private async readOlder(link: Link, layer_id: string): Promise<void> {
    for (;;) {
      const here = this.versionsOf(layer_id);
      if (here === null || here.versions.length >= here.total || this.link !== link) return;
      const { versions, total } = await readOlder(link, here);
      const now = this.store.get();
      if (now.layer_id !== layer_id) return;
      // What came meanwhile is at the end of what is here.
      const since = now.versions.slice(here.versions.length);
      this.store.set({ versions: [...versions, ...since], version_total: Math.max(total, now.version_total) });
    }
  }

  private versionsOf(layer_id: string): Known | null {
    const { layers, layer_id: shown, versions, version_total: total } = this.store.get();
    const layer = layers.find((one) => one.layer_id === layer_id);
    return layer === undefined || shown !== layer_id || versions.length === 0 ? null : { layer, versions, total };
  }

  private async readPeople(link: Link): Promise<void> {
    const { document_id } = this;
    const { members } = await link.request("member.list", { document_id }, "members");
    const isOwner = this.store.get().document?.role === "owner";
    const invites = isOwner ? (await link.request("invite.list", { document_id }, "invites")).invites : null;
    this.store.set({ members, invites });
  }

  /** Looks at the chosen version: what there is of it. */
  private async look(): Promise<void> {
    const { version_id, versions } = this.store.get();
    if (versions.some((one) => one.version_id === version_id)) await this.comparer.look();
  }

  trouble(problem: Problem): void {
    this.store.set({ problem });
  }

  connected(): Link {
    if (this.link === null) throw new Lost();
    return this.link;
  }

  say(said: string): void {
    this.stopSaying();
    this.store.set({ said });
    this.stopSaying = this.platform.timer(SAID_MS, () => this.store.set({ said: null }));
  }

  async doing(work: (link: Link) => Promise<void>): Promise<boolean> {
    this.store.set({ problem: null });
    try {
      await work(this.connected());
      return true;
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      this.store.set({ problem: problemOf(error) });
      return false;
    }
  }

  /** Reading: a lost connection is no problem of its own, everything is read anew with the next. */
  private async guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      if (!(error instanceof Lost)) this.store.set({ problem: problemOf(error) });
    }
  }
}

const OUT: Problem = {
  code: "not_found",
  message: "You are not in this document any more.",
  hint: "Its owner took you out of it. Ask them, if that was a mistake.",
};

function problemOf({ code, message, hint }: BridgeError): Problem {
  return { code, message, hint };
}

function caughtUp(missed: number): string {
  if (missed <= 0) return "Connected again. Nothing happened meanwhile.";
  return `Connected again. ${missed === 1 ? "One thing" : `${missed} things`} happened meanwhile.`;
}
