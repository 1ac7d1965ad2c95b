/** Photoshop's imaging module, with its traps: trimmed bounds, 0..32768, `replace: true`, memory that must be given back. */

import type { Edges, Photoshop } from "../../../photoshop/src/api.ts";
import type { imaging as Imaging } from "photoshop/dom/ImagingModule";
import {
  type Box,
  contentBox,
  cut,
  type Depth,
  flattened,
  heightOf,
  isEmpty,
  meet,
  merged,
  type Plane,
  store,
  type Store,
  whiteOf,
  widthOf,
} from "./model.ts";
import type { FakePhotoshop } from "./photoshop.ts";
import { HostFailure } from "./rules.ts";

type Api = Photoshop["imaging"];

const FULL_WHITE = 65_535;

export class FakeImaging implements Api {
  /** Image data that nobody has disposed. */
  readonly live = new Set<FakeImageData>();
  /** Samples that plugins read of layers, to see that they read no more than they need. */
  samplesRead = 0;

  constructor(
    private readonly host: FakePhotoshop,
    private readonly encodeJpeg: (rgb: Uint8Array, width: number, height: number) => Promise<string> = () =>
      Promise.reject(new HostFailure("this stand-in has no JPEG encoder")),
  ) {}

  getPixels: Api["getPixels"] = (options) =>
    this.host.rules.answer(() => {
      this.host.rules.called("getPixels");
      const document = this.host.documentOf(options.documentID);
      const { depth, colours } = document;
      const plane = options.layerID === undefined ? this.composite(document) : document.rendered(options.layerID);
      if (plane === null) throw new HostFailure("getPixels: the layer has no pixels");
      const wanted = options.sourceBounds === undefined ? plane.box : meet(whole(options.sourceBounds), plane.box);
      if (isEmpty(wanted)) throw new HostFailure("getPixels: the bounds do not meet the layer's pixels");
      let read = cut(plane, wanted);
      if (plane.channels > colours) {
        // Trimmed to what is not empty: the trap of this API.
        const content = contentBox(read, colours);
        if (content === null) throw new HostFailure("getPixels: there are no pixels in the bounds");
        read = cut(read, content);
      }
      this.samplesRead += read.data.length;
      let { box } = read;
      let data = new FakeImageData(this, read, depth, document.profileName);
      if (options.componentSize === 8 && depth !== 8) data = data.with8Bit();
      if (options.colorSpace === "RGB" && colours === 1) data = data.withRgb();
      if (options.targetSize !== undefined) {
        const { width = widthOf(box), height = heightOf(box) } = options.targetSize;
        data = data.scaledTo(width, height);
        box = { left: 0, top: 0, right: width, bottom: height };
      }
      return { imageData: this.keep(data), sourceBounds: box, level: 0 };
    });

  putPixels: Api["putPixels"] = (options) =>
    this.host.rules.answer(() => {
      this.host.rules.changes("putPixels");
      const document = this.host.documentOf(options.documentID);
      const node = document.node(options.layerID);
      if (node.kind !== "pixel") throw new HostFailure("putPixels: the target must be a pixel layer");
      const image = this.alive(options.imageData);
      const space = document.colours === 1 ? "Grayscale" : "RGB";
      if (image.colorSpace !== space) throw new HostFailure(`putPixels: ${image.colorSpace} into ${space}`);
      if (image.componentSize !== document.depth) throw new HostFailure("putPixels: another bit depth");
      if (image.colorProfile !== "" && image.colorProfile !== document.profileName) {
        throw new HostFailure("putPixels: the numbers would be converted from another profile");
      }
      if (!node.background && !image.hasAlpha) throw new HostFailure("putPixels: what does the layer's alpha become?");
      const { left = 0, top = 0 } = options.targetBounds ?? {};
      const put = image.planeAt(left, top);
      const replace = options.replace ?? true;
      document.change("putPixels", options.layerID, (layer) => ({
        ...layer,
        pixels: replace ? put : merged(layer.pixels, put),
      }));
    });

