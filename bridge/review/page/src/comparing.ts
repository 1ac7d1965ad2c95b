/** Which version is looked at closely, with which it is compared, and how: the part of the page behind the viewer. */

import { BridgeError } from "../../../../plugins/shared/src/bridge/errors.ts";
import type { Link } from "../../../../plugins/shared/src/bridge/link.ts";
import type { Store } from "../../../../plugins/shared/src/app/store.ts";
import type { VersionCanvasIs, VersionCompareIs } from "../../../../plugins/shared/src/protocol/messages.ts";
import type { PageState } from "./state.ts";

export type Mode = "alone" | "slider" | "side" | "onion" | "blink" | "difference";
/** How much a difference is multiplied; "fit": so that the largest is white. */
export type Gain = 1 | 8 | 64 | "fit";

export interface Comparing {
  readonly mode: Mode;
  readonly gain: Gain;
  /** What somebody chose to compare with; null: the version before. */
  readonly with_id: string | null;
  /** Of the version that is looked at; null: on its way. */
  readonly canvas: VersionCanvasIs | null;
  /** Of the version that it is compared with, with where that lies in this one; null: on its way, or there is none. */
  readonly other: VersionCanvasIs | null;
  /** How the two differ; null: nobody has asked, or it is being counted. */
  readonly figures: VersionCompareIs | null;
}

export const NOT_YET: Comparing = { mode: "slider", gain: 8, with_id: null, canvas: null, other: null, figures: null };

/** The version to compare with, which may not have come yet; null: there is none. */
export function otherOf({ versions, version_id, comparing }: PageState): string | null {
  if (comparing.with_id !== null && comparing.with_id !== version_id) return comparing.with_id;
  return versions.find((one) => one.version_id === version_id)?.parent_id ?? null;
}

/** Not all modes are of use everywhere. */
export function modeOf(state: PageState): Mode {
  return otherOf(state) === null ? "alone" : state.comparing.mode;
}

export class Comparer {
  /** Whole ones never change. */
  private readonly whole = new Map<string, VersionCanvasIs>();

  constructor(
    private readonly store: Store<PageState>,
    private readonly connected: () => Link,
    private readonly guarded: (work: () => Promise<void>) => Promise<void>,
  ) {}

  setMode(mode: Mode): void {
    this.set({ mode });
    if (mode === "difference") void this.guarded(() => this.look());
  }

  setGain(gain: Gain): void {
    this.set({ gain });
  }

  /** Compares what is looked at with this version; null: with the one before. */
  compareWith(with_id: string | null): void {
    const { mode } = this.store.get().comparing;
    this.set({ with_id, other: null, figures: null, mode: mode === "alone" ? "slider" : mode });
    void this.guarded(() => this.look());
  }

  /** What is looked at may be another, or more of it may be known. */
  async look(): Promise<void> {
    const link = this.connected();
    const { version_id } = this.store.get();
    if (version_id === null) return;
    if (this.store.get().comparing.canvas?.version_id !== version_id)
      this.set({ canvas: null, other: null, figures: null });
    const canvas = await this.canvas(link, version_id, null);
    const still = (): boolean => this.store.get().version_id === version_id;
    if (still()) this.set({ canvas });
    const wanted = otherOf(this.store.get());
    const other = wanted === null ? null : await this.canvas(link, wanted, version_id);
    if (!still() || otherOf(this.store.get()) !== wanted) return;
    this.set({ other });
    if (wanted === null || this.store.get().comparing.mode !== "difference") return;
    const fields = { from_version_id: wanted, version_id };
    const figures = await link.request("version.compare", fields, "version.compare.is");
    if (still() && otherOf(this.store.get()) === wanted) this.set({ figures });
  }

  /** Somebody shared the layer's picture: also what was known to be whole may be another. */
  forget(): void {
    this.whole.clear();
  }

  /** One pixel in the layer's own numbers; null where there is none to be had. */
  async pixel(version_id: string, x: number, y: number): Promise<readonly number[] | null> {
    try {
      const told = await this.connected().request("version.pixel", { version_id, x, y }, "version.pixel.is");
      return told.values;
    } catch (error) {
      if (error instanceof BridgeError) return null;
      throw error;
    }
  }

  private async canvas(link: Link, version_id: string, onto_id: string | null): Promise<VersionCanvasIs> {
    const key = `${version_id} ${onto_id ?? ""}`;
    // The same object as long as it says the same: whoever draws it has nothing to do then.
    const known = this.whole.get(key);
    if (known !== undefined) return known;
    const canvas = await link.request("version.canvas", { version_id, onto_id }, "version.canvas.is");
    if (canvas.known.length === 0) this.whole.set(key, canvas);
    return canvas;
  }

  private set(change: Partial<Comparing>): void {
    const { comparing } = this.store.get();
    this.store.set({ comparing: { ...comparing, ...change } });
  }
}
