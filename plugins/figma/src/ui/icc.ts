/** The colour profile inside a JPEG: ICC.1:2010, annex B.4 (APP2 segments, numbered parts). */

const SIGNATURE = "ICC_PROFILE\0";

/** Null when it has none, or is no JPEG. */
export function jpegProfile(bytes: Uint8Array): Uint8Array | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  const parts = new Map<number, Uint8Array>();
  let count = 0;
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1] ?? 0;
    // Start of scan: pixels from here on.
    if (marker === 0xda) break;
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    if (length < 2) break;
    const body = bytes.subarray(at + 4, at + 2 + length);
    if (marker === 0xe2 && isProfile(body)) {
      parts.set(body[SIGNATURE.length] ?? 0, body.subarray(SIGNATURE.length + 2));
      count = body[SIGNATURE.length + 1] ?? 0;
    }
    at += 2 + length;
  }
  if (count === 0) return null;
  const ordered: Uint8Array[] = [];
  for (let number = 1; number <= count; number++) {
    const part = parts.get(number);
    if (part === undefined) return null;
    ordered.push(part);
  }
  const profile = new Uint8Array(ordered.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of ordered) {
    profile.set(part, offset);
    offset += part.length;
  }
  return profile;
}

function isProfile(body: Uint8Array): boolean {
  return Array.from(SIGNATURE).every((letter, index) => body[index] === letter.charCodeAt(0));
}
