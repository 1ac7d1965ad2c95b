/** The images of the document, decoded once and kept while they are used. */

import { HostError } from "../../../shared/src/host.ts";
import type { Size } from "../../../shared/src/pixels/rect.ts";
import { jpegProfile } from "./icc.ts";
import { type Decoded, decodePng, isPng, lean } from "./png.ts";

/** Decoded pixels that are kept; the picture that is worked on always is. */
const MOST_BYTES = 400_000_000;

export class Images {
  private readonly kept = new Map<string, Promise<Decoded>>();
  private readonly sizes = new Map<string, number>();

  /** @param read the original bytes and the size that Figma gives for them */
  constructor(private readonly read: (hash: string) => Promise<{ bytes: Uint8Array; size: Size }>) {}

  async get(hash: string): Promise<Decoded> {
    const known = this.kept.get(hash);
    if (known !== undefined) {
      // Used last, forgotten last.
      this.kept.delete(hash);
      this.kept.set(hash, known);
      return await known;
    }
    const coming = this.read(hash).then(({ bytes, size }) => decodeImage(bytes, size));
    this.kept.set(hash, coming);
    try {
      const image = await coming;
      this.sizes.set(hash, image.data.length);
      this.forget(hash);
      return image;
    } catch (error) {
      this.kept.delete(hash);
      throw error;
    }
  }

  private forget(besides: string): void {
    let total = [...this.sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
    for (const hash of [...this.kept.keys()]) {
      if (total <= MOST_BYTES) return;
      if (hash === besides) continue;
      total -= this.sizes.get(hash) ?? 0;
      this.sizes.delete(hash);
      this.kept.delete(hash);
    }
  }
}

/** @param size what the picture must be, where that is known */
export async function decodeImage(bytes: Uint8Array, size: Size | null): Promise<Decoded> {
  try {
    const image = isPng(bytes) ? await decodePng(bytes) : await byBrowser(bytes, size);
    if (size === null || (image.size.width === size.width && image.size.height === size.height)) return image;
    throw new Error(`it is ${image.size.width} × ${image.size.height}, Figma says ${size.width} × ${size.height}`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new HostError("failed", `The image cannot be read: ${why}`, "Export it as PNG or JPEG and use that instead.");
  }
}

/** JPEG, GIF, WebP: opaque ones, or with alpha 0 or 255, come through a canvas unchanged. */
async function byBrowser(bytes: Uint8Array, size: Size | null): Promise<Decoded> {
  const blob = new Blob([new Uint8Array(bytes)]);
  const raw = { colorSpaceConversion: "none", premultiplyAlpha: "none" } as const;
  let bitmap = await createImageBitmap(blob, raw);
  if (size !== null && bitmap.width === size.height && bitmap.height === size.width && size.width !== size.height) {
    // A camera's note about which way is up, which Figma did not follow.
    bitmap.close();
    bitmap = await createImageBitmap(blob, { ...raw, imageOrientation: "none" as ImageOrientation });
  }
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("the browser gives no canvas");
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  return { size: { width, height }, ...lean(data), profile: jpegProfile(bytes) };
}
