/**
 * What the plugin remembers of documents: their key at the bridge, and which layers show which version. Photoshop gives
 * a plugin no place in the file itself that needs no change of the document, so it is kept in the plugin's storage, by
 * the file's path, and checked against the layers that are there: a file that was closed without saving gives the ids of
 * Inlay's layers to the person's next ones. `document.id` is good only while a document is open: it finds the record of
 * a document without a file, which moves to the path when the document is saved.
 */

import type { Format } from "../../shared/src/pixels/raster.ts";
import type { PsDocument, PsLayer, TextStorage } from "./api.ts";
import { layersById } from "./layers.ts";

/** A version shown by one layer, or by one group of native layers. */
export interface PatchRecord {
  readonly version_id: string;
  readonly parent_id: string | null;
  readonly layer: number;
  readonly name: string;
  readonly kind: PsLayer["kind"];
  /** It shows all of the layer, not a part over it: the layers that were hidden for it; null: it lies over the others. */
  readonly hid: readonly number[] | null;
  /** What the layer became with it; null: as it was. */
  readonly format: Format | null;
  /** How the canvas was changed for it. */
  readonly canvas: CanvasChange | null;
}

export interface CanvasChange {
  readonly width: number;
  readonly height: number;
  readonly x0: number;
  readonly y0: number;
  readonly scale: number;
}

/** A group that was made for a source and its patches. */
export interface GroupRecord {
  readonly layer: number;
  readonly name: string;
}

/** Inlay's layers of one source layer. */
export interface SourceRecord {
  /** The groups that were made for them, the latest last: Photoshop's own undo may bring an earlier one back. */
  readonly groups: readonly GroupRecord[];
  /** In the order in which they were placed; those that are not there any more too: Photoshop's undo brings them back. */
  readonly patches: readonly PatchRecord[];
}

export interface DocumentRecord {
  readonly key: string;
  readonly sources: Readonly<Record<string, SourceRecord>>;
}

export const NO_SOURCE: SourceRecord = { groups: [], patches: [] };

/** More than anybody undoes; the oldest that are gone are forgotten beyond it. */
const MOST_PATCHES = 200;

export class Memory {
  /** Where the record of each open document was last. */
  private readonly places = new Map<number, string>();

  constructor(
    private readonly storage: TextStorage,
    private readonly newKey: () => string,
  ) {}

  of(document: PsDocument): DocumentRecord {
    const place = placeOf(document);
    const last = this.places.get(document.id);
    if (last === undefined) {
      const record = this.read(place);
      // Ids begin anew with each start of Photoshop: the record of an unsaved document may be another's. And a copy
      // under another name that is open beside the first must not be taken for it.
      const isOurs = record !== null && (isSaved(place) || fits(record, document)) && !this.isOpenAs(record.key);
      if (record !== null && !isOurs) this.storage.removeItem(place);
      else if (record !== null) this.storage.setItem(place, JSON.stringify(checked(record, document)));
    } else if (last !== place) {
      // Saved for the first time, or under another name: what is known goes along.
      const record = this.read(last);
      if (record !== null) this.storage.setItem(place, JSON.stringify(record));
      if (!isSaved(last)) this.storage.removeItem(last);
    }
    this.places.set(document.id, place);
    const known = this.read(place);
    if (known !== null) return known;
    const made = { key: this.newKey(), sources: {} };
    this.storage.setItem(place, JSON.stringify(made));
    return made;
  }

  source(document: PsDocument, layerId: number): SourceRecord {
    return this.of(document).sources[String(layerId)] ?? NO_SOURCE;
  }

  remember(document: PsDocument, layerId: number, source: SourceRecord): void {
    const record = this.of(document);
    // An id that came again is the later layer's.
    const patches = source.patches
      .filter(({ layer }, index, all) => !all.slice(index + 1).some((later) => later.layer === layer))
      .slice(-MOST_PATCHES);
    const groups = source.groups.slice(-MOST_PATCHES);
    const sources = { ...record.sources, [String(layerId)]: { groups, patches } };
    this.storage.setItem(placeOf(document), JSON.stringify({ ...record, sources }));
  }

