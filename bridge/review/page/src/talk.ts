/** What people say of a layer, read as far as it is seen: pages of threads, counts, pins, and places of what is shown. */

import type { Link } from "../../../../plugins/shared/src/bridge/link.ts";
import { type Event, PAGE_THREADS, type PlaceInfo } from "../../../../plugins/shared/src/protocol/messages.ts";
import type { PageState } from "./state.ts";
import {
  type Filter,
  heard,
  joined,
  known,
  type News,
  SILENCE,
  type Talk,
  type Thread,
  threadWith,
  type Which,
  withThread,
} from "./threads.ts";

/** Events remembered, to be applied to answers that were made before them. */
const REMEMBERED = 200;
/** Pins are asked for anew so long after the last change: many changes, one question. */
const PINS_MS = 250;
/** Rows that come together ask for their places together. */
const PLACES_MS = 30;
const PLACES_AT_ONCE = 64;

export interface TalkNeeds {
  readonly get: () => PageState;
  readonly set: (fields: Partial<PageState>) => void;
  /** Carries out a reading; what goes wrong is said on the page. Rejects never. */
  readonly reading: (work: (link: Link) => Promise<void>) => Promise<void>;
  readonly timer: (ms: number, ring: () => void) => () => void;
}

export class Conversation {
  /** The events as of which counts and list are; what was told before is in them. */
  private readonly asOf = { counts: 0, list: 0 };
  private recent: Event[] = [];
  private reads = 0;
  private loading = false;
  private wanted: readonly string[] = [];
  private stopPins: () => void = () => undefined;
  private placing = false;

  constructor(private readonly needs: TalkNeeds) {}

  /** Everything anew: another layer, or a new connection. */
  async read(link: Link): Promise<void> {
    const { layer_id } = this.needs.get();
    if (layer_id === null) return;
    // What is read first is seen first.
    const list = this.readList(link);
    const counting = link.request("thread.count", { layer_id }, "thread.counts");
    const [counted] = await Promise.all([counting, list, this.readPins(link)]);
    if (this.needs.get().layer_id !== layer_id) return;
    this.change({ counts: new Map(counted.versions.map((one) => [one.version_id, one])) });
    this.replay("counts", counted.as_of);
  }

  /** Another version is looked at. */
  async looked(link: Link): Promise<void> {
    this.needs.set({ places: new Map() });
    const { talk } = this.needs.get();
    if (!talk.everywhere) this.change({ threads: [], total: null, more: false });
    this.change({ pins: [] });
    await Promise.all([talk.everywhere ? undefined : this.readList(link), this.readPins(link)]);
    this.want(this.wanted);
  }

  /** Nothing is known: another layer is shown from now on. */
  forget(): void {
    const { which, everywhere } = this.needs.get().talk;
    this.asOf.counts = this.asOf.list = 0;
    this.recent = [];
    this.needs.set({ talk: { ...SILENCE, which, everywhere }, places: new Map() });
  }

  filter(which: Which, everywhere: boolean): void {
    this.change({ which, everywhere, threads: [], total: null, more: false });
    void this.needs.reading((link) => this.readList(link));
  }

  /** The next page, if there is one. */
  more(): void {
    const { talk, layer_id } = this.needs.get();
    const last = talk.threads.at(-1);
    if (!talk.more || this.loading || layer_id === null || last === undefined) return;
    this.loading = true;
    void this.needs
      .reading(async (link) => {
        const reads = this.reads;
        const fields = { layer_id, ...this.asked(), before: last.seq };
        const page = await link.request("thread.list", fields, "threads");
        if (reads !== this.reads) return;
        const { threads } = this.needs.get().talk;
        this.change({ threads: joined(threads, page.threads), total: page.total, more: isMore(page.threads) });
        this.replay("list", page.as_of);
      })
      .finally(() => {
        this.loading = false;
      });
  }

  /** All answers of a thread, of which a list has the last two. */
  whole(thread: Thread): Promise<void> {
    const { comment_id } = thread.root;
    return this.needs.reading(async (link) => {
      let replies: Thread["replies"] = [];
      for (;;) {
        const page = await link.request("thread.get", { comment_id, skip: replies.length }, "thread.is");
        replies = [...replies, ...page.thread.replies];
        if (page.thread.replies.length > 0 && replies.length < page.thread.reply_count) continue;
        this.put({ ...page.thread, replies, reply_count: Math.max(replies.length, page.thread.reply_count) });
        return;
      }
    });
  }

  /** A thread is pointed at, on the picture or by a link: it is shown, whatever the list is of. */
  point(comment_id: string): void {
    const { talk } = this.needs.get();
    const thread = threadWith(talk, comment_id);
    if (thread !== undefined) return;
    void this.needs.reading(async (link) => {
      const { thread: found } = await link.request("thread.get", { comment_id }, "thread.is");
      if (found.root.layer_id === this.needs.get().layer_id) this.change({ pointed: found });
    });
  }

