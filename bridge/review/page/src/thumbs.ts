/** Small pictures of the versions that are seen in the tree, and of no others. */

import type { Link } from "../../../../plugins/shared/src/bridge/link.ts";
import type { Shot } from "./state.ts";
import type { Shots } from "./shots.ts";

const THUMB_PX = 96;
/** The bridge makes so many pictures at once. */
const AT_ONCE = 2;

/** A list that is scrolled quickly asks for nothing until it rests. */
const REST_MS = 120;

export interface ThumbsNeeds {
  /** null while there is none, or while what is looked at comes first. */
  readonly link: () => Link | null;
  readonly timer: (ms: number, ring: () => void) => () => void;
}

export class Thumbs {
  private wanted: readonly string[] = [];
  private readonly asked = new Set<string>();
  private readonly none = new Set<string>();
  private readonly listening = new Map<string, Set<() => void>>();
  private running = 0;
  private isResting = false;
  private stopResting: () => void = () => undefined;

  constructor(
    private readonly shots: Shots,
    private readonly needs: ThumbsNeeds,
  ) {}

  /** The picture, if it is here. */
  get(version_id: string): Shot | null {
    return this.shots.held(version_id, "after", THUMB_PX);
  }

  /** Calls when the picture of a version has come: where it is shown alone, so that nothing else is drawn anew. */
  listen(version_id: string, listener: () => void): () => void {
    const listeners = this.listening.get(version_id) ?? new Set();
    this.listening.set(version_id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.listening.get(version_id) === listeners) this.listening.delete(version_id);
    };
  }

  /** These are seen now; what was wanted before and is seen no more is not asked for. */
  want(version_ids: readonly string[]): void {
    this.wanted = version_ids;
    this.stopResting();
    this.isResting = false;
    this.stopResting = this.needs.timer(REST_MS, () => {
      this.isResting = true;
      this.go();
    });
  }

  /** There is a connection, or time for this. */
  go(): void {
    while (this.isResting && this.running < AT_ONCE) {
      const link = this.needs.link();
      const next = this.wanted.find((id) => this.get(id) === null && !this.asked.has(id) && !this.none.has(id));
      if (link === null || next === undefined) return;
      this.asked.add(next);
      this.running += 1;
      void this.fetch(link, next);
    }
  }

  private async fetch(link: Link, version_id: string): Promise<void> {
    const shot = await this.shots.find(link, version_id, "after", THUMB_PX);
    this.running -= 1;
    this.asked.delete(version_id);
    if (shot !== null) for (const listener of this.listening.get(version_id) ?? []) listener();
    else if (this.needs.link() === link) this.none.add(version_id);
    this.go();
  }
}
