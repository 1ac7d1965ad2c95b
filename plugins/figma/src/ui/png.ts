/**
 * PNG (W3C, third edition) to straight 8 bit samples and back, exactly: a canvas would multiply colours by alpha.
 *
 * The browser's own streams inflate and deflate, so this is all there is to it; a library would be a fifth of the
 * panel's allowed size.
 */

import type { Size } from "../../../shared/src/pixels/rect.ts";

/** An image as Inlay sees a layer: RGB, or straight RGBA when anything of it is transparent. */
export interface Decoded {
  readonly size: Size;
  readonly channels: 3 | 4;
  readonly data: Uint8Array;
  readonly profile: Uint8Array | null;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** Larger ones are not images that a design holds; inflating them would only fill the memory. */
const MOST_PIXELS = 16384 * 16384;

export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, index) => bytes[index] === byte);
}

interface Header {
  readonly size: Size;
  readonly depth: number;
  readonly colour: number;
  readonly interlaced: boolean;
}

interface Chunks {
  readonly header: Header;
  readonly packed: readonly Uint8Array[];
  readonly palette: Uint8Array;
  readonly clear: Uint8Array | null;
  readonly profile: Uint8Array | null;
}

/** Rejects with an Error when it is no sound PNG. */
export async function decodePng(bytes: Uint8Array): Promise<Decoded> {
  const chunks = readChunks(bytes);
  const { header } = chunks;
  const raw = await through(new DecompressionStream("deflate"), chunks.packed);
  const rgba = new Uint8Array(header.size.width * header.size.height * 4);
  let at = 0;
  for (const pass of header.interlaced ? ADAM7 : [[0, 0, 1, 1] as const]) at = readPass(chunks, raw, at, pass, rgba);
  return {
    size: header.size,
    ...lean(rgba),
    profile: chunks.profile === null ? null : await profileOf(chunks.profile),
  };
}

function readChunks(bytes: Uint8Array): Chunks {
  if (!isPng(bytes)) throw new Error("it is no PNG");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packed: Uint8Array[] = [];
  let header: Header | null = null;
  let palette = new Uint8Array(0);
  let clear: Uint8Array | null = null;
  let profile: Uint8Array | null = null;
  for (let at = 8; at + 8 <= bytes.length;) {
    const length = view.getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (body.length < length) throw new Error("it ends too soon");
    if (name === "IHDR") header = readHeader(view, at + 8);
    else if (name === "PLTE") palette = body.slice();
    else if (name === "tRNS") clear = body;
    else if (name === "iCCP") profile = body;
    else if (name === "IDAT") packed.push(body);
    else if (name === "IEND") break;
    at += length + 12;
  }
  if (header === null || packed.length === 0) throw new Error("it holds no picture");
  return { header, packed, palette, clear, profile };
}

function readHeader(view: DataView, at: number): Header {
  const size = { width: view.getUint32(at), height: view.getUint32(at + 4) };
  const [depth, colour] = [view.getUint8(at + 8), view.getUint8(at + 9)];
  const count = size.width * size.height;
  if (!(colour in CHANNELS) || ![1, 2, 4, 8, 16].includes(depth) || count === 0 || count > MOST_PIXELS) {
    throw new Error("its header is broken");
  }
  return { size, depth, colour, interlaced: view.getUint8(at + 12) === 1 };
}

