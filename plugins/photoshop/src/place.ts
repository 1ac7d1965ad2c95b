/**
 * Patches as native layers: a pixel layer with a layer mask above the source, in a group with it. Everything here runs
 * inside one modal scope and waits for nothing but Photoshop.
 */

import { HostError, type PlacedPatch, type Placement } from "../../shared/src/host.ts";
import { sameFormat } from "../../shared/src/pixels/raster.ts";
import { intersect, NOTHING, type Rect, union } from "../../shared/src/pixels/rect.ts";
import type { Photoshop, PsLayer } from "./api.ts";
import { changeCanvas, revertCanvas } from "./canvas.ts";
import { bands, overlayOf, replacePixels } from "./composite.ts";
import { above, canvasOf, extentOf, hasMask, layerName } from "./layers.ts";
import type { GroupRecord, PatchRecord, SourceRecord } from "./memory.ts";
import { putNative } from "./native.ts";
import { readMask, readShown } from "./read.ts";
import { type Stack, stackFrom } from "./stack.ts";
import { BAND_PIXELS, writeMask, writePixels } from "./write.ts";

/** Carries a placement out; gives what is to be remembered. `notes`: what people should know is added. */
export async function carryOut(
  photoshop: Photoshop,
  stack: Stack,
  placement: Placement,
  notes: string[],
): Promise<SourceRecord> {
  const { put } = placement;
  await takeAway(stack, placement.remove, put?.canvas !== null && put !== null);
  // The group was found by what it held, which may be gone now.
  const rest = { ...stackFrom(stack.document, stack.source, stack.record), group: stack.group };
  if (put === null) {
    if (rest.there.length === 0) dissolve(rest);
    return stack.record;
  }
  const placing = new Placing(photoshop, rest, put, notes);
  const patch = await placing.put(placement.native);
  return { groups: placing.groups, patches: [...stack.record.patches, patch] };
}

/** Deletes patches, from the top. Their records stay: Photoshop's own undo may bring the layers back. */
async function takeAway(stack: Stack, versions: readonly string[], isReplaced: boolean): Promise<void> {
  const there = [...stack.there].reverse();
  for (const { record, layer } of there) {
    if (!versions.includes(record.version_id)) continue;
    if (record.canvas !== null) await revertCanvas(stack.document, record.canvas, isReplaced);
    for (const hidden of record.hid ?? []) {
      const beneath = stack.layers.get(hidden);
      if (beneath !== undefined) beneath.visible = true;
    }
    layer.delete();
  }
}

/**
 * The group goes when nothing is in it but the source, which gets back what the group had taken over. One that has
 * another name than it was given is the person's by now.
 */
function dissolve({ source, group, record }: Stack): void {
  if (!record.groups.some(({ layer, name }) => layer === group?.id && name === group.name) || group === null) return;
  const inside = Array.from(group.layers ?? []);
  if (inside.some((layer) => layer.id !== source.id)) return;
  if (inside.length > 0) {
    if (group.opacity < 100) source.opacity = group.opacity;
    if (group.blendMode !== "passThrough" && group.blendMode !== "normal") source.blendMode = group.blendMode;
    source.move(group, "placeBefore");
  }
  group.delete();
}

class Placing {
  /** Made for the source and its patches, the latest last. */
  groups: readonly GroupRecord[];
  /** Told before anything is placed: the new layer comes in between. */
  private readonly isInChain: boolean;

  constructor(
    private readonly photoshop: Photoshop,
    private readonly stack: Stack,
    private readonly patch: PlacedPatch,
    private readonly notes: string[],
  ) {
    this.groups = stack.record.groups;
    this.isInChain = isInChain(stack);
  }

  async put(native: boolean): Promise<PatchRecord> {
    const { stack, patch } = this;
    if (patch.canvas !== null) return this.putCanvas(patch.canvas);
    if (!sameFormat(patch.pixels.format, stack.format)) {
      throw new HostError("changed", "The layer is stored in another way than before.", "Run the command again.");
    }
    const clips = await this.mustClip();
    const hasText = patch.layers.some((layer) => layer.kind === "text");
    if (native && hasText && clips) {
      this.notes.push("The layer has a mask or is clipped; the text was placed as pixels within it.");
    } else if (native && hasText) {
      const group = await putNative(this.photoshop, stack, patch, (layer) => this.lift(layer), this.notes);
      if (group !== null) return this.finished(group, false);
    }
    const { rect_px } = patch.pixels;
    const current = stack.format.alpha === "none" ? null : await readShown(this.photoshop, stack, rect_px);
    const overlay = overlayOf(current, patch.pixels, patch.mask);
    if (overlay.plain !== null && !clips) return this.putOver(overlay.plain, false);
    const canClip = stack.drawn.slice(1).every((layer) => layer.isClippingMask);
    if (overlay.clipped !== null && canClip) return this.putOver(overlay.clipped, true);
    const shown = patch.mask === null ? null : patch.mask.data;
    return this.putWhole(shown);
  }

  /** A layer above the others, which shows the patch where `mask` is 255. */
  private async putOver(mask: Uint8Array, clipped: boolean): Promise<PatchRecord> {
    const { photoshop, stack, patch } = this;
    const layer = await this.newLayer(layerName(patch.text));
    await writePixels(photoshop, stack.document, layer, patch.pixels, { mask, opaque: clipped });
    await writeMask(photoshop, stack.document, layer, patch.pixels.rect_px, mask);
    return this.finished(layer, clipped);
  }

