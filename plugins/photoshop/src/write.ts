/** Writing pixels and masks into layers, in bands, every image data disposed. Only inside a modal scope. */

import { HostError } from "../../shared/src/host.ts";
import { crop, type Raster, type Samples } from "../../shared/src/pixels/raster.ts";
import { areaOf, heightOf, type Rect, widthOf } from "../../shared/src/pixels/rect.ts";
import type { Photoshop, PsDocument, PsLayer } from "./api.ts";
import { bands, channelled, coloursOf, whiteOf } from "./composite.ts";
import { toEdges } from "./layers.ts";
import { disposing } from "./read.ts";

/** 32 MB of RGBA at 16 bit: far below where Photoshop begins to warn, and large enough that few calls are needed. */
export const BAND_PIXELS = 4_000_000;

/** Which pixels are written, and how: 0 leaves a pixel transparent; `opaque` writes colours without their alpha. */
export interface Shown {
  readonly mask: Uint8Array | null;
  readonly opaque: boolean;
}

/** Adds pixels to a pixel layer; what is there elsewhere stays. */
export async function writePixels(
  photoshop: Photoshop,
  document: PsDocument,
  layer: PsLayer,
  raster: Raster,
  shown: Shown,
): Promise<void> {
  const colours = document.mode === "grayscaleMode" ? 1 : 3;
  if (coloursOf(raster.format) > colours) {
    throw new HostError(
      "failed",
      "The result is in colour, and the document is not.",
      "Convert the document to RGB (Image › Mode), then run the command again.",
    );
  }
  for (const band of bands(raster.rect_px, BAND_PIXELS)) {
    const part = band.y0 === raster.rect_px.y0 && band.y1 === raster.rect_px.y1 ? raster : crop(raster, band);
    const first = (band.y0 - raster.rect_px.y0) * widthOf(band);
    const mask = shown.mask?.subarray(first, first + areaOf(band)) ?? null;
    const image = await photoshop.imaging.createImageDataFromBuffer(withShown(part, colours, mask, shown.opaque), {
      width: widthOf(band),
      height: heightOf(band),
      components: colours + 1,
      chunky: true,
      // No profile is named: the numbers are the document's own, and must not be converted.
      colorSpace: colours === 1 ? "Grayscale" : "RGB",
      fullRange: true,
    });
    await disposing(image, (imageData) =>
      photoshop.imaging.putPixels({
        documentID: document.id,
        layerID: layer.id,
        imageData,
        replace: false,
        targetBounds: toEdges(band),
      }),
    );
  }
}

function withShown(raster: Raster, colours: number, mask: Uint8Array | null, opaque: boolean): Samples {
  const white = whiteOf(raster.format.depth);
  const step = colours + 1;
  const given = channelled(raster.data, raster.format.channels, step, white);
  if (mask === null && !opaque) return given;
  const data = given === raster.data ? given.slice() : given;
  for (let pixel = 0; pixel * step < data.length; pixel++) {
    if (mask !== null && mask[pixel] === 0) data.fill(0, pixel * step, pixel * step + step);
    else if (opaque) data[pixel * step + colours] = white;
  }
  return data;
}

/** Gives a layer a layer mask: `data` (0..255) in a rectangle. */
export async function writeMask(
  photoshop: Photoshop,
  document: PsDocument,
  layer: PsLayer,
  rect_px: Rect,
  data: Uint8Array,
): Promise<void> {
  const image = await photoshop.imaging.createImageDataFromBuffer(data, {
    width: widthOf(rect_px),
    height: heightOf(rect_px),
    components: 1,
    chunky: true,
    colorSpace: "Grayscale",
    colorProfile: "Gray Gamma 2.2",
  });
  await disposing(image, (imageData) =>
    photoshop.imaging.putLayerMask({
      documentID: document.id,
      layerID: layer.id,
      kind: "user",
      imageData,
      replace: true,
      targetBounds: toEdges(rect_px),
    }),
  );
}
