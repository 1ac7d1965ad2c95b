/**
 * ICC profiles of the colour spaces that Photoshop names. UXP tells a document's profile by name only, never its bytes;
 * for names whose maths everybody knows a small profile is written here (ICC.1:2022: header 7.2, `XYZ ` 10.31,
 * `curv` 10.6, `para` 10.18, `desc` as `mluc` 10.15), so that the bridge can compute with light. Pixels are never
 * converted with it. All other names are unknown, and told so.
 */

type Triple = readonly [number, number, number];

/** Light from a colour number: a power, or sRGB's curve (power with a straight piece near black). */
type Curve = number | "srgb";

interface Space {
  readonly curve: Curve;
  /** Red, green and blue in XYZ, adapted to D50; null for grey. */
  readonly primaries: readonly [Triple, Triple, Triple] | null;
}

// Columns of the matrices from linear numbers to XYZ, Bradford-adapted to D50, as the profiles of their makers have them.
const SRGB: Space["primaries"] = [
  [0.436066, 0.222488, 0.013916],
  [0.385147, 0.716873, 0.097076],
  [0.143066, 0.060608, 0.714096],
];
const ADOBE: Space["primaries"] = [
  [0.60974, 0.31111, 0.01947],
  [0.20528, 0.62567, 0.06087],
  [0.14919, 0.06322, 0.74457],
];
const P3: Space["primaries"] = [
  [0.51512, 0.2412, -0.00105],
  [0.29198, 0.69225, 0.04189],
  [0.1571, 0.06657, 0.78407],
];
const PROPHOTO: Space["primaries"] = [
  [0.79767, 0.28804, 0],
  [0.13519, 0.71188, 0],
  [0.03134, 0.00009, 0.82491],
];

const SPACES: Readonly<Record<string, Space>> = {
  "srgb iec61966-2.1": { curve: "srgb", primaries: SRGB },
  "adobe rgb (1998)": { curve: 563 / 256, primaries: ADOBE },
  "display p3": { curve: "srgb", primaries: P3 },
  "prophoto rgb": { curve: 1.8, primaries: PROPHOTO },
  "gray gamma 2.2": { curve: 2.2, primaries: null },
  "gray gamma 1.8": { curve: 1.8, primaries: null },
  sgray: { curve: "srgb", primaries: null },
};

/** What Photoshop adds to a profile's name in a document of 32 bits, whose numbers are light itself. */
const LINEAR = /\s*\(linear (?:rgb|gray(?:scale)?|grey) profile\)\s*$/i;

/** A profile's name as `createImageDataFromBuffer` and people know it: without Photoshop's “(Linear RGB Profile)”. */
export function plainName(name: string): string {
  return name.replace(LINEAR, "").trim();
}

/** The profile of a name, or null: unknown here. A 32 bit document's numbers are linear. */
export function profileOf(name: string, isLinear: boolean): Uint8Array | null {
  const space = SPACES[plainName(name).toLowerCase()];
  if (space === undefined) return null;
  return written(plainName(name) + (isLinear ? " (linear)" : ""), isLinear ? { ...space, curve: 1 } : space);
}

const WHITE_D50: Triple = [0.9642, 1, 0.8249];
const HEADER_BYTES = 128;

function written(name: string, space: Space): Uint8Array {
  const curve = curveTag(space.curve);
  const tags: [string, Uint8Array][] = [
    ["desc", textTag(name)],
    ["cprt", textTag("No copyright, use freely")],
    ["wtpt", xyzTag(WHITE_D50)],
  ];
  if (space.primaries === null) {
    tags.push(["kTRC", curve]);
  } else {
    const [red, green, blue] = space.primaries;
    tags.push(["rXYZ", xyzTag(red)], ["gXYZ", xyzTag(green)], ["bXYZ", xyzTag(blue)]);
    tags.push(["rTRC", curve], ["gTRC", curve], ["bTRC", curve]);
  }
  // Tags that share their data point at the same bytes, which the standard allows.
  const places = new Map<Uint8Array, number>();
  let end = HEADER_BYTES + 4 + 12 * tags.length;
  for (const [, data] of tags) {
    if (places.has(data)) continue;
    places.set(data, end);
    end += (data.length + 3) & ~3;
  }
  const bytes = new Uint8Array(end);
  const view = new DataView(bytes.buffer);
  header(bytes, view, space.primaries === null ? "GRAY" : "RGB ");
  view.setUint32(HEADER_BYTES, tags.length);
  tags.forEach(([signature, data], number) => {
    const at = HEADER_BYTES + 4 + 12 * number;
    const place = places.get(data) ?? 0;
    ascii(bytes, at, signature);
    view.setUint32(at + 4, place);
    view.setUint32(at + 8, data.length);
    bytes.set(data, place);
  });
  return bytes;
}

function header(bytes: Uint8Array, view: DataView, space: "RGB " | "GRAY"): void {
  view.setUint32(0, bytes.length);
  view.setUint32(8, 0x04400000); // version 4.4
  ascii(bytes, 12, "mntr");
  ascii(bytes, 16, space);
  ascii(bytes, 20, "XYZ ");
  view.setUint16(24, 2026); // a fixed date: the same bytes each time
  view.setUint16(26, 1);
  view.setUint16(28, 1);
  ascii(bytes, 36, "acsp");
  view.setUint32(64, 0); // perceptual
  WHITE_D50.forEach((value, number) => view.setInt32(68 + 4 * number, fixed(value)));
}

function xyzTag(values: Triple): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  ascii(bytes, 0, "XYZ ");
  values.forEach((value, number) => view.setInt32(8 + 4 * number, fixed(value)));
  return bytes;
}

function curveTag(curve: Curve): Uint8Array {
  const values = curve === "srgb" ? [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045] : /* a power alone */ [curve];
  const bytes = new Uint8Array(12 + 4 * values.length);
  const view = new DataView(bytes.buffer);
  ascii(bytes, 0, "para");
  view.setUint16(8, curve === "srgb" ? 3 : 0);
  values.forEach((value, number) => view.setInt32(12 + 4 * number, fixed(value)));
  return bytes;
}

function textTag(text: string): Uint8Array {
  const bytes = new Uint8Array(28 + 2 * text.length);
  const view = new DataView(bytes.buffer);
  ascii(bytes, 0, "mluc");
  view.setUint32(8, 1);
  view.setUint32(12, 12);
  ascii(bytes, 16, "enUS");
  view.setUint32(20, 2 * text.length);
  view.setUint32(24, 28);
  for (let number = 0; number < text.length; number++) view.setUint16(28 + 2 * number, text.charCodeAt(number));
  return bytes;
}

/** s15Fixed16Number. */
function fixed(value: number): number {
  return Math.round(value * 65536);
}

function ascii(bytes: Uint8Array, at: number, text: string): void {
  for (let number = 0; number < text.length; number++) bytes[at + number] = text.charCodeAt(number);
}