  /**
   * A layer that is all that the stack shows with the patch in it, the others hidden: for results that take opacity
   * away, which no layer over another can.
   */
  private async putWhole(mask: Uint8Array | null): Promise<PatchRecord> {
    const { photoshop, stack, patch } = this;
    const { document } = stack;
    const layer = await this.newLayer(layerName(patch.text));
    const region = stack.drawn.reduce((all, one) => union(all, extentOf(document, one)), NOTHING);
    const whole = intersect(union(region, patch.pixels.rect_px), canvasOf(document));
    for (const band of bands(whole, BAND_PIXELS)) {
      const pixels = await readShown(photoshop, stack, band);
      replacePixels(pixels, patch.pixels, mask);
      await writePixels(photoshop, document, layer, pixels, { mask: null, opaque: false });
    }
    await this.copyMask(layer, whole);
    this.notes.push(
      "Parts of the layer became more transparent: the result is a whole layer, and what is beneath is hidden.",
    );
    return this.finished(layer, stack.source.isClippingMask, { hid: this.hideOthers() });
  }

  /** The whole layer in its new size and format; the canvas follows. */
  private async putCanvas(canvas: NonNullable<PlacedPatch["canvas"]>): Promise<PatchRecord> {
    const { photoshop, stack, patch, notes } = this;
    if (canvas.format.depth !== stack.format.depth) {
      throw new HostError(
        "failed",
        "The result has another bit depth than the document.",
        "Change it in Image › Mode.",
      );
    }
    const changed = await changeCanvas(stack.document, canvas, notes);
    const layer = await this.newLayer(layerName(patch.text));
    await writePixels(photoshop, stack.document, layer, patch.pixels, { mask: null, opaque: false });
    if (changed === null) await this.copyMask(layer, patch.pixels.rect_px);
    const facts = { hid: this.hideOthers(), format: canvas.format, canvas: changed };
    return this.finished(layer, stack.source.isClippingMask, facts);
  }

  /**
   * Whether patches must be clipped to the source: it is clipped itself, others are clipped to it, or it has a layer
   * mask, beyond which a patch must not show.
   */
  private async mustClip(): Promise<boolean> {
    const { photoshop, stack } = this;
    return this.isInChain || (await hasMask(photoshop, stack.document, stack.source));
  }

  /** A new pixel layer right above the source and its patches. */
  private async newLayer(name: string): Promise<PsLayer> {
    const layer = await this.stack.document.createPixelLayer({ name });
    if (layer === null) throw new HostError("failed", "Photoshop made no layer.", "Try again.");
    this.lift(layer);
    return layer;
  }

  /** Moves a new layer right above the source and its patches. */
  private lift(layer: PsLayer): void {
    const { source, there, group } = this.stack;
    const beside = there.filter(
      ({ layer: { parent } }) => parent?.id === source.parent?.id || (group !== null && parent?.id === group.id),
    );
    const top = beside[beside.length - 1]?.layer;
    if (top !== undefined) layer.move(top, "placeBefore");
    else if (group !== null && isApart(source)) layer.move(group, "placeInside");
    else layer.move(source, "placeBefore");
  }

  private async finished(
    layer: PsLayer,
    clipped: boolean,
    more: Partial<Pick<PatchRecord, "hid" | "format" | "canvas">> = {},
  ): Promise<PatchRecord> {
    const { patch } = this;
    await this.putInGroup(layer, clipped);
    if (layer.isClippingMask !== clipped) layer.isClippingMask = clipped;
    const { version_id, parent_id } = patch;
    const { id, name, kind } = layer;
    return { version_id, parent_id, layer: id, name, kind, hid: null, format: null, canvas: null, ...more };
  }

  private async putInGroup(layer: PsLayer, clipped: boolean): Promise<void> {
    const { document, source, there, group: known } = this.stack;
    if (known !== null && layer.parent?.id === known.id) return;
    if (this.isInChain) return;
    const parent = source.parent?.id;
    const loose = there.map((one) => one.layer).filter((one) => one.parent?.id === parent);
    const apart = isApart(source);
    // In a group without the source there would be nothing to be clipped to.
    if (apart && (clipped || loose.some((one) => one.isClippingMask))) return;
    const group = await document.createLayerGroup({
      name: source.name,
      fromLayers: [layer, ...loose.reverse(), ...(apart ? [] : [source])],
    });
    if (group === null) throw new HostError("failed", "Photoshop made no group.", "Try again.");
    this.groups = [...this.groups, { layer: group.id, name: group.name }];
    if (apart || (source.opacity >= 100 && source.blendMode === "normal")) return;
    // The source and its patches are seen as one layer, with the opacity and mode that the source had.
    group.opacity = source.opacity;
    group.blendMode = source.blendMode;
    source.opacity = 100;
    source.blendMode = "normal";
  }

  /** The person's own layer mask goes along to a layer that takes the source's place. */
  private async copyMask(layer: PsLayer, rect_px: Rect): Promise<void> {
    const { photoshop, stack } = this;
    const mask = await readMask(photoshop, stack.document, stack.drawn[0] ?? stack.source, rect_px);
    if (mask !== null) await writeMask(photoshop, stack.document, layer, mask.rect_px, mask.data);
  }

  /** Hides the source and the patches that are seen; gives those that were seen. */
  private hideOthers(): number[] {
    const { source, there } = this.stack;
    const seen = [source, ...there.map(({ layer }) => layer)].filter((layer) => layer.visible);
    for (const layer of seen) layer.visible = false;
    return seen.map((layer) => layer.id);
  }
}

/** Layers in a clipping mask cannot be grouped without changing what they are clipped to. */
function isInChain({ document, source, there }: Stack): boolean {
  if (source.isClippingMask) return true;
  let over = above(document, source);
  while (over !== null && there.some(({ layer }) => layer.id === over?.id)) over = above(document, over);
  return over?.isClippingMask === true;
}

/** Layers that cannot be moved into a group. */
function isApart(source: PsLayer): boolean {
  return source.isBackgroundLayer || source.allLocked || source.positionLocked;
}