  getLayerMask: Api["getLayerMask"] = (options) =>
    this.host.rules.answer(() => {
      this.host.rules.called("getLayerMask");
      const document = this.host.documentOf(options.documentID);
      const { mask } = document.node(options.layerID);
      if (mask === null) throw new HostFailure("getLayerMask: the layer has no mask");
      let box = options.sourceBounds === undefined ? mask.box : whole(options.sourceBounds);
      let data = new FakeImageData(this, cut(mask, box), 8, "Gray Gamma 2.2");
      if (options.targetSize !== undefined) {
        const { width = widthOf(box), height = heightOf(box) } = options.targetSize;
        data = data.scaledTo(width, height);
        box = { left: 0, top: 0, right: width, bottom: height };
      }
      return { imageData: this.keep(data), sourceBounds: box };
    });

  putLayerMask: Api["putLayerMask"] = (options) =>
    this.host.rules.answer(() => {
      this.host.rules.changes("putLayerMask");
      const document = this.host.documentOf(options.documentID);
      const image = this.alive(options.imageData);
      if (image.components !== 1 || image.colorSpace !== "Grayscale" || image.componentSize !== 8) {
        throw new HostFailure("putLayerMask: a mask has one channel, Grayscale");
      }
      if (document.node(options.layerID).background) throw new HostFailure("putLayerMask: the Background has no mask");
      const { left = 0, top = 0 } = options.targetBounds ?? {};
      const put = image.planeAt(left, top);
      const replace = options.replace ?? true;
      document.change("putLayerMask", options.layerID, (layer) => ({
        ...layer,
        mask: replace ? put : merged(layer.mask, put),
        maskEnabled: true,
      }));
    });

  getSelection: Api["getSelection"] = (options) =>
    this.host.rules.answer(() => {
      this.host.rules.called("getSelection");
      const { selection } = this.host.documentOf(options.documentID).state;
      const content = selection === null ? null : contentBox(selection, 0);
      if (selection === null || content === null) throw new HostFailure("getSelection: nothing is selected");
      const box = options.sourceBounds === undefined ? content : meet(content, whole(options.sourceBounds));
      if (isEmpty(box)) throw new HostFailure("getSelection: nothing is selected there");
      const imageData = this.keep(new FakeImageData(this, cut(selection, box), 8, "Gray Gamma 2.2"));
      return { imageData, sourceBounds: box };
    });

  createImageDataFromBuffer: Api["createImageDataFromBuffer"] = (buffer, options) =>
    this.host.rules.answer(() => {
      this.host.rules.called("createImageDataFromBuffer");
      const { width, height, components, colorSpace, fullRange = false, chunky = true } = options;
      if (buffer.length !== width * height * components) throw new HostFailure("the buffer has another size");
      if (!chunky) throw new HostFailure("the stand-in takes chunky buffers only");
      if (!(colorSpace === "RGB" ? [3, 4] : [1, 2]).includes(components)) throw new HostFailure("components");
      const depth: Depth = buffer instanceof Uint8Array ? 8 : buffer instanceof Uint16Array ? 16 : 32;
      const data = store(depth, buffer.length);
      for (const [at, value] of buffer.entries()) {
        if (depth === 16 && !fullRange && value > whiteOf(16)) throw new HostFailure("16 bit is 0..32768");
        data[at] = depth === 16 && fullRange ? Math.round((value * whiteOf(16)) / FULL_WHITE) : value;
      }
      const box = { left: 0, top: 0, right: width, bottom: height };
      return this.keep(new FakeImageData(this, { box, channels: components, data }, depth, options.colorProfile ?? ""));
    });

  encodeImageData: Api["encodeImageData"] = ({ imageData, base64 }) =>
    this.host.rules.answer(() => {
      this.host.rules.called("encodeImageData");
      const image = this.alive(imageData);
      if (image.pixelFormat !== "RGB" || image.componentSize !== 8) throw new HostFailure("only 8 bit RGB is encoded");
      if (base64 !== true) throw new HostFailure("the stand-in gives base64 only");
      return this.encodeJpeg(image.plane.data as Uint8Array, image.width, image.height);
    });

