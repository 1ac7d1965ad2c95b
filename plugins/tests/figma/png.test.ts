/** PNG in and out, to the bit; another library is the judge. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { decode, encode } from "fast-png";
import { jpegProfile } from "../../figma/src/ui/icc.ts";
import { decodePng, encodePng } from "../../figma/src/ui/png.ts";
import { photo } from "./support.ts";

describe("PNG", () => {
  it("comes back as it went, with every alpha", async () => {
    const picture = fc
      .record({
        width: fc.integer({ min: 1, max: 24 }),
        height: fc.integer({ min: 1, max: 24 }),
        channels: fc.constantFrom(3, 4),
      })
      .chain(({ width, height, channels }) =>
        fc.uint8Array({ minLength: width * height * channels, maxLength: width * height * channels }).map((data) => {
          // One pixel that shows that there is alpha.
          if (channels === 4) data[3] = 7;
          return { width, height, channels, data };
        }),
      );
    await fc.assert(
      fc.asyncProperty(picture, async ({ width, height, channels, data }) => {
        const png = await encodePng({ width, height }, channels, data, null);
        assert.deepEqual(decode(png).data, data);
        assert.deepEqual((await decodePng(png)).data, data);
      }),
      { numRuns: 60 },
    );
  });

  it("reads what another encoder wrote: greys, 16 bit, interlaced", async () => {
    const size = { width: 37, height: 21 };
    const count = size.width * size.height;
    for (const channels of [1, 2, 3, 4]) {
      for (const depth of [8, 16] as const) {
        for (const interlace of ["null", "Adam7"] as const) {
          const data = depth === 8 ? new Uint8Array(count * channels) : new Uint16Array(count * channels);
          data.forEach((_, index) => (data[index] = (index * 7919) % 2 ** depth));
          const { data: got, channels: has } = await decodePng(
            encode({ ...size, channels, depth, data }, { interlace }),
          );
          const wanted = (pixel: number, c: number) => {
            const isAlpha = c === 3;
            if (isAlpha && channels % 2 === 1) return 255;
            const at = channels < 3 ? (isAlpha ? 1 : 0) : c;
            const value = data[pixel * channels + at]!;
            return depth === 8 ? value : Math.round(value / 257);
          };
          for (let pixel = 0; pixel < count; pixel++) {
            for (let c = 0; c < has; c++)
              assert.equal(got[pixel * has + c], wanted(pixel, c), `${channels} ${depth} ${interlace}`);
          }
        }
      }
    }
  });

  it("reads palettes, with and without alpha", async () => {
    const size = { width: 9, height: 5 };
    const palette = [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
    ];
    const data = Uint8Array.from({ length: 45 }, (_, index) => index % 3);
    const opaque = await decodePng(encode({ ...size, channels: 1, data, palette }));
    assert.equal(opaque.channels, 3);
    assert.deepEqual([...opaque.data.subarray(0, 9)], palette.flat());
    const clear = palette.map((colour, index) => [...colour, index === 0 ? 0 : 255]);
    const some = await decodePng(encode({ ...size, channels: 1, data, palette: clear }));
    assert.deepEqual([...some.data.subarray(0, 8)], [255, 0, 0, 0, 0, 255, 0, 255]);
  });

  it("keeps the colour profile", async () => {
    const { data } = photo(8, 8);
    const profile = Uint8Array.from({ length: 500 }, (_, index) => index % 251);
    const png = await encodePng({ width: 8, height: 8 }, 3, data, profile);
    assert.deepEqual((await decodePng(png)).profile, profile);
    assert.deepEqual(decode(png).iccEmbeddedProfile?.profile, profile);
  });

  it("says so when the file is broken or too large, and does not hang", async () => {
    const { png } = photo(30, 30);
    await assert.rejects(decodePng(png.subarray(0, png.length - 200)));
    await assert.rejects(decodePng(Uint8Array.from([1, 2, 3])));
    const huge = png.slice();
    new DataView(huge.buffer).setUint32(16, 2 ** 31 - 1);
    await assert.rejects(decodePng(huge), /header/);
  });

  it("makes files about as small as other programs do", async () => {
    const { data } = photo(300, 200);
    const png = await encodePng({ width: 300, height: 200 }, 3, data, null);
    assert.ok(png.length < 0.9 * deflateSync(data).length, `${png.length} bytes`);
  });
});

describe("the colour profile of a JPEG", () => {
  const segment = (marker: number, body: readonly number[]) => [
    0xff,
    marker,
    (body.length + 2) >> 8,
    (body.length + 2) & 255,
    ...body,
  ];
  const part = (number: number, count: number, body: readonly number[]) =>
    segment(0xe2, [...Buffer.from("ICC_PROFILE\0"), number, count, ...body]);

  it("is put together from its numbered parts", () => {
    const jpeg = Uint8Array.from([
      0xff,
      0xd8,
      ...part(2, 2, [4, 5]),
      ...segment(0xfe, [9]),
      ...part(1, 2, [1, 2, 3]),
      0xff,
      0xda,
    ]);
    assert.deepEqual(jpegProfile(jpeg), Uint8Array.from([1, 2, 3, 4, 5]));
  });

  it("is none when a part is missing, or there is none", () => {
    assert.equal(jpegProfile(Uint8Array.from([0xff, 0xd8, ...part(2, 2, [4, 5]), 0xff, 0xda])), null);
    assert.equal(jpegProfile(Uint8Array.from([0xff, 0xd8, 0xff, 0xda])), null);
  });
});
