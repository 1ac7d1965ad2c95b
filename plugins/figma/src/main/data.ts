/** What Inlay writes into the document: shared plugin data, so that it travels with the file and is read by whoever opens it. */

import type { Shown } from "../../../shared/src/host.ts";
import type { Size } from "../../../shared/src/pixels/rect.ts";
import type { ImageFit } from "../shared/fit.ts";

export const NAMESPACE = "inlay";
/** Figma refuses entries of more than 100 kB. */
const MOST_CHARS = 90_000;

/** How a node's image fill was, and the node, where that changed too. */
export interface FillState {
  readonly hash: string;
  readonly size: Size;
  readonly fit: ImageFit;
  readonly node: { readonly width: number; readonly height: number; readonly transform: Transform } | null;
}

/** A patch that was above the source before it was merged: enough to make it again. */
export interface OverlayRecord {
  readonly layer: string;
  readonly version: string;
  readonly parent: string | null;
  readonly name: string;
  readonly pieces: readonly PieceRecord[];
  readonly marks?: readonly string[] | undefined;
}

/** A picture that lies with its corner at the layer's pixel (x, y). */
export interface PieceRecord {
  readonly hash: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Versions that became part of the image fill itself. */
export interface Merged {
  readonly versions: readonly Shown[];
  readonly before: FillState;
  readonly after: string;
  readonly overlays: readonly OverlayRecord[];
  readonly marks?: readonly string[] | undefined;
}

/** On the source node. `id` is the node's own: a copy of the node has another, and is another layer. */
export interface LayerData {
  readonly key: string;
  readonly id: string;
  readonly merged: readonly Merged[];
}

/** On a patch: a rectangle, or the group around several nodes. */
export interface PatchData {
  readonly layer: string;
  readonly version: string;
  readonly parent: string | null;
  /** `nodes`: letters and placed pictures, seen only when rendered. */
  readonly kind: "pixels" | "nodes";
  /** Ids of the shapes that marked its place, hidden since: they are shown again when the patch goes. */
  readonly marks?: readonly string[] | undefined;
}

export function readLayer(node: PluginDataMixin): LayerData | null {
  return read(node, "layer", isLayer);
}

export function writeLayer(node: PluginDataMixin, data: LayerData): void {
  let merged = data.merged;
  let text = JSON.stringify(data);
  // The oldest can no longer be taken back one by one; the versions themselves are at the bridge.
  while (text.length > MOST_CHARS && merged.length > 1) {
    const [first, second, ...rest] = merged;
    if (first === undefined || second === undefined) break;
    merged = [{ ...second, versions: [...first.versions, ...second.versions] }, ...rest];
    text = JSON.stringify({ ...data, merged });
  }
  node.setSharedPluginData(NAMESPACE, "layer", text);
}

export function readPatch(node: PluginDataMixin): PatchData | null {
  return read(node, "patch", isPatch);
}

export function writePatch(node: PluginDataMixin, data: PatchData): void {
  node.setSharedPluginData(NAMESPACE, "patch", JSON.stringify(data));
}

export function readPiece(node: PluginDataMixin): PieceRecord | null {
  return read(node, "piece", isPiece);
}

export function writePiece(node: PluginDataMixin, data: PieceRecord): void {
  node.setSharedPluginData(NAMESPACE, "piece", JSON.stringify(data));
}

export function isPreview(node: PluginDataMixin): boolean {
  return node.getSharedPluginData(NAMESPACE, "preview") !== "";
}

export function markPreview(node: PluginDataMixin): void {
  node.setSharedPluginData(NAMESPACE, "preview", "1");
}

/** A copy of one of the person's nodes must not pass for the node itself. */
export function forget(node: PluginDataMixin): void {
  for (const key of ["layer", "patch", "piece", "preview"]) node.setSharedPluginData(NAMESPACE, key, "");
}

/** Other plugins may write there as well: what does not look like ours counts as nothing. */
function read<T>(node: PluginDataMixin, key: string, is: (value: unknown) => value is T): T | null {
  const text = node.getSharedPluginData(NAMESPACE, key);
  if (text === "") return null;
  try {
    const value: unknown = JSON.parse(text);
    return is(value) ? value : null;
  } catch {
    return null;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function isLayer(value: unknown): value is LayerData {
  return (
    isFields(value) &&
    typeof value["key"] === "string" &&
    typeof value["id"] === "string" &&
    Array.isArray(value["merged"]) &&
    value["merged"].every(isMerged)
  );
}

function isMerged(value: unknown): value is Merged {
  return (
    isFields(value) &&
    typeof value["after"] === "string" &&
    isFields(value["before"]) &&
    typeof value["before"]["hash"] === "string" &&
    isFields(value["before"]["fit"]) &&
    isFields(value["before"]["size"]) &&
    Array.isArray(value["versions"]) &&
    value["versions"].every((of) => isFields(of) && typeof of["version_id"] === "string") &&
    isMarks(value["marks"]) &&
    Array.isArray(value["overlays"])
  );
}

function isMarks(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every((id) => typeof id === "string"));
}

function isPatch(value: unknown): value is PatchData {
  return (
    isFields(value) &&
    typeof value["layer"] === "string" &&
    typeof value["version"] === "string" &&
    (value["parent"] === null || typeof value["parent"] === "string") &&
    (value["kind"] === "pixels" || value["kind"] === "nodes") &&
    isMarks(value["marks"])
  );
}

function isPiece(value: unknown): value is PieceRecord {
  return (
    isFields(value) &&
    typeof value["hash"] === "string" &&
    ["x", "y", "width", "height"].every((name) => typeof value[name] === "number")
  );
}
