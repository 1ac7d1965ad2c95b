/** A layer that gets another size: how its node and its fill become, so that the old pixels stay where they are. */

import type { Size } from "../../../shared/src/pixels/rect.ts";
import { type Affine, type Box, chain, distance, inverse, isUpright, mapBox, scaling, translation } from "./affine.ts";
import { cropFor, imageToNode, type ImageFit, pixelSize, sizeBox, turnsOf } from "./fit.ts";

/** Old pixel (x, y) is at (x0 + scale·x, y0 + scale·y) of the new image. */
export interface Change {
  readonly size: Size;
  readonly x0: number;
  readonly y0: number;
  readonly scale: number;
}

export interface Regrown {
  readonly fit: ImageFit;
  /** The node's new rectangle in its old space. */
  readonly box: Box;
  /** The old pixels could not all be kept in place. */
  readonly moved: boolean;
}

/** How near two places must be, in image pixels, to count as one. */
const NEAR_PX = 0.02;

/** Figma's own least size of a node. */
const LEAST_SIDE = 0.01;

export function regrow(fit: ImageFit, image: Size, node: Size, change: Change): Regrown {
  const old = imageToNode(fit, image, node);
  const toNew: Affine = chain(translation(change.x0, change.y0), scaling(change.scale));
  // Where the new image's pixels lie in the old node's space, so that the old ones stay.
  const map = chain(old, inverse(toNew));
  if (!isUpright(map)) return { fit: crop(cropFor(map, change.size, node)), box: sizeBox(node), moved: false };

  // The part of the new image that is shown: what was shown, grown by what grew on each side.
  const seen = mapBox(inverse(old), sizeBox(node));
  const shown: Box = {
    x0: change.scale * seen.x0,
    y0: change.scale * seen.y0,
    x1: change.scale * seen.x1 + change.size.width - change.scale * image.width,
    y1: change.scale * seen.y1 + change.size.height - change.scale * image.height,
  };
  const box = sane(mapBox(map, shown));
  const size = { width: box.x1 - box.x0, height: box.y1 - box.y0 };
  const wanted = chain(translation(-box.x0, -box.y0), map);
  for (const kept of candidates(fit, change.scale)) {
    const there = imageToNode(kept, change.size, size);
    const px = Math.min(pixelSize(wanted).width, pixelSize(wanted).height);
    if (distance(there, wanted, sizeBox(change.size)) <= NEAR_PX * px) return { fit: kept, box, moved: false };
  }
  if (fit.scaleMode === "TILE") {
    return { fit: { ...fit, scalingFactor: (fit.scalingFactor ?? 1) / change.scale }, box, moved: true };
  }
  return { fit: crop(cropFor(wanted, change.size, size)), box, moved: false };
}

/** The fill as the person set it, where that still shows the same. */
function candidates(fit: ImageFit, scale: number): readonly ImageFit[] {
  switch (fit.scaleMode) {
    case "FILL":
    case "FIT":
      return [fit];
    case "TILE":
      return [{ ...fit, scalingFactor: (fit.scalingFactor ?? 1) / scale }];
    case "CROP":
      // A crop that shows the whole image upright is what FILL does too, and FILL survives later changes better.
      return turnsOf(fit) === 0 ? [{ scaleMode: "FILL" }] : [];
  }
}

function crop(imageTransform: Affine): ImageFit {
  return { scaleMode: "CROP", imageTransform };
}

function sane(box: Box): Box {
  return {
    x0: box.x0,
    y0: box.y0,
    x1: Math.max(box.x1, box.x0 + LEAST_SIDE),
    y1: Math.max(box.y1, box.y0 + LEAST_SIDE),
  };
}
