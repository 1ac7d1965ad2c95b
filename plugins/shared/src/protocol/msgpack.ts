/**
 * The part of MessagePack (github.com/msgpack/msgpack/blob/master/spec.md) that our messages use: nil, booleans, numbers,
 * texts, bytes, lists and maps with texts as keys. No extensions, no dates, no numbers beyond 2^53.
 *
 * Our own, since the library is a seventh of a whole bundle and brings streams and extensions that no message has. The
 * tests hold it against the library, both ways.
 */

/** Deeper than any message; what is deeper is an attack on the stack. */
const MOST_DEPTH = 32;
const FIRST_BYTES = 1024;

export class NotMessagePack extends Error {
  constructor(message: string) {
    super(message);
    this.name = "NotMessagePack";
  }
}

/** A value as bytes. Fields that are undefined are left out. Throws `NotMessagePack` for what has no place here. */
export function pack(value: unknown): Uint8Array {
  return new Packer().all(value);
}

/** The value in these bytes, all of them. Bytes in it are views of the input. Throws `NotMessagePack`. */
export function unpack(data: Uint8Array): unknown {
  return new Unpacker(data).all();
}

class Packer {
  private bytes = new Uint8Array(FIRST_BYTES);
  private view = new DataView(this.bytes.buffer);
  private at = 0;

  all(value: unknown): Uint8Array {
    this.put(value, 0);
    return this.bytes.slice(0, this.at);
  }

  private put(value: unknown, depth: number): void {
    if (depth > MOST_DEPTH) throw new NotMessagePack("too deep");
    if (value === null || value === undefined) this.head(0xc0);
    else if (typeof value === "boolean") this.head(value ? 0xc3 : 0xc2);
    else if (typeof value === "number") this.number(value);
    else if (typeof value === "string") this.text(value);
    else if (value instanceof Uint8Array) this.raw(value, [0, -1, 0xc4, 0xc5, 0xc6]);
    else if (Array.isArray(value)) {
      this.length(value.length, [0x90, 15, -1, 0xdc, 0xdd]);
      for (const item of value) this.put(item, depth + 1);
    } else if (typeof value === "object") {
      const fields = Object.entries(value).filter(([, field]) => field !== undefined);
      this.length(fields.length, [0x80, 15, -1, 0xde, 0xdf]);
      for (const [name, field] of fields) {
        this.text(name);
        this.put(field, depth + 1);
      }
    } else throw new NotMessagePack(`no ${typeof value} here`);
  }

  private number(value: number): void {
    if (!Number.isSafeInteger(value)) {
      this.head(0xcb, 8);
      this.view.setFloat64(this.at - 8, value);
    } else if (value >= -32 && value < 128) this.head(value & 0xff);
    else if (value >= 0) {
      if (value < 0x100) this.sized(0xcc, 1, value);
      else if (value < 0x10000) this.sized(0xcd, 2, value);
      else if (value < 0x100000000) this.sized(0xce, 4, value);
      else this.wide(0xcf, value);
    } else if (value >= -0x80) this.sized(0xd0, 1, value & 0xff);
    else if (value >= -0x8000) this.sized(0xd1, 2, value & 0xffff);
    else if (value >= -0x80000000) this.sized(0xd2, 4, value >>> 0);
    else this.wide(0xd3, value);
  }

  private text(value: string): void {
    this.raw(new TextEncoder().encode(value), [0xa0, 31, 0xd9, 0xda, 0xdb]);
  }

  private raw(value: Uint8Array, heads: Heads): void {
    this.length(value.length, heads);
    this.room(value.length);
    this.bytes.set(value, this.at);
    this.at += value.length;
  }

  private length(count: number, [fixed, most, one, two, four]: Heads): void {
    if (count <= most) this.head(fixed | count);
    else if (one >= 0 && count < 0x100) this.sized(one, 1, count);
    else if (count < 0x10000) this.sized(two, 2, count);
    else this.sized(four, 4, count);
  }

