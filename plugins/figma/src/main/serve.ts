/** Answers what the frame asks. */

import { HostError } from "../../../shared/src/host.ts";
import type { Asks, NoAsks, Run, SourceInfo } from "../shared/asks.ts";
import { chain } from "../shared/affine.ts";
import { pixelSize } from "../shared/fit.ts";
import { parcel, type Wire } from "../shared/wire.ts";
import { begin } from "./marked.ts";
import { maskParts } from "./masks.ts";
import { beforeMerges } from "./merge.ts";
import { layoutOf, describe, mergedOf } from "./patches.ts";
import { pictureOf } from "./picture.ts";
import { place } from "./place.ts";
import { preview, takeAllPreviews } from "./preview.ts";
import { findSource, repaint, toPage } from "./source.ts";
import { beside, selected } from "./target.ts";

export type MainWire = Wire<Asks, NoAsks>;

let turn: Promise<unknown> = Promise.resolve();
let notice: NotificationHandler | null = null;

/** Changes of the document wait for one another. */
function inTurn<T>(what: () => Promise<T>): Promise<T> {
  const mine = turn.then(what, what);
  turn = mine.catch(() => undefined);
  return mine;
}

export function serve(wire: MainWire, run: Run): void {
  wire.answer("hello", () => Promise.resolve({ run }));
  wire.answer("selected", selected);
  wire.answer("source", ({ layerKey, without }) => source(layerKey, without));
  wire.answer("image", async ({ hash }) => {
    const image = figma.getImageByHash(hash);
    if (image === null)
      throw new HostError("gone", "Figma does not hold that image any more.", "Select the image anew.");
    return parcel(await image.getSizeAsync(), [await image.getBytesAsync()]);
  });
  wire.answer("render", async ({ layerKey, id }) => {
    const from = await findSource(layerKey);
    const node = await figma.getNodeByIdAsync(id);
    const map = toPage(from)[0];
    if (node === null || map === undefined || !("absoluteRenderBounds" in node)) return null;
    const pixel = pixelSize(map);
    const picture = await pictureOf(node, 1 / Math.min(pixel.width, pixel.height));
    return picture === null ? null : parcel({ toPicture: chain(picture.toPicture, map) }, [picture.bytes]);
  });
  wire.answer("mask", async ({ layerKey, marks }) => await maskParts(await findSource(layerKey), marks));
  wire.answer("edits", ({ layerKey, marks }) => {
    begin(layerKey, marks);
    return Promise.resolve(null);
  });
  wire.answer("place", (info, bytes) => inTurn(() => place(info, bytes)));
  wire.answer("preview", async ({ layerKey, rect_px }, bytes) => {
    await inTurn(() => preview(layerKey, rect_px, bytes[0]));
    return null;
  });
  wire.answer("references", ({ layerKey }) => beside(layerKey));
  wire.answer("load", async ({ key }) => {
    const value: unknown = await figma.clientStorage.getAsync(key);
    return typeof value === "string" ? value : null;
  });
  wire.answer("save", async ({ key, value }) => {
    if (value === null) await figma.clientStorage.deleteAsync(key);
    else await figma.clientStorage.setAsync(key, value);
    return null;
  });
  wire.answer("notify", ({ text, error, sticky }) => {
    notice?.cancel();
    const shown = figma.notify(text, { error, ...(sticky ? { timeout: Infinity } : {}) });
    notice = sticky ? shown : null;
    return Promise.resolve(null);
  });
  wire.answer("open", ({ url }) => {
    figma.openExternal(url);
    return Promise.resolve(null);
  });
  wire.answer("show", () => {
    figma.ui.show();
    return Promise.resolve(null);
  });
  wire.answer("close", ({ say, error }) => {
    takeAllPreviews();
    notice?.cancel();
    if (say !== null && error) figma.notify(say, { error: true });
    // The answer goes out first; Figma stops both sides at once.
    setTimeout(() => figma.closePlugin(say !== null && !error ? say : undefined), 0);
    return Promise.resolve(null);
  });
}

async function source(layerKey: string, without: readonly string[]): Promise<SourceInfo> {
  const now = await findSource(layerKey);
  const remove = new Set(without);
  const before = beforeMerges(now, remove, true);
  if (before.state === null) return describe(now, now.hash, now.size, layoutOf(now, remove));
  const { hash, size, fit, node } = before.state;
  const then = { ...now, hash, size, paint: repaint(now.paint, hash, fit) };
  // Where the node gets another size, what lies above it now lies elsewhere then.
  const layout = node === null ? layoutOf(then, remove) : { shown: [], over: [], patches: [] };
  const restored = before.restored.map((record) => ({ kind: "pixels" as const, pieces: record.pieces }));
  const shown = [
    ...before.left.flatMap((merged) => merged.versions),
    ...before.restored.map((record) => ({ version_id: record.version, parent_id: record.parent })),
    ...layout.shown.filter(
      (of) => !mergedOf(now).some((merged) => merged.versions.some((v) => v.version_id === of.version_id)),
    ),
  ];
  return describe(then, hash, size, { ...layout, shown, over: [...restored, ...layout.over] });
}