/** x0, y0, step x, step y of the seven passes. */
const ADAM7: readonly (readonly [number, number, number, number])[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/** Reads the rows of one pass from `at` on; returns where the next pass begins. */
function readPass(
  chunks: Chunks,
  raw: Uint8Array,
  at: number,
  [x0, y0, stepX, stepY]: readonly [number, number, number, number],
  rgba: Uint8Array,
): number {
  const { size, depth, colour } = chunks.header;
  const [width, height] = [Math.ceil((size.width - x0) / stepX), Math.ceil((size.height - y0) / stepY)];
  if (width <= 0 || height <= 0) return at;
  const bits = depth * (CHANNELS[colour] ?? 0);
  const rowBytes = Math.ceil((width * bits) / 8);
  const step = Math.max(1, bits >> 3);
  if (raw.length < at + (rowBytes + 1) * height) throw new Error("it ends too soon");
  // Nearly all pictures: worth not asking each pixel what it is.
  const isPlain = depth === 8 && chunks.clear === null && (colour === 2 || colour === 6);
  let above: Uint8Array = new Uint8Array(rowBytes);
  for (let row = 0; row < height; row++) {
    const line = raw.subarray(at + 1, at + 1 + rowBytes);
    unfilter(raw[at] ?? 0, line, above, step);
    const to = ((y0 + row * stepY) * size.width + x0) * 4;
    if (isPlain) copyRow(line, bits >> 3, rgba, to, stepX * 4);
    else for (let x = 0; x < width; x++) writePixel(chunks, line, x, rgba, to + x * stepX * 4);
    above = line;
    at += rowBytes + 1;
  }
  return at;
}

function copyRow(line: Uint8Array, channels: number, rgba: Uint8Array, to: number, step: number): void {
  for (let from = 0; from < line.length; from += channels, to += step) {
    rgba[to] = line[from] ?? 0;
    rgba[to + 1] = line[from + 1] ?? 0;
    rgba[to + 2] = line[from + 2] ?? 0;
    rgba[to + 3] = channels === 4 ? (line[from + 3] ?? 0) : 255;
  }
}

/** Section 9.2: each byte was stored as its difference from what its neighbours foretell. */
function unfilter(kind: number, line: Uint8Array, above: Uint8Array, step: number): void {
  for (let i = 0; i < line.length; i++) {
    const left = i >= step ? (line[i - step] ?? 0) : 0;
    const up = above[i] ?? 0;
    let guess = 0;
    if (kind === 1) guess = left;
    else if (kind === 2) guess = up;
    else if (kind === 3) guess = (left + up) >> 1;
    else if (kind === 4) guess = paeth(left, up, i >= step ? (above[i - step] ?? 0) : 0);
    line[i] = (line[i] ?? 0) + guess;
  }
}

function paeth(left: number, up: number, corner: number): number {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

function writePixel(
  { header, palette, clear }: Chunks,
  line: Uint8Array,
  x: number,
  rgba: Uint8Array,
  to: number,
): void {
  const { depth, colour } = header;
  const channels = CHANNELS[colour] ?? 0;
  const first = sampleAt(line, x * channels, depth);
  if (colour === 3) {
    for (let c = 0; c < 3; c++) rgba[to + c] = palette[first * 3 + c] ?? 0;
    rgba[to + 3] = clear?.[first] ?? 255;
    return;
  }
  const most = 2 ** depth - 1;
  const narrow = (value: number) => (depth === 8 ? value : Math.round((value * 255) / most));
  const grey = channels < 3;
  let isClear = clear !== null;
  for (let c = 0; c < 3; c++) {
    const value = grey ? first : sampleAt(line, x * channels + c, depth);
    rgba[to + c] = narrow(value);
    const at = grey ? 0 : c * 2;
    if (clear !== null && value !== (((clear[at] ?? 0) << 8) | (clear[at + 1] ?? 0))) isClear = false;
  }
  const alpha = channels % 2 === 0 ? narrow(sampleAt(line, x * channels + channels - 1, depth)) : 255;
  rgba[to + 3] = isClear ? 0 : alpha;
}

function sampleAt(line: Uint8Array, index: number, depth: number): number {
  if (depth === 8) return line[index] ?? 0;
  if (depth === 16) return ((line[index * 2] ?? 0) << 8) | (line[index * 2 + 1] ?? 0);
  const bit = index * depth;
  return ((line[bit >> 3] ?? 0) >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
}

/** Without alpha, when nothing is transparent. */
export function lean(rgba: Uint8Array | Uint8ClampedArray): Pick<Decoded, "channels" | "data"> {
  let opaque = true;
  for (let i = 3; opaque && i < rgba.length; i += 4) opaque = rgba[i] === 255;
  if (!opaque) return { channels: 4, data: new Uint8Array(rgba.buffer, rgba.byteOffset, rgba.byteLength) };
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from] ?? 0;
    rgb[to + 1] = rgba[from + 1] ?? 0;
    rgb[to + 2] = rgba[from + 2] ?? 0;
  }
  return { channels: 3, data: rgb };
}

/** 8 bit RGB or straight RGBA, with a colour profile if the layer has one. */
export async function encodePng(
  size: Size,
  channels: number,
  data: Uint8Array,
  profile: Uint8Array | null,
): Promise<Uint8Array> {
  const row = size.width * channels;
  const raw = new Uint8Array((row + 1) * size.height);
  for (let y = 0; y < size.height; y++) filter(data, y * row, row, channels, raw, y * (row + 1));
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, size.width);
  view.setUint32(4, size.height);
  header.set([8, channels === 4 ? 6 : 2], 8);
  const parts = [
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", header),
    ...(profile === null ? [] : [chunk("iCCP", joined([PROFILE_NAME, await deflate(profile)]))]),
    chunk("IDAT", await deflate(raw)),
    chunk("IEND", new Uint8Array(0)),
  ];
  return joined(parts);
}

/** “ICC”, its end, and the one way to compress that there is. */
const PROFILE_NAME = Uint8Array.from([0x49, 0x43, 0x43, 0, 0]);

/** Paeth in every row but the first: for photographs about as small as choosing anew for each row. */
function filter(data: Uint8Array, from: number, row: number, step: number, raw: Uint8Array, to: number): void {
  const isFirst = from === 0;
  raw[to] = isFirst ? 1 : 4;
  for (let i = 0; i < row; i++) {
    const left = i >= step ? (data[from + i - step] ?? 0) : 0;
    const guess = isFirst
      ? left
      : paeth(left, data[from + i - row] ?? 0, i >= step ? (data[from + i - row - step] ?? 0) : 0);
    raw[to + 1 + i] = (data[from + i] ?? 0) - guess;
  }
}

function chunk(name: string, body: Uint8Array): Uint8Array {
  const out = new Uint8Array(body.length + 12);
  const view = new DataView(out.buffer);
  view.setUint32(0, body.length);
  for (let i = 0; i < 4; i++) out[4 + i] = name.charCodeAt(i);
  out.set(body, 8);
  view.setUint32(body.length + 8, crc32(out.subarray(4, body.length + 8)));
  return out;
}

async function profileOf(body: Uint8Array): Promise<Uint8Array | null> {
  const end = body.indexOf(0);
  try {
    return await through(new DecompressionStream("deflate"), [body.subarray(end + 2)]);
  } catch {
    // A broken profile is no reason to refuse the picture.
    return null;
  }
}

function deflate(data: Uint8Array): Promise<Uint8Array> {
  return through(new CompressionStream("deflate"), [data]);
}

async function through(
  stream: CompressionStream | DecompressionStream,
  parts: readonly Uint8Array[],
): Promise<Uint8Array> {
  const packed = new Blob(parts.map((part) => new Uint8Array(part))).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

function crc32(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = (crc >>> 8) ^ (CRC[(crc ^ byte) & 255] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}
