/** One open connection: requests with answers, and everything else to whoever listens. */

import { decode, encode, Unreadable } from "../protocol/codec.ts";
import type { ClientMessage, ClientMessageByType, ServerMessage, ServerMessageByType } from "../protocol/messages.ts";
import { type BridgeError, Lost, Refused, unexpected } from "./errors.ts";
import { type Platform, type Socket } from "./platform.ts";

/** How long a socket may take to open, and the bridge to answer a ping. */
const OPEN_MS = 8_000;
const PONG_MS = 10_000;
/** A ping after so long without a word. */
const QUIET_MS = 20_000;

type Requests = Extract<ClientMessage, { readonly id: number }>;
type RequestType = Requests["type"];
/** A request without its number. */
export type Request<K extends RequestType> = Omit<ClientMessageByType[K], "id">;
type Answers = { [K in keyof ServerMessageByType]: ServerMessageByType[K] extends { readonly re: number } ? K : never };
export type AnswerType = Answers[keyof ServerMessageByType];

interface Waiting {
  readonly resolve: (message: ServerMessage) => void;
  readonly reject: (error: BridgeError) => void;
}

export interface LinkHandlers {
  /** A message that answers no request. What it throws ends the connection. */
  message(message: ServerMessage): void;
  /** The connection has ended; called once, and only after it was open. */
  closed(): void;
}

export class Link {
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;
  private stopPing: () => void = () => undefined;
  private open = true;

  private constructor(
    private readonly platform: Platform,
    private readonly socket: Socket,
    private readonly handlers: LinkHandlers,
  ) {
    this.pingLater();
  }

  /** Opens a socket; rejects with `Lost` when it does not open in time. */
  static connect(platform: Platform, url: string, handlers: LinkHandlers): Promise<Link> {
    return new Promise((resolve, reject) => {
      let link: Link | null = null;
      const socket = platform.openSocket(url, {
        opened: () => {
          stop();
          link = new Link(platform, socket, handlers);
          resolve(link);
        },
        received: (data) => link?.receive(data),
        closed: () => {
          stop();
          if (link === null) reject(new Lost());
          else link.ended();
        },
      });
      const stop = platform.timer(OPEN_MS, () => {
        socket.close();
        reject(new Lost());
      });
    });
  }

  get isOpen(): boolean {
    return this.open;
  }

  /** Sends without waiting; nothing happens on a connection that has ended. */
  send(message: ClientMessage): void {
    if (this.open) this.socket.send(encode(message));
  }

  /** A number for a request that is sent by `send`, whose answer `answerTo` waits for. */
  number(): number {
    return this.nextId++;
  }

  /** Sends a request and waits for its answer. Rejects with `Refused` or `Lost`. */
  async request<K extends RequestType, A extends AnswerType>(
    type: K,
    fields: Omit<Request<K>, "type">,
    answer: A,
  ): Promise<ServerMessageByType[A]> {
    const id = this.number();
    const answered = this.answerTo(id);
    this.send({ ...fields, type, id } as unknown as ClientMessage);
    const message = await answered;
    if (message.type !== answer) throw unexpected(message);
    return message as ServerMessageByType[A];
  }

  /** The answer to the request of that number. */
  answerTo(id: number): Promise<ServerMessage> {
    return new Promise((resolve, reject) => {
      if (!this.open) reject(new Lost());
      else this.waiting.set(id, { resolve, reject });
    });
  }

  close(): void {
    this.socket.close();
    this.ended();
  }

  private receive(data: Uint8Array): void {
    if (!this.open) return;
    this.pingLater();
    let message: ServerMessage;
    try {
      message = decode(data);
    } catch (error) {
      if (error instanceof Unreadable) {
        this.close();
        return;
      }
      throw error;
    }
    const waiting = "re" in message && message.re !== null ? this.waiting.get(message.re) : undefined;
    // A patch says which request it is for, and is not yet its answer.
    if (waiting === undefined || !("re" in message) || message.re === null || message.type === "patch.begin") {
      try {
        this.handlers.message(message);
      } catch (error) {
        // Whoever waits for something on this connection would wait for ever.
        this.close();
        throw error;
      }
      return;
    }
    this.waiting.delete(message.re);
    if (message.type === "error") waiting.reject(new Refused(message));
    else waiting.resolve(message);
  }

  private ended(): void {
    if (!this.open) return;
    this.open = false;
    this.stopPing();
    for (const waiting of this.waiting.values()) waiting.reject(new Lost());
    this.waiting.clear();
    this.handlers.closed();
  }

  /** A socket may be dead without saying so (a laptop that slept): ask after a while of silence. */
  private pingLater(): void {
    this.stopPing();
    this.stopPing = this.platform.timer(QUIET_MS, () => {
      this.stopPing = this.platform.timer(PONG_MS, () => this.close());
      const id = this.number();
      this.answerTo(id).catch(() => undefined);
      this.send({ type: "ping", id });
    });
  }
}