  private sized(head: number, bytes: 1 | 2 | 4, value: number): void {
    this.head(head, bytes);
    if (bytes === 1) this.view.setUint8(this.at - 1, value);
    else if (bytes === 2) this.view.setUint16(this.at - 2, value);
    else this.view.setUint32(this.at - 4, value);
  }

  private wide(head: number, value: number): void {
    this.head(head, 8);
    this.view.setUint32(this.at - 8, Math.floor(value / 0x100000000) >>> 0);
    this.view.setUint32(this.at - 4, value >>> 0);
  }

  /** A head, and room for so many bytes after it. */
  private head(byte: number, more = 0): void {
    this.room(1 + more);
    this.bytes[this.at] = byte;
    this.at += 1 + more;
  }

  private room(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.at + more));
    larger.set(this.bytes.subarray(0, this.at));
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
}

/** The head of a short one with its length in it, how long that may be, and the heads before 1, 2 and 4 bytes. */
type Heads = readonly [fixed: number, most: number, one: number, two: number, four: number];

class Unpacker {
  private readonly view: DataView;
  private readonly texts = new TextDecoder();
  private at = 0;

  constructor(private readonly data: Uint8Array) {
    this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  all(): unknown {
    const value = this.take(0);
    if (this.at !== this.data.length) throw new NotMessagePack("not one value");
    return value;
  }

  private take(depth: number): unknown {
    if (depth > MOST_DEPTH) throw new NotMessagePack("too deep");
    const head = this.uint(1);
    if (head < 0x80) return head;
    if (head < 0x90) return this.map(head & 15, depth);
    if (head < 0xa0) return this.list(head & 15, depth);
    if (head < 0xc0) return this.text(head & 31);
    if (head >= 0xe0) return head - 0x100;
    switch (head) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.raw(this.uint(1 << (head - 0xc4)));
      case 0xca:
        return this.view.getFloat32(this.step(4));
      case 0xcb:
        return this.view.getFloat64(this.step(8));
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.uint(1 << (head - 0xcc));
      case 0xcf:
        return this.uint(4) * 0x100000000 + this.uint(4);
      case 0xd0:
        return this.view.getInt8(this.step(1));
      case 0xd1:
        return this.view.getInt16(this.step(2));
      case 0xd2:
        return this.view.getInt32(this.step(4));
      case 0xd3:
        return this.view.getInt32(this.step(4)) * 0x100000000 + this.uint(4);
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.text(this.uint(1 << (head - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.list(this.uint(2 << (head - 0xdc)), depth);
      case 0xde:
      case 0xdf:
        return this.map(this.uint(2 << (head - 0xde)), depth);
      default:
        throw new NotMessagePack(`no ${head} here`);
    }
  }

  private list(count: number, depth: number): unknown[] {
    // Each item is a byte at least: a count beyond what is left claims memory for nothing.
    if (count > this.data.length - this.at) throw new NotMessagePack("too short");
    const items: unknown[] = [];
    for (let i = 0; i < count; i++) items.push(this.take(depth + 1));
    return items;
  }

  private map(count: number, depth: number): Record<string, unknown> {
    if (count > this.data.length - this.at) throw new NotMessagePack("too short");
    const fields: [string, unknown][] = [];
    for (let i = 0; i < count; i++) {
      const name = this.take(depth + 1);
      if (typeof name !== "string") throw new NotMessagePack("a name is no text");
      fields.push([name, this.take(depth + 1)]);
    }
    // Not by assignment: a field called “__proto__” is a field like others.
    return Object.fromEntries(fields);
  }

  private text(length: number): string {
    return this.texts.decode(this.raw(length));
  }

  private raw(length: number): Uint8Array {
    const start = this.step(length);
    return this.data.subarray(start, start + length);
  }

  private uint(bytes: number): number {
    const start = this.step(bytes);
    return bytes === 1
      ? this.view.getUint8(start)
      : bytes === 2
        ? this.view.getUint16(start)
        : this.view.getUint32(start);
  }

  private step(bytes: number): number {
    const start = this.at;
    if (start + bytes > this.data.length) throw new NotMessagePack("too short");
    this.at += bytes;
    return start;
  }
}
