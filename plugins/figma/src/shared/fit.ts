/**
 * Where the pixels of an image fill lie on its node: image px → the node's own space ((0, 0) to its width and height).
 *
 * Facts: FILL and FIT scale evenly and centre; CROP's `imageTransform` takes the node's unit square to the image's;
 * TILE repeats from the node's corner at `scalingFactor`; `rotation` turns the image clockwise in quarters, in all but
 * CROP. (plugin-api.d.ts, ImagePaint; the direction is how other readers of Figma files draw it.)
 */

import type { Size } from "../../../shared/src/pixels/rect.ts";
import {
  type Affine,
  apply,
  boxAround,
  chain,
  corners,
  inverse,
  mapBox,
  meet,
  scaling,
  translation,
} from "./affine.ts";
import type { Box } from "./affine.ts";

/** What of an image fill decides where its pixels are. */
export interface ImageFit {
  readonly scaleMode: "FILL" | "FIT" | "CROP" | "TILE";
  /** CROP only. */
  readonly imageTransform?: Affine | undefined;
  /** TILE only. */
  readonly scalingFactor?: number | undefined;
  /** Degrees, a multiple of 90. */
  readonly rotation?: number | undefined;
}

/** More repetitions than that are not looked at one by one. */
const MOST_REPEATS = 400;

export function sizeBox(size: Size): Box {
  return { x0: 0, y0: 0, x1: size.width, y1: size.height };
}

export function turnsOf(fit: ImageFit): 0 | 1 | 2 | 3 {
  const quarters = Math.round((fit.rotation ?? 0) / 90) % 4;
  return ((quarters + 4) % 4) as 0 | 1 | 2 | 3;
}

/** Image px → px of the image turned by quarters, its corner at (0, 0) again. */
function turned(image: Size, turns: 0 | 1 | 2 | 3): { readonly map: Affine; readonly size: Size } {
  const { width, height } = image;
  switch (turns) {
    case 0:
      return { map: scaling(1), size: image };
    case 1:
      return {
        map: [
          [0, -1, height],
          [1, 0, 0],
        ],
        size: { width: height, height: width },
      };
    case 2:
      return {
        map: [
          [-1, 0, width],
          [0, -1, height],
        ],
        size: image,
      };
    case 3:
      return {
        map: [
          [0, 1, 0],
          [-1, 0, width],
        ],
        size: { width: height, height: width },
      };
  }
}

/** Image px → node space; for TILE the first tile. Throws RangeError for a crop that has no area. */
export function imageToNode(fit: ImageFit, image: Size, node: Size): Affine {
  if (fit.scaleMode === "CROP") {
    const crop = fit.imageTransform ?? scaling(1);
    return chain(scaling(node.width, node.height), inverse(crop), scaling(1 / image.width, 1 / image.height));
  }
  const { map, size } = turned(image, turnsOf(fit));
  if (fit.scaleMode === "TILE") return chain(scaling(fit.scalingFactor ?? 1), map);
  const [wide, high] = [node.width / size.width, node.height / size.height];
  const scale = fit.scaleMode === "FILL" ? Math.max(wide, high) : Math.min(wide, high);
  const centred = translation((node.width - scale * size.width) / 2, (node.height - scale * size.height) / 2);
  return chain(centred, scaling(scale), map);
}

/** Image px → node space for every repetition that can be seen; one for all modes but TILE. */
export function repeats(fit: ImageFit, image: Size, node: Size): readonly Affine[] {
  const first = imageToNode(fit, image, node);
  if (fit.scaleMode !== "TILE") return [first];
  const tile = mapBox(first, sizeBox(image));
  const [wide, high] = [tile.x1 - tile.x0, tile.y1 - tile.y0];
  const [across, down] = [Math.ceil(node.width / wide - 1e-6), Math.ceil(node.height / high - 1e-6)];
  if (across * down > MOST_REPEATS) return [first];
  const all: Affine[] = [];
  for (let row = 0; row < Math.max(1, down); row++) {
    for (let column = 0; column < Math.max(1, across); column++) {
      all.push(chain(translation(column * wide, row * high), first));
    }
  }
  return all;
}

/** The `imageTransform` that shows an image where `map` (its px → node space) says. */
export function cropFor(map: Affine, image: Size, node: Size): Affine {
  return chain(scaling(1 / image.width, 1 / image.height), inverse(map), scaling(node.width, node.height));
}

/** The box of the image's own pixels that can be seen on the node; null when none can. */
export function visiblePart(fit: ImageFit, image: Size, node: Size): Box | null {
  if (fit.scaleMode === "TILE" && repeats(fit, image, node).length > 1) return sizeBox(image);
  const map = imageToNode(fit, image, node);
  return meet(mapBox(inverse(map), sizeBox(node)), sizeBox(image));
}

/** How many node units an image pixel is, along its two axes. */
export function pixelSize(map: Affine): Size {
  return { width: Math.hypot(map[0][0], map[1][0]), height: Math.hypot(map[0][1], map[1][1]) };
}

/** The rectangle of the node (in its own space) that shows this part of the image, and no more than the node. */
export function partOnNode(map: Affine, part: Box, node: Size): Box | null {
  return meet(boxAround(corners(part).map((corner) => apply(map, corner))), sizeBox(node));
}
