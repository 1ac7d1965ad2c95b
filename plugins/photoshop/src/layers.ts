/** The tree of layers: finding, order, bounds. Photoshop lists layers from the top down. */

import type { Edges, List, Photoshop, PsDocument, PsLayer } from "./api.ts";
import { intersect, rect, rectOf, type Rect } from "../../shared/src/pixels/rect.ts";

/** All layers, groups before what is in them, from the top down. */
export function allLayers(of: PsDocument): PsLayer[] {
  const found: PsLayer[] = [];
  const walk = (layers: List<PsLayer>) => {
    for (const layer of Array.from(layers)) {
      found.push(layer);
      if (layer.layers !== null && layer.kind === "group") walk(layer.layers);
    }
  };
  walk(of.layers);
  return found;
}

export function layersById(of: PsDocument): Map<number, PsLayer> {
  return new Map(allLayers(of).map((layer) => [layer.id, layer]));
}

/** The layers beside this one, itself included, from the top down. */
export function siblings(document: PsDocument, layer: PsLayer): PsLayer[] {
  return Array.from(layer.parent?.layers ?? document.layers);
}

/** The layer right above, in the same group; null at the top. */
export function above(document: PsDocument, layer: PsLayer): PsLayer | null {
  const beside = siblings(document, layer);
  return beside[beside.findIndex((one) => one.id === layer.id) - 1] ?? null;
}

export function canvasOf(document: PsDocument): Rect {
  return rectOf({ width: Math.round(document.width), height: Math.round(document.height) });
}

export function fromEdges(edges: Edges): Rect {
  return rect(Math.floor(edges.left), Math.floor(edges.top), Math.ceil(edges.right), Math.ceil(edges.bottom));
}

export function toEdges(of: Rect): Edges {
  return { left: of.x0, top: of.y0, right: of.x1, bottom: of.y1 };
}

/** Where the layer may have pixels on the canvas; it can be empty. */
export function extentOf(document: PsDocument, layer: PsLayer): Rect {
  const canvas = canvasOf(document);
  return layer.isBackgroundLayer ? canvas : intersect(canvas, fromEdges(layer.boundsNoEffects));
}

/** Whether the layer has a layer mask that is in use; the DOM does not tell, the action manager does. */
export async function hasMask(photoshop: Photoshop, document: PsDocument, layer: PsLayer): Promise<boolean> {
  if (layer.isBackgroundLayer) return false;
  const [said] = await photoshop.action.batchPlay(
    [
      {
        _obj: "get",
        _target: [
          { _ref: "layer", _id: layer.id },
          { _ref: "document", _id: document.id },
        ],
      },
    ],
    {},
  );
  return said?.["hasUserMask"] === true && said["userMaskEnabled"] !== false;
}

/** Layer names are for glancing at. */
const MOST_NAME = 60;

/** What a layer is called that came of these words. */
export function layerName(words: string): string {
  const text = words.trim().replace(/\s+/g, " ");
  if (text === "") return "Inlay";
  return text.length > MOST_NAME ? `${text.slice(0, MOST_NAME - 1)}…` : text;
}
