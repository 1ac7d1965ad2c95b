/** Which layer the next command is for, or why there is none, in words for people. */

import type { MaskSource, NoTarget } from "../../shared/src/host.ts";
import { intersect, isEmpty } from "../../shared/src/pixels/rect.ts";
import type { PsDocument, PsLayer } from "./api.ts";
import { allLayers, canvasOf, fromEdges, layersById } from "./layers.ts";
import type { Memory } from "./memory.ts";

const NO_DOCUMENT: NoTarget = { reason: "No document is open.", hint: "Open a picture and select a layer." };
const NO_LAYER: NoTarget = { reason: "No layer is selected.", hint: "Select one layer in the Layers panel." };
const GONE: NoTarget = {
  reason: "The layer that this patch belongs to is gone.",
  hint: "Step back in Photoshop's History panel, or select another layer.",
};

export type Chosen = { readonly source: PsLayer; readonly others: readonly PsLayer[] } | { readonly none: NoTarget };

/**
 * The source layer to edit: the selected one; of several the lowest, the others can go along as pictures. Inlay's own
 * layers and groups stand for their source.
 */
export function chosenLayer(memory: Memory, document: PsDocument | null): Chosen {
  if (document === null) return { none: NO_DOCUMENT };
  const mode = modeProblem(document);
  if (mode !== null) return { none: mode };
  const active = Array.from(document.activeLayers);
  if (active.length === 0) return { none: NO_LAYER };
  const sources = new Map<number, PsLayer | undefined>();
  for (const layer of active) {
    const owner = memory.ownerOf(document, lineage(layer));
    if (!sources.has(owner ?? layer.id)) {
      sources.set(owner ?? layer.id, owner === null ? layer : layersById(document).get(owner));
    }
  }
  const usable = [...sources.values()]
    .filter((layer) => layer !== undefined)
    .filter((one) => kindProblem(one) === null);
  const [source, ...others] = fromBelow(document, usable);
  if (source !== undefined) return { source, others: others.reverse() };
  const [first] = sources.values();
  return { none: first === undefined ? GONE : (kindProblem(first) ?? NO_LAYER) };
}

function fromBelow(document: PsDocument, layers: readonly PsLayer[]): PsLayer[] {
  // Documents can have hundreds of layers: the order is asked for only where it matters.
  if (layers.length < 2) return [...layers];
  const order = allLayers(document).map(({ id }) => id);
  return [...layers].sort((one, other) => order.indexOf(other.id) - order.indexOf(one.id));
}

/** The layer's id and those of the groups it is in, from the inside out. */
function lineage(layer: PsLayer): number[] {
  const ids: number[] = [];
  // At the top the typings say null; a version that gives something without a parent of its own must not loop or fail.
  let at: PsLayer | null | undefined = layer;
  while (at) {
    ids.push(at.id);
    at = at.parent;
  }
  return ids;
}

function modeProblem(document: PsDocument): NoTarget | null {
  const to = "Convert it with Image › Mode › RGB Color.";
  switch (document.mode) {
    case "RGBColorMode":
    case "grayscaleMode":
      break;
    case "CMYKColorMode":
      return { reason: "The document is in CMYK, and Inlay edits light: RGB or Grayscale.", hint: to };
    case "labColorMode":
      return { reason: "The document is in Lab.", hint: to };
    case "indexedColorMode":
      return { reason: "The document has indexed colours.", hint: to };
    case "bitmapMode":
    case "duotoneMode":
    case "multichannelMode":
      return { reason: "Inlay edits RGB and Grayscale documents.", hint: "Convert it with Image › Mode." };
  }
  if (document.bitsPerChannel !== "bitDepth1") return null;
  return { reason: "The document has one bit a pixel.", hint: "Convert it with Image › Mode › Grayscale." };
}

function kindProblem(layer: PsLayer): NoTarget | null {
  switch (layer.kind) {
    case "pixel":
    case "smartObject":
    case "text":
      return null;
    case "group":
      return {
        reason: "A group is selected.",
        hint: "Select a layer in it, or make it one: Layer › Smart Objects › Convert to Smart Object.",
      };
    case "solidColor":
    case "gradientFill":
    case "pattern":
    case "threeD":
    case "video":
      return {
        reason: "This layer has no pixels of its own.",
        hint: "Make it a smart object first: Layer › Smart Objects › Convert to Smart Object.",
      };
    case "blackAndWhite":
    case "brightnessContrast":
    case "channelMixer":
    case "colorBalance":
    case "colorLookup":
    case "curves":
    case "exposure":
    case "gradientMap":
    case "hueSaturation":
    case "inversion":
    case "levels":
    case "photoFilter":
    case "posterize":
    case "selectiveColor":
    case "threshold":
    case "vibrance":
      return { reason: "An adjustment layer is selected.", hint: "Select the layer with the picture beneath it." };
  }
}

/** The selection, if there is one on the canvas, then the whole layer. */
export function maskSources(document: PsDocument): MaskSource[] {
  const whole: MaskSource = { kind: "whole", label: "The whole layer", rect_px: canvasOf(document) };
  const { bounds } = document.selection;
  if (bounds === null) return [whole];
  const rect_px = intersect(fromEdges(bounds), canvasOf(document));
  return isEmpty(rect_px) ? [whole] : [{ kind: "selection", label: "The selection", rect_px }, whole];
}
