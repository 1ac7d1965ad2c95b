/** UTF-8, both ways, as the Encoding standard has it: lone surrogates and broken bytes become U+FFFD. */

const REPLACEMENT = 0xfffd;

export function encodeUtf8(text: string): Uint8Array {
  // A UTF-16 unit needs three bytes at most (a pair four).
  const bytes = new Uint8Array(text.length * 3);
  let end = 0;
  for (const char of text) {
    const found = char.codePointAt(0) ?? REPLACEMENT;
    const code = found >= 0xd800 && found <= 0xdfff ? REPLACEMENT : found;
    if (code < 0x80) {
      bytes[end++] = code;
    } else if (code < 0x800) {
      bytes[end++] = 0xc0 | (code >> 6);
      bytes[end++] = 0x80 | (code & 63);
    } else if (code < 0x10000) {
      bytes[end++] = 0xe0 | (code >> 12);
      bytes[end++] = 0x80 | ((code >> 6) & 63);
      bytes[end++] = 0x80 | (code & 63);
    } else {
      bytes[end++] = 0xf0 | (code >> 18);
      bytes[end++] = 0x80 | ((code >> 12) & 63);
      bytes[end++] = 0x80 | ((code >> 6) & 63);
      bytes[end++] = 0x80 | (code & 63);
    }
  }
  return bytes.slice(0, end);
}

export function decodeUtf8(bytes: Uint8Array): string {
  const parts: string[] = [];
  // A mark at the beginning that only says “this is UTF-8” is no text.
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (at < bytes.length) {
    const lead = bytes[at++] ?? 0;
    if (lead < 0x80) {
      parts.push(String.fromCharCode(lead));
      continue;
    }
    const more =
      lead >= 0xc2 && lead <= 0xdf ? 1 : lead >= 0xe0 && lead <= 0xef ? 2 : lead >= 0xf0 && lead <= 0xf4 ? 3 : 0;
    let code = more === 0 ? REPLACEMENT : lead & (0x3f >> more);
    for (let number = 0; number < more; number++) {
      const next = bytes[at] ?? 0;
      // Overlong forms, surrogates and what lies beyond Unicode show in the second byte.
      const [least, most] = number > 0 ? [0x80, 0xbf] : secondByte(lead);
      if (next < least || next > most) {
        code = REPLACEMENT;
        break;
      }
      code = (code << 6) | (next & 63);
      at++;
    }
    parts.push(String.fromCodePoint(code));
  }
  return parts.join("");
}

function secondByte(lead: number): [number, number] {
  if (lead === 0xe0) return [0xa0, 0xbf];
  if (lead === 0xed) return [0x80, 0x9f];
  if (lead === 0xf0) return [0x90, 0xbf];
  if (lead === 0xf4) return [0x80, 0x8f];
  return [0x80, 0xbf];
}