  /** These threads are drawn: where they are on the chosen version is asked for, once. */
  want(thread_ids: readonly string[]): void {
    this.wanted = thread_ids;
    if (this.placing) return;
    this.placing = true;
    this.needs.timer(PLACES_MS, () => {
      void this.needs
        .reading((link) => this.readPlaces(link))
        .finally(() => {
          this.placing = false;
          if (this.missing().length > 0 && this.failed !== this.wanted) this.want(this.wanted);
        });
    });
  }

  /** Something was said, changed, resolved. */
  happened(event: Event): void {
    this.recent = [...this.recent.slice(1 - REMEMBERED), event];
    this.apply(event, { counts: event.seq > this.asOf.counts, list: event.seq > this.asOf.list });
  }

  // ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────

  private async readList(link: Link): Promise<void> {
    const { layer_id, version_id, talk } = this.needs.get();
    if (layer_id === null || (version_id === null && !talk.everywhere)) return;
    const reads = ++this.reads;
    const page = await link.request("thread.list", { layer_id, ...this.asked() }, "threads");
    if (reads !== this.reads) return;
    this.change({ threads: page.threads, total: page.total, more: isMore(page.threads), pointed: null });
    const { thread_id } = this.needs.get();
    if (thread_id !== null) this.point(thread_id);
    this.replay("list", page.as_of);
  }

  private async readPins(link: Link): Promise<void> {
    const { version_id } = this.needs.get();
    if (version_id === null) return;
    const { pins, total } = await link.request("thread.pins", { version_id }, "pins");
    if (this.needs.get().version_id !== version_id) return;
    const places = new Map(this.needs.get().places);
    for (const { place } of pins) places.set(place.comment_id, place);
    this.needs.set({ places });
    this.change({ pins, pinned: total });
  }

  /** What was wanted when it could not be had: not asked for again until something else is. */
  private failed: readonly string[] | null = null;

  private missing(): readonly string[] {
    const { places } = this.needs.get();
    return this.wanted.filter((id) => !places.has(id)).slice(0, PLACES_AT_ONCE);
  }

  private async readPlaces(link: Link): Promise<void> {
    const { version_id } = this.needs.get();
    const comment_ids = this.missing();
    if (version_id === null || comment_ids.length === 0) return;
    this.failed = this.wanted;
    const found = await link.request("comment.places", { version_id, comment_ids }, "comment.places.are");
    if (found.places.length === comment_ids.length) this.failed = null;
    if (this.needs.get().version_id !== version_id) return;
    const places = new Map<string, PlaceInfo>(this.needs.get().places);
    for (const place of found.places) places.set(place.comment_id, place);
    this.needs.set({ places });
  }

  private asked(): { readonly which: Which; readonly version_id: string | null } {
    return { which: this.needs.get().talk.which, version_id: this.list().version_id };
  }

  private list(): Filter {
    const { talk, version_id } = this.needs.get();
    return { which: talk.which, version_id: talk.everywhere ? null : version_id };
  }

  // ── what happens ─────────────────────────────────────────────────────────────────────────────────────────────

  /** An answer was made before these came. */
  private replay(of: keyof News, as_of: number): void {
    this.asOf[of] = as_of;
    const news = { counts: of === "counts", list: of === "list" };
    for (const event of this.recent) if (event.seq > as_of) this.apply(event, news);
  }

  private apply(event: Event, news: News): void {
    const { talk, layer_id, me } = this.needs.get();
    if (event.layer_id !== layer_id) return;
    const { talk: now, missing, pins } = heard(talk, event, this.list(), me, news);
    if (now !== talk) this.needs.set({ talk: now });
    if (missing !== null) void this.needs.reading((link) => this.readOne(link, missing));
    if (!pins) return;
    this.stopPins();
    this.stopPins = this.needs.timer(PINS_MS, () => void this.needs.reading((link) => this.readPins(link)));
  }

  private async readOne(link: Link, comment_id: string): Promise<void> {
    const reads = this.reads;
    const { thread } = await link.request("thread.get", { comment_id }, "thread.is");
    const { talk, layer_id } = this.needs.get();
    if (reads !== this.reads || thread.root.layer_id !== layer_id) return;
    const last = talk.threads.at(-1);
    // Older than what is here: it comes with its page.
    if (talk.more && last !== undefined && thread.seq < last.seq) return;
    const here = known(talk).find(({ root }) => root.comment_id === thread.root.comment_id);
    if (here === undefined)
      this.change({ threads: withThread(talk.threads, { ...thread, replies: thread.replies.slice(-2) }) });
  }

  private put(thread: Thread): void {
    const { talk } = this.needs.get();
    const { comment_id } = thread.root;
    const threads = talk.threads.map((one) => (one.root.comment_id === comment_id ? thread : one));
    const pointed = talk.pointed?.root.comment_id === comment_id ? thread : talk.pointed;
    this.change({ threads, pointed });
  }

  private change(fields: Partial<Talk>): void {
    this.needs.set({ talk: { ...this.needs.get().talk, ...fields } });
  }
}

/** A page that is not full is the last. */
function isMore(page: readonly Thread[]): boolean {
  return page.length >= PAGE_THREADS;
}
