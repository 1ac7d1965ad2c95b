/** Taking away: the bridge makes a file, says how far it is, and gives it once, at an address that is told to us alone. */

import { BridgeError, unexpected } from "../../../../plugins/shared/src/bridge/errors.ts";
import type { Link } from "../../../../plugins/shared/src/bridge/link.ts";
import type { Problem } from "../../../../plugins/shared/src/app/state.ts";
import type {
  LayerInfo,
  ServerMessage,
  TakeArchive,
  TakeIs,
  TakePicture,
  TakeReport,
} from "../../../../plugins/shared/src/protocol/messages.ts";
import type { Review } from "./review.ts";

export type Kind = NonNullable<TakePicture["kind"]>;
type Wish = Omit<TakePicture, "id"> | Omit<TakeReport, "id"> | Omit<TakeArchive, "id">;

export interface TakeState {
  /** What is being made, and how much of it is: 0 … 1. */
  readonly making: {
    readonly type: Wish["type"];
    readonly done: number;
  } | null;
  /** What came of the last wish. */
  readonly made: {
    readonly type: Wish["type"];
    readonly name: string;
    readonly bytes: number;
    readonly notes: readonly string[];
  } | null;
  readonly failed: (Problem & { readonly type: Wish["type"] }) | null;
}

export const NOTHING_TAKEN: TakeState = {
  making: null,
  made: null,
  failed: null,
};

export class Take {
  private request_id: number | null = null;

  constructor(private readonly review: Review) {}

  /** Makes it, and hands it to the browser to be saved. */
  async wish(wish: Wish): Promise<void> {
    const { type } = wish;
    this.set({ making: { type, done: 0 }, made: null, failed: null });
    try {
      const made = await this.ask(this.review.connected(), wish);
      download(`/take/${made.token}`);
      this.set({
        making: null,
        made: { type, name: made.name, bytes: made.bytes, notes: made.notes },
        failed: null,
      });
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
      const { code, message, hint } = error;
      this.set({
        making: null,
        made: null,
        failed: { type, code, message, hint },
      });
    } finally {
      this.request_id = null;
    }
  }

  /** What was said of the last one is read. */
  forget(): void {
    if (this.review.store.get().take.making === null) this.set(NOTHING_TAKEN);
  }

  /** Whether it was about a file that is made. */
  receive(message: ServerMessage): boolean {
    if (message.type !== "take.progress") return false;
    const { making } = this.review.store.get().take;
    if (making !== null && message.request_id === this.request_id) {
      this.set({
        making: { ...making, done: message.done },
        made: null,
        failed: null,
      });
    }
    return true;
  }

  private async ask(link: Link, wish: Wish): Promise<TakeIs> {
    // With a number that we know: what is said on the way names it.
    const id = link.number();
    this.request_id = id;
    const answered = link.answerTo(id);
    link.send({ ...wish, id });
    const message = await answered;
    if (message.type !== "take.is") throw unexpected(message);
    return message;
  }

  private set(take: TakeState): void {
    this.review.store.set({ take });
  }
}

/** Why such a file cannot hold the layer exactly; null: it can. The bridge decides, this is only said beforehand. */
export function unfit(kind: Kind, layer: Pick<LayerInfo, "depth" | "alpha">): string | null {
  if (kind === "tiff") return null;
  if (layer.depth === "f32") return "32 bit float fits only TIFF";
  if (layer.alpha === "premultiplied") return "premultiplied alpha fits only TIFF";
  return kind === "webp" && layer.depth !== "u8" ? "WebP has 8 bits" : null;
}

/** “740 bytes”, “12 kB”, “3.4 MB”. */
export function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1e6) return `${Math.round(bytes / 1000)} kB`;
  const [count, unit] = bytes < 1e9 ? [bytes / 1e6, "MB"] : [bytes / 1e9, "GB"];
  return `${count.toFixed(count < 10 ? 1 : 0)} ${unit}`;
}

/** The browser saves what is at that address, under the name that comes with it. */
function download(address: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = "";
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
}
