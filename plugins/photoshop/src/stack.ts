/** What a document shows of one source layer: the source, or a patch that is all of it, and the patches above. */

import type { Format } from "../../shared/src/pixels/raster.ts";
import type { PsDocument, PsLayer } from "./api.ts";
import { layersById } from "./layers.ts";
import { groupsIn, type Memory, type PatchRecord, patchesIn, type SourceRecord } from "./memory.ts";

export interface ShownPatch {
  readonly record: PatchRecord;
  readonly layer: PsLayer;
}

export interface Stack {
  readonly document: PsDocument;
  readonly source: PsLayer;
  readonly record: SourceRecord;
  /** The group that was made for the source and its patches, if it is there. */
  readonly group: PsLayer | null;
  /** All layers of the document. */
  readonly layers: ReadonlyMap<number, PsLayer>;
  /** Patches whose layers are there, in the order in which they were placed. */
  readonly there: readonly ShownPatch[];
  /** Those that make up what is seen, lowest first: also the hidden ones beneath a patch that is all of the layer. */
  readonly shown: readonly ShownPatch[];
  /** What has to be laid over each other, lowest first; the first is the source or a patch that is all of it. */
  readonly drawn: readonly PsLayer[];
  readonly format: Format;
}

/** Null: the source layer is gone. */
export function stackOf(memory: Memory, document: PsDocument, sourceId: number): Stack | null {
  const layers = layersById(document);
  const source = layers.get(sourceId);
  if (source === undefined) return null;
  return stackFrom(document, source, memory.source(document, sourceId), layers);
}

export function stackFrom(
  document: PsDocument,
  source: PsLayer,
  record: SourceRecord,
  layers: ReadonlyMap<number, PsLayer> = layersById(document),
): Stack {
  const there = patchesIn(record, layers).flatMap((patch) => {
    const layer = layers.get(patch.layer);
    return layer === undefined ? [] : [{ record: patch, layer }];
  });
  const whole = there.map(({ record: { hid }, layer }) => hid !== null && layer.visible).lastIndexOf(true);
  const shown = there.filter(({ layer }, index) => index <= whole || layer.visible);
  const over = there.filter(({ layer }, index) => index > whole && layer.visible).map(({ layer }) => layer);
  const base = there[whole];
  return {
    document,
    source,
    record,
    group:
      groupsIn(source.id, record, layers)
        .flatMap(({ layer }) => layers.get(layer) ?? [])
        .pop() ?? null,
    layers,
    there,
    shown,
    drawn: [base?.layer ?? source, ...over],
    format: formatOf(document, source, shown),
  };
}

function formatOf(document: PsDocument, source: PsLayer, shown: readonly ShownPatch[]): Format {
  const became = shown.flatMap(({ record }) => record.format ?? []).pop();
  if (became !== undefined) return became;
  const colours = document.mode === "grayscaleMode" ? 1 : 3;
  const depth =
    document.bitsPerChannel === "bitDepth32" ? "f32" : document.bitsPerChannel === "bitDepth16" ? "u16" : "u8";
  return source.isBackgroundLayer
    ? { depth, channels: colours, alpha: "none" }
    : { depth, channels: colours + 1, alpha: "straight" };
}
