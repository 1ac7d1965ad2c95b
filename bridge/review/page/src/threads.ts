/** Comments as threads: what is known of them, and what an event changes in it. Pure. */

import type {
  CommentInfo,
  Event,
  PinInfo,
  PlaceInfo,
  ThreadInfo,
  VersionThreads,
} from "../../../../plugins/shared/src/protocol/messages.ts";

export type Thread = ThreadInfo;
export type Which = "open" | "mine" | "all";

/** Which threads a list shows: of one version, or of all its layer's (`version_id` null). */
export interface Filter {
  readonly which: Which;
  readonly version_id: string | null;
}

export interface Talk {
  readonly which: Which;
  /** Threads of all versions, not only of the chosen one. */
  readonly everywhere: boolean;
  /** Newest first; those that were resolved while one looked stay until the list is read anew. */
  readonly threads: readonly Thread[];
  /** How many there are; null until the first page is here. */
  readonly total: number | null;
  readonly more: boolean;
  /** One that is pointed at and is not in the list. */
  readonly pointed: Thread | null;
  /** By version, of those on which a thread began. */
  readonly counts: ReadonlyMap<string, VersionThreads>;
  /** Where the newest open threads are on the chosen version. */
  readonly pins: readonly PinInfo[];
  /** How many open threads of the layer have a place. */
  readonly pinned: number;
}

export const SILENCE: Talk = {
  which: "open",
  everywhere: false,
  threads: [],
  total: null,
  more: false,
  pointed: null,
  counts: new Map(),
  pins: [],
  pinned: 0,
};

/** How many threads began on a version, or on all of them (null): open ones, or all. */
export function countOf({ counts }: Talk, which: "open" | "all", version_id: string | null): number {
  if (version_id !== null) return counts.get(version_id)?.[which] ?? 0;
  let sum = 0;
  for (const one of counts.values()) sum += one[which];
  return sum;
}

/** All that is known of threads: those in the list, and the one that is pointed at. */
export function known({ threads, pointed }: Talk): readonly Thread[] {
  if (pointed === null || threads.some(({ root }) => root.comment_id === pointed.root.comment_id)) return threads;
  return [pointed, ...threads];
}

/** The thread with this comment, if it is here. */
export function threadWith(talk: Talk, comment_id: string): Thread | undefined {
  return known(talk).find(
    ({ root, replies }) => root.comment_id === comment_id || replies.some((reply) => reply.comment_id === comment_id),
  );
}

/** Where to draw a pin on the chosen version: the newest open threads, and whatever is shown in the list. */
export interface Pin {
  readonly comment_id: string;
  readonly number: number;
  readonly author: string;
  readonly text: string;
  readonly rect_px: NonNullable<PlaceInfo["rect_px"]>;
}

export function pinsOf(talk: Talk, places: ReadonlyMap<string, PlaceInfo>, thread_id: string | null): readonly Pin[] {
  const pins = new Map<string, Pin>();
  const add = (comment_id: string, about: Omit<Pin, "comment_id" | "rect_px">, place: PlaceInfo | undefined): void => {
    if (place?.where === "here" && place.rect_px !== null)
      pins.set(comment_id, { comment_id, ...about, rect_px: place.rect_px });
  };
  for (const { comment_id, number, author, text, place } of talk.pins) add(comment_id, { number, author, text }, place);
  for (const { root, number } of known(talk)) {
    const { comment_id, author, text, resolved_at } = root;
    if (resolved_at === null || comment_id === thread_id)
      add(comment_id, { number, author, text }, places.get(comment_id));
    else pins.delete(comment_id);
  }
  return [...pins.values()];
}

/** With another page behind what is here. */
export function joined(threads: readonly Thread[], page: readonly Thread[]): readonly Thread[] {
  const here = new Set(threads.map(({ root }) => root.comment_id));
  return [...threads, ...page.filter(({ root }) => !here.has(root.comment_id))];
}

/** With a thread in its place: newest first, once. */
export function withThread(threads: readonly Thread[], thread: Thread): readonly Thread[] {
  const others = threads.filter(({ root }) => root.comment_id !== thread.root.comment_id);
  const at = others.findIndex(({ seq }) => seq < thread.seq);
  return at < 0 ? [...others, thread] : [...others.slice(0, at), thread, ...others.slice(at)];
}

/** What was read before an event does not tell of it yet. */
export interface News {
  readonly counts: boolean;
  readonly list: boolean;
}

