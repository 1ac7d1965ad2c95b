/** Letters, placed pictures and soft rectangles as Figma's own layers, editable, where they lie on the image. */

import type { ImageInfo, ShadeInfo, TextInfo, VersionInfo } from "../../../shared/src/protocol/messages.ts";
import { fromTuple, heightOf, widthOf } from "../../../shared/src/pixels/rect.ts";
import { type Affine, chain, mapBox, scaling, translation } from "../shared/affine.ts";
import { pixelSize } from "../shared/fit.ts";
import type { Changes } from "./changes.ts";
import { writePatch } from "./data.ts";
import { bundle, settle, topIndex } from "./overlay.ts";
import { isRepeated } from "./patches.ts";
import { type Source, toNode } from "./source.ts";

type Layers = VersionInfo["layers"];

/** Stretched more than that, letters would look wrong. */
const MOST_STRETCH = 0.01;

/** Loads what the letters need. The answer is why they cannot be set here, in words for people; null: they can. */
export async function unfit(source: Source, layers: Layers, pictures: number): Promise<string | null> {
  const map = toNode(source);
  const pixel = pixelSize(map);
  if (isRepeated(source)) return "The image is repeated; it was placed as a picture.";
  if (Math.abs(pixel.width / pixel.height - 1) > MOST_STRETCH)
    return "The image is stretched; it was placed as a picture.";
  for (const layer of layers) {
    const box = mapBox(map, fromTuple(layer.rect_px));
    const slack = pixel.width;
    const { width, height } = source.node;
    if (box.x0 < -slack || box.y0 < -slack || box.x1 > width + slack || box.y1 > height + slack) {
      return "Part of it is cropped away; it was placed as a picture.";
    }
    if (layer.kind === "image" && layer.reference > pictures)
      return "A picture is missing; it was placed as one picture.";
    if (layer.kind === "text") {
      const missing = await loadFont(layer);
      if (missing !== null) return missing;
    }
  }
  return null;
}

async function loadFont(layer: TextInfo): Promise<string | null> {
  try {
    await figma.loadFontAsync({ family: layer.family, style: layer.style });
    return null;
  } catch {
    return `The font ${layer.family} ${layer.style} is not here; the text was placed as a picture.`;
  }
}

export interface Naming {
  readonly name: string;
  readonly version: string;
  readonly parent: string | null;
  readonly marks: readonly string[] | undefined;
}

/** Sets the layers, lowest first, as one group above the image. Their fonts are loaded. */
export function putNative(
  source: Source,
  layers: Layers,
  pictures: readonly string[],
  naming: Naming,
  changes: Changes,
): SceneNode | null {
  const nodes = layers.map((layer) => {
    switch (layer.kind) {
      case "text":
        return text(source, layer, changes);
      case "shade":
        return shade(source, layer, changes);
      case "image":
        return image(source, layer, pictures[layer.reference - 1] ?? "", changes);
    }
  });
  const node = bundle(source, nodes, naming.name, changes);
  if (node !== null) {
    if (nodes.length === 1) node.name = naming.name;
    const { version, parent, marks } = naming;
    writePatch(node, { layer: source.key, version, parent, kind: "nodes", marks });
  }
  return node;
}

/** Layer px → the space of the image's node, without scale: where a node of `pixel`-scaled size goes. */
function unscaled(source: Source, at: Affine): { place: Affine; scale: number } {
  const map = chain(toNode(source), at);
  const pixel = pixelSize(map);
  return { place: chain(map, scaling(1 / pixel.width, 1 / pixel.height)), scale: pixel.width };
}

function text(source: Source, layer: TextInfo, changes: Changes): SceneNode {
  const box = fromTuple(layer.rect_px);
  const { scale } = unscaled(source, translation(0, 0));
  const index = topIndex(source);
  const node = changes.made(figma.createText());
  node.fontName = { family: layer.family, style: layer.style };
  node.fontSize = Math.max(1, layer.size_px * scale);
  node.lineHeight = { unit: "PIXELS", value: layer.line_px * scale };
  node.textAlignHorizontal = alignOf(layer.align);
  node.textAutoResize = "WIDTH_AND_HEIGHT";
  node.characters = layer.text;
  node.fills = [solid(layer.colour)];
  node.name = layer.text.split("\n", 1)[0] ?? layer.text;
  // The letters of another program are a little wider or narrower: keep the side that the lines stand on.
  const width_px = node.width / scale;
  const free_px = widthOf(box) - width_px;
  const left_px =
    box.x0 + (node.textAlignHorizontal === "LEFT" ? 0 : node.textAlignHorizontal === "RIGHT" ? free_px : free_px / 2);
  settle(source, node, unscaled(source, translation(left_px, box.y0)).place, index);
  return node;
}

function alignOf(align: string): "LEFT" | "CENTER" | "RIGHT" {
  return align === "right" ? "RIGHT" : align === "centre" || align === "center" ? "CENTER" : "LEFT";
}

function shade(source: Source, layer: ShadeInfo, changes: Changes): SceneNode {
  const node = rectangle(source, layer.rect_px, 0, changes);
  node.name = "Shade";
  node.fills = [solid(layer.colour)];
  node.cornerRadius = layer.radius_px * pixelSize(toNode(source)).width;
  return node;
}

function image(source: Source, layer: ImageInfo, hash: string, changes: Changes): SceneNode {
  const node = rectangle(source, layer.rect_px, layer.rotation, changes);
  node.name = "Picture";
  // The whole picture fills the rectangle, whatever their shapes.
  node.fills = [
    {
      type: "IMAGE",
      imageHash: hash,
      scaleMode: "CROP",
      imageTransform: [
        [1, 0, 0],
        [0, 1, 0],
      ],
    },
  ];
  node.opacity = layer.opacity;
  return node;
}

/** @param turn clockwise, in degrees, about the centre */
function rectangle(source: Source, rect_px: ImageInfo["rect_px"], turn: number, changes: Changes): RectangleNode {
  const box = fromTuple(rect_px);
  const [width, height] = [widthOf(box), heightOf(box)];
  const angle = (turn * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const about = chain(
    translation(box.x0 + width / 2, box.y0 + height / 2),
    [
      [cos, -sin, 0],
      [sin, cos, 0],
    ],
    translation(-width / 2, -height / 2),
  );
  const { place, scale } = unscaled(source, about);
  const index = topIndex(source);
  const node = changes.made(figma.createRectangle());
  node.resize(Math.max(0.01, width * scale), Math.max(0.01, height * scale));
  settle(source, node, place, index);
  return node;
}

function solid(colour: TextInfo["colour"]): SolidPaint {
  const [r, g, b, opacity] = colour;
  return { type: "SOLID", color: { r, g, b }, opacity };
}
