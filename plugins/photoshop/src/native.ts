/** Letters as text layers that can be edited on. Placed pictures are pixel layers in any case: their patch is one. */

import { HostError, type PlacedPatch } from "../../shared/src/host.ts";
import type { ShadeInfo, TextInfo } from "../../shared/src/protocol/messages.ts";
import { type Raster, samples, trimmed } from "../../shared/src/pixels/raster.ts";
import { fromTuple, grow, heightOf, intersect, type Rect, widthOf } from "../../shared/src/pixels/rect.ts";
import type { Photoshop, PsLayer } from "./api.ts";
import { whiteOf, withAlpha } from "./composite.ts";
import { canvasOf, fromEdges, layerName } from "./layers.ts";
import type { Stack } from "./stack.ts";
import { writePixels } from "./write.ts";

/** From the top of a line's em square to its baseline, as in most typefaces; corrected by measuring where possible. */
const BASELINE_EM = 0.8;
/** Letters that differ less than this from the size they were meant to have are left alone. */
const SIZE_TOLERANCE = 0.02;

/** Sets the letters of a patch in a group of their own. Null: they cannot be set here; `notes` says why. */
export async function putNative(
  photoshop: Photoshop,
  stack: Stack,
  patch: PlacedPatch,
  lift: (layer: PsLayer) => void,
  notes: string[],
): Promise<PsLayer | null> {
  const texts = patch.layers.filter((layer) => layer.kind === "text");
  if (texts.length === 0) return null;
  if (patch.layers.some((layer) => layer.kind === "image")) {
    notes.push("The text came together with pictures in one edit; it was placed as pixels.");
    return null;
  }
  const fonts = texts.map((text) => fontOf(photoshop, text));
  for (const [number, text] of texts.entries()) {
    if (fonts[number] !== null) continue;
    notes.push(`The font ${text.family} ${text.style} is not here; the text was placed as pixels.`);
    return null;
  }
  const made: PsLayer[] = [];
  const put = (layer: PsLayer | null): PsLayer => {
    if (layer === null) throw new HostError("failed", "Photoshop made no layer.", "Try again.");
    const below = made[made.length - 1];
    if (below === undefined) lift(layer);
    else layer.move(below, "placeBefore");
    made.push(layer);
    return layer;
  };
  // With a shade the mask tells the shade's box, not that of the letters.
  const ink_px = patch.layers.length === 1 && patch.mask !== null ? (trimmed(patch.mask)?.rect_px ?? null) : null;
  for (const layer of patch.layers) {
    if (layer.kind === "shade") {
      const shade = put(await stack.document.createPixelLayer({ name: "Shade" }));
      const raster = shadeOf(stack, layer);
      await writePixels(photoshop, stack.document, shade, raster, { mask: null, opaque: false });
    } else if (layer.kind === "text") {
      const font = fonts[texts.indexOf(layer)] ?? "";
      await set(put(await stack.document.createTextLayer(optionsOf(photoshop, layer, font))), layer, ink_px);
    }
  }
  return stack.document.createLayerGroup({ name: layerName(patch.text), fromLayers: [...made].reverse() });
}

/** PostScript name of the font with this family and style; null: not installed. */
function fontOf(photoshop: Photoshop, text: TextInfo): string | null {
  const plain = (name: string) => name.toLowerCase().replace(/[\s-]/g, "");
  const styles = plain(text.style) === "regular" ? ["regular", "roman", "book", "normal"] : [plain(text.style)];
  const found = Array.from(photoshop.app.fonts).find(
    ({ family, style }) => plain(family) === plain(text.family) && styles.includes(plain(style)),
  );
  return found?.postScriptName ?? null;
}