  private composite(document: ReturnType<FakePhotoshop["documentOf"]>): Plane {
    const all = flattened(document.state, document.depth, document.colours);
    const white = whiteOf(document.depth);
    const { channels } = all;
    if (all.data.some((value, at) => at % channels === channels - 1 && value !== white)) return all;
    const data = all.data.filter((_, at) => at % channels !== channels - 1);
    return { box: all.box, channels: channels - 1, data };
  }

  private keep(data: FakeImageData): FakeImageData {
    this.live.add(data);
    return data;
  }

  private alive(data: Imaging.PhotoshopImageData): FakeImageData {
    if (!(data instanceof FakeImageData) || !this.live.has(data)) throw new HostFailure("the image data was disposed");
    return data;
  }
}

/** Bounds are whole pixels. */
function whole(bounds: Edges): Box {
  const { left, top, right, bottom } = bounds;
  if (![left, top, right, bottom].every(Number.isInteger)) throw new HostFailure("bounds must be whole numbers");
  return { left, top, right, bottom };
}

export class FakeImageData implements Imaging.PhotoshopImageData {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly componentSize: Depth;
  readonly colorSpace: Imaging.ColorSpace;
  readonly hasAlpha: boolean;
  readonly pixelFormat: Imaging.PixelFormat;
  readonly chunky = true;
  readonly type = "image/uncompressed";

  constructor(
    private readonly owner: FakeImaging,
    readonly plane: Plane,
    depth: Depth,
    readonly colorProfile: string,
  ) {
    this.width = widthOf(plane.box);
    this.height = heightOf(plane.box);
    this.components = plane.channels;
    this.componentSize = depth;
    this.colorSpace = plane.channels > 2 ? "RGB" : "Grayscale";
    this.hasAlpha = plane.channels % 2 === 0;
    this.pixelFormat = (["Grayscale", "GrayscaleAlpha", "RGB", "RGBA"] as const)[plane.channels - 1] ?? "RGB";
  }

  getData = ({ chunky = true, fullRange = false }: Imaging.GetDataOptions): Promise<Store> =>
    this.owner["host"].rules.answer(() => {
      this.owner["host"].rules.called("getData");
      if (!this.owner.live.has(this)) throw new HostFailure("the image data was disposed");
      if (!chunky) throw new HostFailure("the stand-in gives chunky data only");
      const data = this.plane.data.slice();
      if (fullRange && data instanceof Uint16Array) {
        for (const [at, value] of data.entries()) data[at] = Math.round((value * FULL_WHITE) / whiteOf(16));
      }
      return data;
    });

  dispose = (): Promise<void> => {
    this.owner.live.delete(this);
    return Promise.resolve();
  };

  planeAt(left: number, top: number): Plane {
    return { ...this.plane, box: { left, top, right: left + this.width, bottom: top + this.height } };
  }

  with8Bit(): FakeImageData {
    const white = whiteOf(this.componentSize);
    const data = Uint8Array.from(this.plane.data, (value) => Math.round(Math.min(1, Math.max(0, value / white)) * 255));
    return new FakeImageData(this.owner, { ...this.plane, data }, 8, this.colorProfile);
  }

  withRgb(): FakeImageData {
    const channels = this.components + 2;
    const data = store(this.componentSize, this.width * this.height * channels);
    for (let pixel = 0; pixel < this.width * this.height; pixel++) {
      const grey = this.plane.data[pixel * this.components]!;
      for (let channel = 0; channel < 3; channel++) data[pixel * channels + channel] = grey;
      if (channels === 4) data[pixel * 4 + 3] = this.plane.data[pixel * 2 + 1]!;
    }
    return new FakeImageData(this.owner, { ...this.plane, channels, data }, this.componentSize, this.colorProfile);
  }

  scaledTo(width: number, height: number): FakeImageData {
    const data = store(this.componentSize, width * height * this.components);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const from = Math.floor((y * this.height) / height) * this.width + Math.floor((x * this.width) / width);
        for (let channel = 0; channel < this.components; channel++) {
          const at = (y * width + x) * this.components + channel;
          data[at] = this.plane.data[from * this.components + channel]!;
        }
      }
    }
    const box = { left: 0, top: 0, right: width, bottom: height };
    return new FakeImageData(this.owner, { ...this.plane, box, data }, this.componentSize, this.colorProfile);
  }
}
