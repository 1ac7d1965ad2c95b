/**
 * The wire between the plugin's main thread and its frame: questions with answers, and events. Only plain data and
 * Uint8Array cross. Bytes go ahead of the message that they belong to, in chunks of 1 MiB, each acknowledged, a few
 * at a time; neither side knows how much the program would take at once.
 *
 * Both sides are one `Wire`. A frame that was closed and opened again has another session: what still comes of the
 * old one is dropped.
 */

import { HostError } from "../../../shared/src/host.ts";

export const CHUNK_BYTES = 1 << 20;
/** Chunks under way without an acknowledgement. */
const WINDOW = 2;

/** What may be asked, by name; `bytes` that go along are listed beside the body. */
export type Table = Readonly<Record<string, { readonly ask: unknown; readonly answer: unknown }>>;

export interface Parcel<T> {
  readonly body: T;
  readonly bytes: readonly Uint8Array[];
}

/** Something said about an error, so that it is one again on the other side. */
interface Failure {
  readonly code: HostError["code"];
  readonly message: string;
  readonly hint: string;
}

type Letter =
  | { readonly kind: "ask"; readonly id: number; readonly name: string; readonly body: unknown }
  | { readonly kind: "answer"; readonly id: number; readonly body: unknown }
  | { readonly kind: "failure"; readonly id: number; readonly failure: Failure }
  | { readonly kind: "event"; readonly name: string; readonly body: unknown };

type Message =
  | (Letter & { readonly inlay: string; readonly bytes: readonly number[]; readonly post: number })
  | {
      readonly inlay: string;
      readonly kind: "chunk";
      readonly post: number;
      readonly part: number;
      readonly offset: number;
      readonly total: number;
      readonly data: Uint8Array;
    }
  | { readonly inlay: string; readonly kind: "ack"; readonly post: number };

type Handler = (body: unknown, bytes: readonly Uint8Array[]) => Promise<Parcel<unknown>>;

const CODES: readonly string[] = ["gone", "changed", "modal", "too_large", "locked", "font", "failed"];

export function failureOf(error: unknown): Failure {
  if (error instanceof HostError) return { code: error.code, message: error.message, hint: error.hint };
  const message = error instanceof Error ? error.message : String(error);
  return { code: "failed", message, hint: "Try again; if it stays so, close the plugin and open it again." };
}

export class Wire<Mine extends Table, Theirs extends Table> {
  private readonly handlers = new Map<string, Handler>();
  private readonly listeners = new Map<string, (body: unknown) => void>();
  private readonly waiting = new Map<number, { resolve: (of: Parcel<never>) => void; reject: (why: Error) => void }>();
  /** Bytes that came ahead of their message. */
  private readonly arrived = new Map<number, Uint8Array[]>();
  /** Who waits for an acknowledgement, by post. */
  private readonly acks = new Map<number, () => void>();
  private next = 1;
  private closed = false;

  /** @param session both sides must name the same. @param post sends one message to the other side. */
  constructor(
    readonly session: string,
    private readonly post: (message: unknown) => void,
  ) {}

  /** Answers questions of that name. */
  answer<Name extends keyof Mine & string>(
    name: Name,
    how: (
      body: Mine[Name]["ask"],
      bytes: readonly Uint8Array[],
    ) => Promise<Mine[Name]["answer"] | Parcel<Mine[Name]["answer"]>>,
  ): void {
    this.handlers.set(name, async (body, bytes) => {
      const answer = await how(body, bytes);
      return isParcel(answer) ? answer : { body: answer, bytes: [] };
    });
  }

  /** Hears events of that name. */
  hear(name: string, how: (body: unknown) => void): void {
    this.listeners.set(name, how);
  }