function optionsOf(photoshop: Photoshop, text: TextInfo, fontName: string) {
  const rect_px = fromTuple(text.rect_px);
  const [red, green, blue] = text.colour;
  const textColor = new photoshop.app.SolidColor();
  textColor.rgb.red = red * 255;
  textColor.rgb.green = green * 255;
  textColor.rgb.blue = blue * 255;
  const x = { left: rect_px.x0, centre: (rect_px.x0 + rect_px.x1) / 2, right: rect_px.x1 }[alignOf(text)];
  const y = rect_px.y0 + (text.line_px - text.size_px) / 2 + BASELINE_EM * text.size_px;
  return {
    name: text.text.replace(/\s+/g, " "),
    // Photoshop ends lines as Mac OS did.
    contents: text.text.replace(/\r?\n/g, "\r"),
    fontName,
    fontSize: text.size_px,
    position: { x, y },
    textColor,
  };
}

function alignOf(text: TextInfo): "left" | "centre" | "right" {
  return text.align === "right" ? "right" : text.align === "centre" || text.align === "center" ? "centre" : "left";
}

/** Alignment and line spacing; then size and place as measured, since units depend on the document's resolution. */
async function set(layer: PsLayer, text: TextInfo, ink_px: Rect | null): Promise<void> {
  const { characterStyle, paragraphStyle } = layer.textItem;
  const align = alignOf(text);
  if (align !== "left") paragraphStyle.justification = align === "centre" ? "center" : "right";
  if (/[\r\n]/.test(text.text)) {
    characterStyle.useAutoLeading = false;
    characterStyle.leading = characterStyle.size * (text.line_px / text.size_px);
  }
  if (ink_px === null) return;
  const ratio = widthOf(ink_px) / Math.max(1, widthOf(fromEdges(layer.boundsNoEffects)));
  if (Math.abs(ratio - 1) > SIZE_TOLERANCE) {
    const leading = characterStyle.useAutoLeading ? null : characterStyle.leading * ratio;
    characterStyle.size = characterStyle.size * ratio;
    if (leading !== null) characterStyle.leading = leading;
  }
  const is_px = fromEdges(layer.boundsNoEffects);
  const dx = Math.round((ink_px.x0 + ink_px.x1 - is_px.x0 - is_px.x1) / 2);
  const dy = Math.round((ink_px.y0 + ink_px.y1 - is_px.y0 - is_px.y1) / 2);
  if (dx !== 0 || dy !== 0) await layer.translate(dx, dy);
}

/** The soft rectangle in the document's own numbers. */
function shadeOf(stack: Stack, shade: ShadeInfo): Raster {
  const format = withAlpha(stack.format);
  const box = fromTuple(shade.rect_px);
  // The bridge softens with a deviation of half the radius; beyond three deviations nothing is left to see.
  const deviation = Math.max(0.5, shade.radius_px / 2);
  const rect_px = intersect(grow(box, Math.ceil(3 * deviation)), canvasOf(stack.document));
  const across = softEdges(rect_px.x0, widthOf(rect_px), box.x0, box.x1, deviation);
  const down = softEdges(rect_px.y0, heightOf(rect_px), box.y0, box.y1, deviation);
  const [red, green, blue, opacity] = shade.colour;
  const white = whiteOf(format.depth);
  const own = (value: number) => (format.depth === "f32" ? toLight(value) : Math.round(value * white));
  const colours =
    format.channels === 2 ? [own(0.2126 * red + 0.7152 * green + 0.0722 * blue)] : [own(red), own(green), own(blue)];
  const data = samples(format.depth, across.length * down.length * format.channels);
  let at = 0;
  for (const row of down) {
    for (const column of across) {
      for (const value of colours) data[at++] = value;
      const alpha = row * column * opacity;
      data[at++] = format.depth === "f32" ? alpha : Math.round(alpha * white);
    }
  }
  return { rect_px, format, data };
}

function softEdges(from: number, count: number, start: number, end: number, deviation: number): number[] {
  const rise = (x: number) => 1 / (1 + Math.exp((-1.702 * x) / deviation)); // within 0.01 of the normal distribution
  return Array.from({ length: count }, (_, index) => rise(from + index + 0.5 - start) - rise(from + index + 0.5 - end));
}

/** sRGB number to light: what a document of 32 bits holds. */
function toLight(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}
