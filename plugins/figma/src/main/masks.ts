/** What is drawn over the image and selected with it: outlines, or pictures whose alpha is the mask. */

import type { Rect } from "../../../shared/src/pixels/rect.ts";
import { apply, chain, corners, inverse, mapBox, meet } from "../shared/affine.ts";
import type { MaskPart, MaskParts } from "../shared/asks.ts";
import { pixelSize, sizeBox } from "../shared/fit.ts";
import { type Parcel, parcel } from "../shared/wire.ts";
import { isPreview, readPatch } from "./data.ts";
import { nodesOf } from "./marks.ts";
import { type Picturable, pictureOf } from "./picture.ts";
import { imageFill, type Source, toPage } from "./source.ts";

type Mark = Picturable;

/** Those of the nodes that mark a part of this image, with their boxes in image px. */
export function marksOver(
  source: Source,
  nodes: readonly SceneNode[] = figma.currentPage.selection,
): readonly { readonly node: Mark; readonly box: Rect | null }[] {
  return nodes.flatMap((node) => {
    if (node.id === source.node.id || readPatch(node) !== null || isPreview(node)) return [];
    if (!node.visible || imageFill(node) !== null || !("absoluteRenderBounds" in node)) return [];
    const mark = node as Mark;
    const box = boxOnImage(source, mark);
    return box === null ? [] : [{ node: mark, box }];
  });
}

/** The mark's own box, with its blur, in the image's pixels: closer than what is upright around it on the page. */
function boxOnImage(source: Source, mark: Mark): Rect | null {
  const grow = beyond(mark);
  const own = { x0: -grow, y0: -grow, x1: mark.width + grow, y1: mark.height + grow };
  const boxes = toPage(source).flatMap((map) => {
    const toImage = chain(inverse(map), mark.absoluteTransform);
    return meet(mapBox(toImage, own), sizeBox(source.size)) ?? [];
  });
  if (boxes.length === 0) return null;
  return {
    x0: Math.floor(Math.min(...boxes.map((box) => box.x0))),
    y0: Math.floor(Math.min(...boxes.map((box) => box.y0))),
    x1: Math.ceil(Math.max(...boxes.map((box) => box.x1))),
    y1: Math.ceil(Math.max(...boxes.map((box) => box.y1))),
  };
}

/** How far strokes and effects reach out of the node. */
function beyond(mark: Mark): number {
  const [seen, bare] = [mark.absoluteRenderBounds, mark.absoluteBoundingBox];
  if (seen === null || bare === null) return 0;
  return Math.max(
    0,
    bare.x - seen.x,
    bare.y - seen.y,
    seen.x + seen.width - bare.x - bare.width,
    seen.y + seen.height - bare.y - bare.height,
  );
}

/**
 * Each mark as an outline or a picture; the pictures' bytes are beside, in their order. By their ids, since something
 * else may be selected by now.
 */
export async function maskParts(source: Source, ids: readonly string[]): Promise<Parcel<MaskParts>> {
  const maps = toPage(source);
  const parts: MaskPart[] = [];
  const pictures: Uint8Array[] = [];
  const marks = marksOver(source, await nodesOf(ids)).map((mark) => mark.node);
  const pixel = maps.reduce((least, map) => Math.min(least, pixelSize(map).width, pixelSize(map).height), Infinity);
  for (const mark of marks) {
    if (isOutline(mark)) {
      const points = corners(sizeBox(mark)).map((corner) => apply(mark.absoluteTransform, corner));
      parts.push({ kind: "outline", points });
      continue;
    }
    const picture = await pictureOf(mark, 1 / pixel, wantsSolid(mark) ? solid : () => undefined);
    if (picture === null) continue;
    parts.push({ kind: "picture", toPicture: picture.toPicture });
    pictures.push(picture.bytes);
  }
  return parcel({ size: source.size, toPage: maps, parts }, pictures);
}

/** A plain rectangle is exactly its corners; asking Figma for its picture would only round them. */
function isOutline(node: Mark): boolean {
  if (node.type === "SLICE") return true;
  if (node.type !== "RECTANGLE" && node.type !== "FRAME") return false;
  const round = [node.topLeftRadius, node.topRightRadius, node.bottomRightRadius, node.bottomLeftRadius];
  const plainFill =
    node.fills !== figma.mixed && node.fills.every((paint) => paint.visible === false || paint.type === "SOLID");
  const blurred = node.effects.some((effect) => effect.visible && effect.type === "LAYER_BLUR");
  return round.every((radius) => radius === 0) && plainFill && !blurred;
}

/** People draw marks half transparent, or as bare outlines, to see through them. What they enclose is meant. */
function wantsSolid(node: Mark): boolean {
  if (!("fills" in node) || !("effects" in node) || node.type === "TEXT") return false;
  const fills = node.fills;
  if (fills === figma.mixed) return false;
  const seen = fills.filter((paint) => paint.visible !== false);
  const shadows = node.effects.some((effect) => effect.visible && effect.type !== "LAYER_BLUR");
  const faint = seen.length > 0 && seen.every((paint) => paint.type === "SOLID" && (paint.opacity ?? 1) < 1);
  return seen.length === 0 || faint || node.opacity < 1 || shadows;
}

function solid(node: Mark): void {
  if (!("fills" in node) || !("effects" in node)) return;
  const fills = node.fills === figma.mixed ? [] : node.fills;
  const gradients = fills.filter((paint) => paint.visible !== false && paint.type !== "SOLID");
  node.fills = gradients.length > 0 ? gradients : [{ type: "SOLID", color: { r: 0, g: 0, b: 0 } }];
  node.opacity = 1;
  node.blendMode = "NORMAL";
  node.effects = node.effects.filter((effect) => effect.visible && effect.type === "LAYER_BLUR");
}
