/** The document's canvas, which is the layer's: made larger, smaller or finer, and back. Only inside a modal scope. */

import { type Canvas, HostError } from "../../shared/src/host.ts";
import type { Size } from "../../shared/src/pixels/rect.ts";
import type { PsDocument } from "./api.ts";
import { allLayers, canvasOf } from "./layers.ts";
import type { CanvasChange } from "./memory.ts";

/** Makes the canvas what a version says it is. Null: it is so already. */
export async function changeCanvas(
  document: PsDocument,
  canvas: Canvas,
  notes: string[],
): Promise<CanvasChange | null> {
  const { x1: width, y1: height } = canvasOf(document);
  const { size, x0, y0, scale } = canvas;
  if (scale === 1 && x0 === 0 && y0 === 0 && size.width === width && size.height === height) return null;
  if (scale !== 1) await scaleTo(document, { width: Math.round(width * scale), height: Math.round(height * scale) });
  await shiftCanvas(document, x0, y0, size);
  notes.push(
    scale === 1
      ? `The canvas is ${size.width} × ${size.height} now.`
      : `The document is ${size.width} × ${size.height} now; Photoshop scaled its other layers.`,
  );
  return { width, height, x0, y0, scale };
}

/**
 * Makes the canvas what it was before a change. What a person sees afterwards must be what it was: where Photoshop has
 * lost pixels (scaled layers; a Background layer that was cut) it is refused, unless the layer is replaced anyway.
 */
export async function revertCanvas(document: PsDocument, change: CanvasChange, isReplaced: boolean): Promise<void> {
  const { width, height, x0, y0, scale } = change;
  const now = canvasOf(document);
  const wasCut = x0 < 0 || y0 < 0 || x0 + width > now.x1 || y0 + height > now.y1;
  const hasBackground = allLayers(document).some((layer) => layer.isBackgroundLayer);
  if (!isReplaced && (scale !== 1 || (wasCut && hasBackground))) {
    throw new HostError(
      "failed",
      scale === 1
        ? "Photoshop cut the Background layer with the canvas, and a plugin cannot bring the rest back."
        : "Photoshop scaled the document's layers, and scaling back would not give the same pixels.",
      "Step back with Edit › Undo or in Photoshop's History panel.",
    );
  }
  if (scale === 1) await shiftCanvas(document, -x0, -y0, { width, height });
  else await scaleTo(document, { width, height });
}

/** Photoshop takes nine anchors, not offsets: first left and top are moved, then right and bottom. */
async function shiftCanvas(document: PsDocument, x0: number, y0: number, size: Size): Promise<void> {
  const { x1: width, y1: height } = canvasOf(document);
  const first = { width: width + x0, height: height + y0 };
  if (x0 !== 0 || y0 !== 0) await document.resizeCanvas(first.width, first.height, "bottom-right");
  if (first.width !== size.width || first.height !== size.height) {
    await document.resizeCanvas(size.width, size.height, "top-left");
  }
}

function scaleTo(document: PsDocument, size: Size): Promise<void> {
  return document.resizeImage(size.width, size.height, undefined, "bicubic");
}