  /** Which source a layer belongs to, when it is one of Inlay's own layers or groups. */
  ownerOf(document: PsDocument, layerIds: readonly number[]): number | null {
    const [id = 0] = layerIds;
    for (const [source, record] of Object.entries(this.of(document).sources)) {
      // Documents can have hundreds of layers: they are listed only where an id is one of ours.
      if (![...record.patches, ...record.groups].some(({ layer }) => layerIds.includes(layer))) continue;
      const layers = layersById(document);
      const isIn = patchesIn(record, layers).some(({ layer }) => layerIds.includes(layer));
      if (isIn || groupsIn(Number(source), record, layers).some(({ layer }) => layer === id)) return Number(source);
    }
    return null;
  }

  /** Forgets where the records of documents are that are not open any more: their ids may come again. */
  keepOnly(open: readonly number[]): void {
    for (const [id, place] of [...this.places]) {
      if (open.includes(id)) continue;
      this.places.delete(id);
      if (!isSaved(place)) this.storage.removeItem(place);
    }
  }

  private isOpenAs(key: string): boolean {
    return [...this.places.values()].some((place) => this.read(place)?.key === key);
  }

  private read(place: string): DocumentRecord | null {
    const text = this.storage.getItem(place);
    if (text === null || text === "") return null;
    try {
      const value: unknown = JSON.parse(text);
      return isRecord(value) ? value : null;
    } catch {
      return null;
    }
  }
}

const SAVED = "inlay.document:";
const UNSAVED = "inlay.unsaved:";

function placeOf(document: PsDocument): string {
  const path = pathOf(document);
  return path === null ? UNSAVED + String(document.id) : SAVED + path;
}

function isSaved(place: string): boolean {
  return place.startsWith(SAVED);
}

/** The file's path; null for a document that was never saved, for which Photoshop gives its title or throws. */
function pathOf(document: PsDocument): string | null {
  try {
    const path = document.path;
    if (document.cloudDocument) return path === "" ? null : `cloud:${path}`;
    return /[\\/]/.test(path) ? path : null;
  } catch {
    return null;
  }
}

type Layers = ReadonlyMap<number, PsLayer>;

/** The patches whose layers are there as they were placed. Renamed, or with another's id, they are the person's own. */
export function patchesIn({ patches }: SourceRecord, layers: Layers): PatchRecord[] {
  return patches.filter(({ layer: id, name, kind }) => {
    const layer = layers.get(id);
    return layer?.name === name && layer.kind === kind;
  });
}

/** The groups that hold what they were made for; a renamed one only as long as a patch is in it. */
export function groupsIn(source: number, record: SourceRecord, layers: Layers): GroupRecord[] {
  const patches = patchesIn(record, layers);
  return record.groups.filter(({ layer: id, name }) => {
    const group = layers.get(id);
    if (group?.kind !== "group") return false;
    const holds = (layer: number) => layers.get(layer)?.parent?.id === id;
    return patches.some(({ layer }) => holds(layer)) || (group.name === name && holds(source));
  });
}

/** What holds of a record when its document is first seen: what is not there now was never saved, or is another's. */
function checked(record: DocumentRecord, document: PsDocument): DocumentRecord {
  const layers = layersById(document);
  const sources = Object.entries(record.sources).map(([id, source]) => {
    return [id, { groups: groupsIn(Number(id), source, layers), patches: patchesIn(source, layers) }] as const;
  });
  return { ...record, sources: Object.fromEntries(sources) };
}

/** Whether the record is this document's: it has patches, and all those that are there are as they were placed. */
function fits(record: DocumentRecord, document: PsDocument): boolean {
  const layers = layersById(document);
  const sources = Object.values(record.sources);
  const there = sources.flatMap(({ patches }) => patches.filter(({ layer }) => layers.has(layer)));
  return there.length > 0 && there.length === sources.flatMap((source) => patchesIn(source, layers)).length;
}

function isRecord(value: unknown): value is DocumentRecord {
  return typeof value === "object" && value !== null && "key" in value && "sources" in value;
}
