/**
 * Tells whether a layer changed. Photoshop counts history states, but a new selection is one too, and an edit must not
 * be lost to a click. So: as long as the state is the same, nothing changed; when it is another, the parts that were
 * read of the layer are read again and compared. That costs what the edits cost, and misses nothing they were made of.
 */

import type { Raster } from "../../shared/src/pixels/raster.ts";
import { contains, type Rect, union } from "../../shared/src/pixels/rect.ts";
import { fingerprint } from "./composite.ts";
import type { Stack } from "./stack.ts";

interface Known {
  readonly token: string;
  readonly structure: string;
  state: number;
  parts: Part[];
}

interface Part {
  readonly rect_px: Rect;
  readonly print: string;
}

/** Beyond so many parts they are read as one. */
const MOST_PARTS = 48;

export type Reads = (rect_px: Rect) => Promise<Raster>;

export class Revisions {
  private readonly known = new Map<string, Known>();

  /** The layer's revision. `read` gives what it shows now. */
  async of(stack: Stack, read: Reads): Promise<string> {
    const { document } = stack;
    const key = keyOf(stack);
    const state = document.activeHistoryState.id;
    const structure = structureOf(stack);
    const known = this.known.get(key);
    if (known?.structure === structure) {
      if (known.state === state) return known.token;
      if (await asBefore(known.parts, read)) {
        known.state = state;
        return known.token;
      }
    }
    // The state alone names it, so that a plugin that is loaded again calls it the same.
    const token = `${state}:${fingerprint(Uint8Array.from(structure, (char) => char.charCodeAt(0) & 255))}`;
    this.known.set(key, { token, structure, state, parts: [] });
    return token;
  }

  /** A part of the layer was read for an edit. */
  async took(stack: Stack, raster: Raster, read: Reads): Promise<void> {
    await this.of(stack, read);
    const known = this.known.get(keyOf(stack));
    if (known === undefined) return;
    const { rect_px } = raster;
    if (known.parts.some((part) => contains(part.rect_px, rect_px))) return;
    known.parts = known.parts.filter((part) => !contains(rect_px, part.rect_px));
    known.parts.push({ rect_px, print: fingerprint(raster.data) });
    if (known.parts.length <= MOST_PARTS) return;
    const all = known.parts.map((part) => part.rect_px).reduce(union);
    known.parts = [{ rect_px: all, print: fingerprint((await read(all)).data) }];
  }
}

function keyOf({ document, source }: Stack): string {
  return `${document.id}:${source.id}`;
}

/** What can change without a history state: what is seen, and of which size. */
function structureOf({ document, source, shown, drawn, format }: Stack): string {
  const layers = drawn.map((layer) => [layer.id, layer === source ? 100 : layer.opacity]);
  const versions = shown.map(({ record }) => record.version_id);
  return JSON.stringify([document.width, document.height, format, layers, versions]);
}

async function asBefore(parts: readonly Part[], read: Reads): Promise<boolean> {
  for (const { rect_px, print } of parts) {
    if (fingerprint((await read(rect_px)).data) !== print) return false;
  }
  return true;
}
