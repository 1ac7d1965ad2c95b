/** Pictures of nodes, and exactly where their pixels are on the page. */

import { type Affine, type Box, chain, scaling, translation } from "../shared/affine.ts";
import { forget } from "./data.ts";
import { quiet } from "./quiet.ts";
import { plain } from "./source.ts";

/** A node that can be drawn by itself. */
export type Picturable = SceneNode & LayoutMixin & ExportMixin;

/** Larger pictures are not asked for: they are scaled up instead. */
const MOST_SIDE_PX = 4096;
const LEAST_SCALE = 0.01;
/** A copy is so far from its node's place that nobody sees it flash. A power of two, so that places stay exact. */
const ASIDE = 16384;
/** A hair, in picture px: a corner that should be on a whole pixel is never a hair before it. */
const HAIR = 1 / 512;

export function boundsOf(node: Picturable): Box | null {
  const bounds = node.absoluteRenderBounds ?? node.absoluteBoundingBox;
  if (bounds === null) return null;
  return { x0: bounds.x, y0: bounds.y, x1: bounds.x + bounds.width, y1: bounds.y + bounds.height };
}

/**
 * The node's picture with `scale` pixels a page unit, and the map page → its pixels; null when it shows nothing.
 *
 * It is taken of a copy, whose corner lies on a whole pixel: how Figma rounds a picture of a node between pixels is
 * not written anywhere. `alter` may change the copy first.
 */
export async function pictureOf(
  node: Picturable,
  scale: number,
  alter: (copy: Picturable) => void = () => undefined,
): Promise<{ readonly bytes: Uint8Array; readonly toPicture: Affine } | null> {
  const copy = quiet(node.clone() as Picturable);
  try {
    forget(copy);
    figma.currentPage.appendChild(copy);
    alter(copy);
    const place = node.absoluteTransform;
    move(copy, place, ASIDE, 0);
    const bounds = boundsOf(copy);
    if (bounds === null) return null;
    const longest = Math.max(bounds.x1 - bounds.x0, bounds.y1 - bounds.y0);
    const value = Math.max(LEAST_SCALE, Math.min(scale, MOST_SIDE_PX / longest));
    move(copy, place, ASIDE + snap(bounds.x0, value) - bounds.x0, snap(bounds.y0, value) - bounds.y0);
    const [x0, y0] = [bounds.x0 - ASIDE, bounds.y0];
    const constraint = { type: "SCALE", value } as const;
    const bytes = await copy.exportAsync({ format: "PNG", constraint, colorProfile: "DOCUMENT" });
    return { bytes, toPicture: chain(translation(HAIR, HAIR), scaling(value), translation(-x0, -y0)) };
  } finally {
    if (!copy.removed) copy.remove();
  }
}

function snap(at: number, scale: number): number {
  return (Math.round(at * scale) + HAIR) / scale;
}

function move(copy: Picturable, place: Transform, x: number, y: number): void {
  copy.relativeTransform = plain(chain(translation(x, y), place));
}
