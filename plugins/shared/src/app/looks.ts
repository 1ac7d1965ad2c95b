/** The pictures of the edit page: the layer, and the mask as a tint over it. */

import type { MaskSource } from "../host.ts";
import { trimmed } from "../pixels/raster.ts";
import type { Context } from "./context.ts";
import { keyOf } from "./layers.ts";
import { tint } from "./tint.ts";

const OVERVIEW_PX = 640;

export class Looks {
  /** What the pictures show: layer, revision and mask. */
  private shown = "";

  constructor(private readonly common: Context) {}

  /** Makes them anew where the layer or the selection changed. */
  async refresh(): Promise<void> {
    const { store, host } = this.common;
    const { target } = store.get();
    if (target === null) {
      this.shown = "";
      store.set({ overview: null, maskPicture: null });
      return;
    }
    const now = `${keyOf(target)} ${target.revision}`;
    if (now !== this.shown) {
      this.shown = now;
      const overview = await host.overview(target, OVERVIEW_PX);
      if (this.shown === now) store.set({ overview });
    }
    await this.mask();
  }

  /** Shows the chosen mask before it is sent. */
  async mask(): Promise<void> {
    const { store, host } = this.common;
    const { target, mask: choice } = store.get();
    if (target === null || choice === null || choice.source.kind === "whole") {
      store.set({ maskPicture: null });
      return;
    }
    const mask = choice.source.kind === "brush" ? choice.mask : await host.mask(target, choice.source);
    const box = mask === null ? null : trimmed(mask);
    const picture = box === null ? null : await host.picture(tint(box, target.size, OVERVIEW_PX), target);
    // Meanwhile another one may have been chosen. The same one may have been read anew: that is no other.
    const now = store.get().mask?.source;
    if (now !== undefined && isSame(now, choice.source)) {
      store.set({ mask: { source: now, mask: box }, maskPicture: picture });
    }
  }
}

function isSame(one: MaskSource, other: MaskSource): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
