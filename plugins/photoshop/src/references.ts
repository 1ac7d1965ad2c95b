/** Pictures that go along with a command: the other selected layers, or files, which Photoshop opens for us. */

import { HostError, type Reference } from "../../shared/src/host.ts";
import { crop, type Format } from "../../shared/src/pixels/raster.ts";
import { isEmpty, rectOf, type Size, widthOf, heightOf } from "../../shared/src/pixels/rect.ts";
import type { ChosenFile, Photoshop, PsDocument, PsLayer } from "./api.ts";
import { channelled, whiteOf } from "./composite.ts";
import { canvasOf, extentOf, fromEdges, toEdges } from "./layers.ts";
import { type Busy, modal } from "./modal.ts";
import { profileOf } from "./profiles.ts";
import { disposing, readLayer } from "./read.ts";

const SRGB = "sRGB IEC61966-2.1";

/** A layer, cut to what it has. Null: it is empty. */
export async function fromLayer(
  photoshop: Photoshop,
  document: PsDocument,
  layer: PsLayer,
  format: Format,
  profile: Uint8Array | null,
): Promise<Reference | null> {
  const extent = extentOf(document, layer);
  const read = isEmpty(extent) ? null : await readLayer(photoshop, document, layer, extent, format);
  if (read === null) return null;
  const size = { width: widthOf(read.rect_px), height: heightOf(read.rect_px) };
  return { name: layer.name, size, format, profile, pixels: { ...crop(read, read.rect_px), rect_px: rectOf(size) } };
}

/** Opens a file as a document that closes by itself, and takes what it shows as 8 bit sRGB. */
export function fromFile(photoshop: Photoshop, busy: Busy, file: ChosenFile): Promise<Reference> {
  return modal(photoshop, busy, `Inlay: read ${file.name}`, async ({ hostControl }) => {
    const opened = await photoshop.app.open(file as never);
    await hostControl.registerAutoCloseDocument(opened.id);
    const canvas = canvasOf(opened);
    const { imageData, sourceBounds } = await photoshop.imaging.getPixels({
      documentID: opened.id,
      sourceBounds: toEdges(canvas),
      colorSpace: "RGB",
      colorProfile: SRGB,
      componentSize: 8,
    });
    return disposing(imageData, async (image) => {
      const samples = await image.getData({ chunky: true });
      const box = fromEdges(sourceBounds);
      const size: Size = { width: widthOf(box), height: heightOf(box) };
      const channels = image.hasAlpha ? 4 : 3;
      const format: Format = { depth: "u8", channels, alpha: image.hasAlpha ? "straight" : "none" };
      const data = channelled(samples, image.components, channels, whiteOf("u8"));
      if (!(data instanceof Uint8Array)) throw new HostError("failed", `${file.name} cannot be read.`, "Try another.");
      const pixels = { rect_px: rectOf(size), format, data };
      return { name: file.name, size, format, profile: profileOf(SRGB, false), pixels };
    });
  });
}
