/** Who else is here, what they look at and where they point; and what they are told of oneself. */

import type { Link } from "../../../../plugins/shared/src/bridge/link.ts";
import { Store } from "../../../../plugins/shared/src/app/store.ts";
import type { PresentInfo, ServerMessage } from "../../../../plugins/shared/src/protocol/messages.ts";
import type { Review } from "./review.ts";

export interface Cursor {
  readonly person_id: string;
  readonly version_id: string;
  /** In the layer's pixels. */
  readonly x: number;
  readonly y: number;
}

/** Apart from the page's state: it changes many times a second, and only the cursors are drawn anew. */
export interface Cursors {
  readonly cursors: ReadonlyMap<string, Cursor>;
}

/** At most some 15 positions a second; whoever walks through the tree by keys is told of where they stop. */
const POINT_MS = 66;
const LOOK_MS = 120;

export class Here {
  readonly cursors = new Store<Cursors>({ cursors: new Map() });
  private link: Link | null = null;
  /** What the others were told last, and what they are to be told. */
  private told = "";
  private pointed: readonly [number, number] | null = null;
  private pointing: readonly [number, number] | null = null;
  private waits = false;
  private stopLook: () => void = () => undefined;

  constructor(private readonly review: Review) {
    review.store.subscribe(() => this.moved());
  }

  /** Connected, and let into the document. */
  ready(link: Link): void {
    this.link = link;
    this.told = "";
    this.pointed = null;
    this.look();
  }

  lost(): void {
    this.link = null;
    this.stopLook();
    this.review.store.set({ here: [] });
    this.cursors.set({ cursors: new Map() });
  }

  /** Whether it was about who is here. */
  receive(message: ServerMessage): boolean {
    if (message.type === "presence") this.are(message.people);
    else if (message.type === "presence.at") {
      const { person_id, version_id, at_px } = message;
      const cursor: Cursor = { person_id, version_id, x: at_px[0], y: at_px[1] };
      this.cursors.set({ cursors: new Map([...this.cursors.get().cursors, [person_id, cursor]]) });
    } else return false;
    return true;
  }

  /** One points at this pixel of the version that one looks at; null: no more. */
  point(at: readonly [number, number] | null): void {
    this.pointing = at;
    if (this.waits) return;
    this.say();
    this.waits = true;
    this.review.platform.timer(POINT_MS, () => {
      this.waits = false;
      if (this.pointing !== this.pointed) this.point(this.pointing);
    });
  }

  /** Goes wherever they go, until one goes somewhere oneself; null: stops. */
  follow(person_id: string | null): void {
    this.review.store.set({ following: person_id });
    this.pursue();
  }

  private say(): void {
    if (this.pointing === this.pointed) return;
    this.pointed = this.pointing;
    this.link?.send({ type: "presence.point", at_px: this.pointed });
  }

  private are(here: readonly PresentInfo[]): void {
    const { following } = this.review.store.get();
    const isGone = following !== null && !here.some((one) => one.person_id === following);
    this.review.store.set({ here, ...(isGone ? { following: null } : {}) });
    const pointing = new Set(here.filter((one) => one.points).map((one) => one.person_id));
    const { cursors } = this.cursors.get();
    if ([...cursors.keys()].some((id) => !pointing.has(id))) {
      this.cursors.set({ cursors: new Map([...cursors].filter(([id]) => pointing.has(id))) });
    }
    this.pursue();
  }

  private pursue(): void {
    const { following, here, layer_id, version_id } = this.review.store.get();
    const one = here.find(({ person_id }) => person_id === following);
    if (one === undefined || one.layer_id === null || one.version_id === null) return;
    if (one.layer_id === layer_id && one.version_id === version_id) return;
    this.review.go(one.layer_id, one.version_id);
  }

  /** One may have gone elsewhere. */
  private moved(): void {
    if (this.link === null || this.now() === this.told) return;
    this.stopLook();
    this.stopLook = this.review.platform.timer(LOOK_MS, () => this.look());
  }

  private look(): void {
    if (this.link === null || this.now() === this.told) return;
    this.told = this.now();
    // It was a place on the version that was shown before.
    this.pointed = this.pointing = null;
    const { layer_id, version_id } = this.review.store.get();
    const { document_id } = this.review;
    this.link
      .request("presence.look", { document_id, layer_id, version_id }, "done")
      // Lost, or out of the document: both are told elsewhere.
      .catch(() => undefined);
  }

  private now(): string {
    const { layer_id, version_id } = this.review.store.get();
    return `${layer_id} ${version_id}`;
  }
}