export interface Heard {
  readonly talk: Talk;
  /** A thread that belongs here now and of which not enough is known: it is to be asked for. */
  readonly missing: string | null;
  /** Where pins are has to be asked for. */
  readonly pins: boolean;
}

/**
 * What an event of a comment changes.
 *
 * @param filter of the list.
 * @param news for what it is news: for the counts, for the list.
 */
export function heard(talk: Talk, event: Event, filter: Filter, me: string | null, news: News): Heard {
  const { comment } = event;
  if (comment === null) return { talk, missing: event.comment_id ?? null, pins: true };
  const counts = news.counts ? recounted(talk, event, comment) : talk.counts;
  const next = { ...talk, counts };
  if (comment.reply_to !== null)
    return answered(next, comment, news.list && event.kind === "comment.added", filter, me);
  const threads = next.threads.map((thread) =>
    thread.root.comment_id === comment.comment_id ? { ...thread, root: comment } : thread,
  );
  const pointed =
    next.pointed?.root.comment_id === comment.comment_id ? { ...next.pointed, root: comment } : next.pointed;
  const isHere = talk.threads.some(({ root }) => root.comment_id === comment.comment_id);
  const belongs = isIn(comment, filter, me);
  const changes = { ...next, threads, pointed };
  const pins = comment.rect_px !== null && event.kind !== "comment.changed";
  switch (event.kind) {
    case "comment.added": {
      if (isHere || !belongs) return { talk: changes, missing: null, pins };
      const number = Math.max(countOf(next, "all", null), 1 + Math.max(0, ...threads.map((thread) => thread.number)));
      const thread: Thread = { root: comment, number, seq: event.seq, reply_count: 0, replies: [] };
      return { talk: { ...changes, threads: [thread, ...threads], total: plus(talk.total, 1) }, missing: null, pins };
    }
    case "comment.resolved":
    case "comment.reopened": {
      const reopened = event.kind === "comment.reopened";
      // One that was resolved stays to be seen until the list is read anew: whoever did it may want it back.
      const total =
        filter.which === "open" && news.list && matches(comment, filter)
          ? plus(talk.total, reopened ? 1 : -1)
          : talk.total;
      return { talk: { ...changes, total }, missing: belongs && !isHere ? comment.comment_id : null, pins };
    }
    default:
      return { talk: changes, missing: null, pins };
  }
}

function answered(talk: Talk, answer: CommentInfo, added: boolean, filter: Filter, me: string | null): Heard {
  const root_id = answer.reply_to ?? "";
  const told = (thread: Thread): Thread => {
    if (thread.root.comment_id !== root_id) return thread;
    const isKnown = thread.replies.some((reply) => reply.comment_id === answer.comment_id);
    if (isKnown) {
      const replies = thread.replies.map((reply) => (reply.comment_id === answer.comment_id ? answer : reply));
      return { ...thread, replies };
    }
    if (!added) return thread;
    return { ...thread, replies: [...thread.replies, answer], reply_count: thread.reply_count + 1 };
  };
  const threads = talk.threads.map(told);
  const isHere = talk.threads.some(({ root }) => root.comment_id === root_id);
  const mine = filter.which === "mine" && isMine(answer, me);
  return {
    talk: { ...talk, threads, pointed: talk.pointed === null ? null : told(talk.pointed) },
    missing: mine && !isHere ? root_id : null,
    pins: false,
  };
}

function recounted(talk: Talk, event: Event, comment: CommentInfo): Talk["counts"] {
  if (comment.reply_to !== null) return talk.counts;
  const [open, all] =
    { "comment.added": [1, 1], "comment.resolved": [-1, 0], "comment.reopened": [1, 0] }[event.kind] ?? [];
  if (open === undefined || all === undefined) return talk.counts;
  const { version_id } = comment;
  const before = talk.counts.get(version_id) ?? { version_id, open: 0, all: 0 };
  const now = { version_id, open: Math.max(0, before.open + open), all: before.all + all };
  return new Map([...talk.counts, [version_id, now]]);
}

function matches(root: CommentInfo, { version_id }: Filter): boolean {
  return version_id === null || root.version_id === version_id;
}

function isIn(root: CommentInfo, filter: Filter, me: string | null): boolean {
  if (!matches(root, filter)) return false;
  if (filter.which === "open") return root.resolved_at === null;
  return filter.which === "all" || isMine(root, me);
}

/** Said by this person, or to them. */
function isMine(comment: CommentInfo, me: string | null): boolean {
  return comment.person_id === me || comment.mentions.some((one) => one === me);
}

function plus(total: number | null, by: number): number | null {
  return total === null ? null : Math.max(0, total + by);
}