  async ask<Name extends keyof Theirs & string>(
    name: Name,
    body: Theirs[Name]["ask"],
    bytes: readonly Uint8Array[] = [],
  ): Promise<Parcel<Theirs[Name]["answer"]>> {
    if (this.closed) throw new HostError("failed", "The plugin is closing.", "Open it again.");
    const id = this.next++;
    const answered = new Promise<Parcel<Theirs[Name]["answer"]>>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve, reject });
    });
    // The promise may fail before this function awaits it: it is looked at in any case below.
    answered.catch(() => undefined);
    await this.send({ kind: "ask", id, name, body }, bytes);
    return await answered;
  }

  tell(name: string, body: unknown): void {
    if (!this.closed) void this.send({ kind: "event", name, body }, []);
  }

  /** Ends all that waits; nothing is sent or heard from now on. */
  close(): void {
    this.closed = true;
    const ended = new HostError("failed", "The plugin was closed meanwhile.", "Open it again.");
    for (const { reject } of this.waiting.values()) reject(ended);
    for (const go of this.acks.values()) go();
    this.waiting.clear();
    this.acks.clear();
    this.arrived.clear();
  }

  /** One message of the other side; what is not of this session, or not ours at all, is dropped. */
  receive(raw: unknown): void {
    if (this.closed || !isMessage(raw) || raw.inlay !== this.session) return;
    if (raw.kind === "ack") {
      this.acks.get(raw.post)?.();
    } else if (raw.kind === "chunk") {
      this.take(raw);
    } else {
      const bytes = raw.bytes.length > 0 ? this.arrived.get(raw.post) : [];
      this.arrived.delete(raw.post);
      if (bytes === undefined || raw.bytes.some((length, index) => bytes[index]?.length !== length)) return;
      this.deliver(raw, bytes);
    }
  }

  private take(chunk: Extract<Message, { kind: "chunk" }>): void {
    const parts = this.arrived.get(chunk.post) ?? [];
    this.arrived.set(chunk.post, parts);
    const whole = (parts[chunk.part] ??= new Uint8Array(chunk.total));
    whole.set(chunk.data, chunk.offset);
    this.post({ inlay: this.session, kind: "ack", post: chunk.post });
  }

  private deliver(letter: Letter, bytes: readonly Uint8Array[]): void {
    switch (letter.kind) {
      case "ask":
        void this.reply(letter.id, letter.name, letter.body, bytes);
        return;
      case "answer":
        this.waiting.get(letter.id)?.resolve({ body: letter.body as never, bytes });
        this.waiting.delete(letter.id);
        return;
      case "failure": {
        const { code, message, hint } = letter.failure;
        const known = CODES.includes(code) ? code : "failed";
        this.waiting.get(letter.id)?.reject(new HostError(known, message, hint));
        this.waiting.delete(letter.id);
        return;
      }
      case "event":
        this.listeners.get(letter.name)?.(letter.body);
        return;
    }
  }

  private async reply(id: number, name: string, body: unknown, bytes: readonly Uint8Array[]): Promise<void> {
    try {
      const handler = this.handlers.get(name);
      if (handler === undefined) throw new HostError("failed", `Nothing answers “${name}”.`, "Update the plugin.");
      const answer = await handler(body, bytes);
      await this.send({ kind: "answer", id, body: answer.body }, answer.bytes);
    } catch (error) {
      await this.send({ kind: "failure", id, failure: failureOf(error) }, []);
    }
  }

  private async send(letter: Letter, bytes: readonly Uint8Array[]): Promise<void> {
    const post = this.next++;
    let open = 0;
    let go: () => void = () => undefined;
    this.acks.set(post, () => {
      open--;
      go();
    });
    for (const [part, whole] of bytes.entries()) {
      for (let offset = 0; offset === 0 || offset < whole.length; offset += CHUNK_BYTES) {
        while (open >= WINDOW && !this.isClosed()) await new Promise<void>((resolve) => (go = resolve));
        if (this.isClosed()) return;
        open++;
        const data = whole.slice(offset, offset + CHUNK_BYTES);
        this.post({ inlay: this.session, kind: "chunk", post, part, offset, total: whole.length, data });
      }
    }
    while (open > 0 && !this.isClosed()) await new Promise<void>((resolve) => (go = resolve));
    this.acks.delete(post);
    if (this.isClosed()) return;
    this.post({ inlay: this.session, ...letter, post, bytes: bytes.map((whole) => whole.length) });
  }

  private isClosed(): boolean {
    return this.closed;
  }
}

/** The answer of a handler with bytes beside it. */
export function parcel<T>(body: T, bytes: readonly Uint8Array[]): Parcel<T> {
  return { body, bytes };
}

function isParcel(of: unknown): of is Parcel<never> {
  return typeof of === "object" && of !== null && "body" in of && "bytes" in of && Object.keys(of).length === 2;
}

function isMessage(raw: unknown): raw is Message {
  return (
    typeof raw === "object" &&
    raw !== null &&
    "inlay" in raw &&
    typeof raw.inlay === "string" &&
    "kind" in raw &&
    typeof raw.kind === "string"
  );
}
