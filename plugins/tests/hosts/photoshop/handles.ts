/** The objects that plugins hold: ids with properties. They die with their document or layer. */

import type { PsDocument, PsLayer } from "../../../photoshop/src/api.ts";
import type { FakeDocument } from "./document.ts";
import { changed, type LayerNode, nodes, type TextNode } from "./model.ts";
import { HostFailure } from "./rules.ts";

const PLACES = ["placeBefore", "placeAfter", "placeInside"] as const;

export function layerHandle(document: FakeDocument, id: number): PsLayer {
  const { rules } = document.host;
  const node = () => document.node(id);
  const set = (what: string, change: (layer: LayerNode) => LayerNode) => {
    rules.changes(`set ${what}`);
    document.change(what, id, change);
  };
  const text = () => {
    const { text } = node();
    if (text === null) throw new HostFailure("this is no text layer");
    return text;
  };
  const setText = (change: Partial<TextNode>) => {
    set("text", (layer) => ({ ...layer, text: { ...text(), ...change } }));
  };
  return {
    get id() {
      return id;
    },
    get name() {
      return node().name;
    },
    set name(name) {
      set("name", (layer) => ({ ...layer, name }));
    },
    get kind() {
      return node().kind as PsLayer["kind"];
    },
    get isBackgroundLayer() {
      return node().background;
    },
    get allLocked() {
      return node().allLocked;
    },
    set allLocked(allLocked) {
      set("allLocked", (layer) => ({ ...layer, allLocked }));
    },
    get positionLocked() {
      return node().positionLocked;
    },
    set positionLocked(positionLocked) {
      set("positionLocked", (layer) => ({ ...layer, positionLocked }));
    },
    get visible() {
      return node().visible;
    },
    set visible(visible) {
      set("visible", (layer) => ({ ...layer, visible }));
    },
    get opacity() {
      return node().opacity;
    },
    set opacity(opacity) {
      if (opacity < 0 || opacity > 100) throw new HostFailure("opacity is 0..100");
      if (node().background) throw new HostFailure("the Background is opaque");
      set("opacity", (layer) => ({ ...layer, opacity }));
    },
    get blendMode() {
      return node().blendMode as PsLayer["blendMode"];
    },
    set blendMode(blendMode) {
      if (node().background) throw new HostFailure("the Background has no blend mode");
      set("blendMode", (layer) => ({ ...layer, blendMode }));
    },
    get isClippingMask() {
      return node().clipped;
    },
    set isClippingMask(clipped) {
      if (clipped === node().clipped) throw new HostFailure("the layer is clipped or not already");
      set("isClippingMask", (layer) => ({ ...layer, clipped }));
    },
    get boundsNoEffects() {
      return document.boundsOf(node());
    },
    get parent() {
      const parent = [...nodes(document.state.layers)].find((one) => one.children?.some((child) => child.id === id));
      return parent === undefined ? null : document.layer(parent.id);
    },
    get layers() {
      return node().children?.map((child) => document.layer(child.id)) ?? null;
    },
    textItem: {
      characterStyle: {
        get size() {
          return text().size;
        },
        set size(size) {
          setText({ size });
        },
        get leading() {
          return text().leading;
        },
        set leading(leading) {
          setText({ leading });
        },
        get useAutoLeading() {
          return text().autoLeading;
        },
        set useAutoLeading(autoLeading) {
          setText({ autoLeading });
        },
      },
      paragraphStyle: {
        get justification() {
          return text().justification as "left";
        },
        set justification(justification) {
          setText({ justification });
        },
      },
    },
    delete() {
      rules.changes("delete");
      document.change("delete", id, () => []);
    },
    move(relativeTo, where) {
      rules.changes("move");
      const layer = node();
      if (layer.background || layer.allLocked || layer.positionLocked)
        throw new HostFailure("the layer cannot be moved");
      const place = PLACES.find((one) => one === where);
      if (place === undefined) throw new HostFailure(`the stand-in does not know ${where}`);
      document.become("move", { ...document.state, layers: moved(document, layer, relativeTo.id, place) });
    },
    translate(horizontal, vertical) {
      return rules.answer(() => {
        rules.changes("translate");
        if (typeof horizontal !== "number" || typeof vertical !== "number") throw new HostFailure("numbers only");
        const { x, y } = text().position;
        setText({ position: { x: x + horizontal, y: y + vertical } });
      });
    },
  };
}

function moved(document: FakeDocument, layer: LayerNode, to: number, where: (typeof PLACES)[number]): LayerNode[] {
  const target = document.node(to);
  if (where === "placeInside" && target.children === null) throw new HostFailure("only a group can be moved into");
  if (where === "placeAfter" && target.background) throw new HostFailure("nothing goes beneath the Background");
  if ([...nodes([layer])].some((one) => one.id === to)) throw new HostFailure("a layer cannot be moved into itself");
  const without = changed(document.state.layers, layer.id, () => []);
  return changed(without, to, (other) => {
    if (where === "placeBefore") return [layer, other];
    if (where === "placeAfter") return [other, layer];
    return [{ ...other, children: [layer, ...(other.children ?? [])] }];
  });
}

export function handleOf(document: FakeDocument): PsDocument {
  const { rules } = document.host;
  const alive = () => {
    if (document.isClosed) throw new HostFailure("the document is closed");
    return document.state;
  };
  /** A new layer goes above the active one, or on top, and becomes the active one. */
  const insert = (layer: LayerNode): PsLayer => {
    const { layers, active } = alive();
    const [first] = active;
    const place =
      first !== undefined && document.has(first)
        ? changed(layers, first, (other) => [layer, other])
        : [layer, ...layers];
    document.become("make", { ...document.state, layers: place, active: [layer.id] });
    return document.layer(layer.id);
  };
  const fresh = (name: string | undefined, kind: string): LayerNode => ({
    id: document.newLayerId(),
    name: name ?? `Layer ${document.id}`,
    kind,
    background: false,
    visible: true,
    opacity: 100,
    blendMode: "normal",
    clipped: false,
    allLocked: false,
    positionLocked: false,
    pixels: null,
    mask: null,
    maskEnabled: true,
    text: null,
    children: kind === "group" ? [] : null,
  });
  return {
    get id() {
      alive();
      return document.id;
    },
    get title() {
      return document.title;
    },
    get path() {
      alive();
      // What Photoshop has for a document without a file.
      return document.path ?? document.title;
    },
    cloudDocument: false,
    get width() {
      return alive().width;
    },
    get height() {
      return alive().height;
    },
    mode: document.mode,
    bitsPerChannel: ({ 8: "bitDepth8", 16: "bitDepth16", 32: "bitDepth32" } as const)[document.depth],
    colorProfileName: document.profileName,
    colorProfileType: document.isManaged ? "workingSpaceCode" : "none",
    get layers() {
      return alive().layers.map((layer) => document.layer(layer.id));
    },
    get activeLayers() {
      return alive()
        .active.filter((id) => document.has(id))
        .map((id) => document.layer(id));
    },
    get activeHistoryState() {
      alive();
      return { id: document.history[document.at]?.id ?? 0 };
    },
    selection: {
      get bounds() {
        const { selection } = alive();
        return selection === null ? null : selection.box;
      },
    },
    createPixelLayer: (options) =>
      rules.answer(() => {
        rules.changes("createPixelLayer");
        return insert(fresh(options?.name, "pixel"));
      }),
    createTextLayer: (options) =>
      rules.answer(() => {
        rules.changes("createTextLayer");
        const font = options?.fontName ?? "MyriadPro-Regular";
        if (!document.host.fonts.some((one) => one.postScriptName === font)) throw new HostFailure(`no font ${font}`);
        const { red = 0, green = 0, blue = 0 } = options?.textColor?.rgb ?? {};
        return insert({
          ...fresh(options?.name, "text"),
          text: {
            contents: options?.contents ?? "Lorem Ipsum",
            font,
            size: options?.fontSize ?? 12,
            leading: 0,
            autoLeading: true,
            justification: "left",
            colour: [red, green, blue],
            position: options?.position ?? { x: document.state.width / 2, y: document.state.height / 2 },
          },
        });
      }),
    createLayerGroup: (options) =>
      rules.answer(() => {
        rules.changes("createLayerGroup");
        const wanted = ((options?.fromLayers ?? []) as PsLayer[]).map((layer) => document.node(layer.id));
        const group = fresh(options?.name, "group");
        if (wanted.length === 0) return insert(group);
        if (wanted.some((layer) => layer.background)) throw new HostFailure("the Background cannot be grouped");
        if (wanted.some((layer) => layer.allLocked)) throw new HostFailure("a locked layer cannot be grouped");
        // In the order of the Layers panel, at the place of the topmost.
        const ids = new Set(wanted.map((layer) => layer.id));
        const children = [...nodes(alive().layers)].filter((layer) => ids.has(layer.id));
        const [top] = children;
        let layers: LayerNode[] = changed(alive().layers, top?.id ?? 0, () => [{ ...group, children }]);
        const regroup = (list: readonly LayerNode[]): LayerNode[] =>
          list.flatMap((layer) => {
            if (layer.id === group.id) return [layer];
            if (ids.has(layer.id)) return [];
            return layer.children === null ? [layer] : [{ ...layer, children: regroup(layer.children) }];
          });
        layers = regroup(layers);
        document.become("make group", { ...document.state, layers, active: [group.id] });
        return document.layer(group.id);
      }),
    resizeCanvas: (width, height, anchor) =>
      rules.answer(() => {
        rules.changes("resizeCanvas");
        resizeCanvas(document, width, height, anchor ?? "middle-center");
      }),
    resizeImage: (width = document.state.width, height = document.state.height) =>
      rules.answer(() => {
        rules.changes("resizeImage");
        resizeImage(document, width, height);
      }),
    closeWithoutSaving: () => document.close(),
  };
}

/** Ordinary layers keep what lies beyond the canvas; the Background is cut, and filled with white where it grows. */
function resizeCanvas(document: FakeDocument, width: number, height: number, anchor: string): void {
  const { state } = document;
  const dx = anchor === "top-left" ? 0 : width - state.width;
  const dy = anchor === "top-left" ? 0 : height - state.height;
  if (anchor !== "top-left" && anchor !== "bottom-right") throw new HostFailure("the stand-in knows two anchors");
  const box = { left: 0, top: 0, right: width, bottom: height };
  const shifted = (layer: LayerNode): LayerNode => {
    const plane = (of: LayerNode["pixels"]) =>
      of === null
        ? null
        : {
            ...of,
            box: {
              left: of.box.left + dx,
              top: of.box.top + dy,
              right: of.box.right + dx,
              bottom: of.box.bottom + dy,
            },
          };
    const pixels = plane(layer.pixels);
    return {
      ...layer,
      pixels: layer.background && pixels !== null ? backgroundOn(pixels, box, document) : pixels,
      mask: plane(layer.mask),
      children: layer.children?.map(shifted) ?? null,
    };
  };
  document.become("Canvas Size", { ...state, width, height, layers: state.layers.map(shifted) });
}

function backgroundOn(
  pixels: NonNullable<LayerNode["pixels"]>,
  box: NonNullable<LayerNode["pixels"]>["box"],
  document: FakeDocument,
): NonNullable<LayerNode["pixels"]> {
  const data = new (pixels.data.constructor as Uint8ArrayConstructor)(box.right * box.bottom * pixels.channels);
  data.fill(document.depth === 8 ? 255 : document.depth === 16 ? 32_768 : 1);
  const width = pixels.box.right - pixels.box.left;
  for (let y = Math.max(0, pixels.box.top); y < Math.min(box.bottom, pixels.box.bottom); y++) {
    for (let x = Math.max(0, pixels.box.left); x < Math.min(box.right, pixels.box.right); x++) {
      for (let channel = 0; channel < pixels.channels; channel++) {
        data[(y * box.right + x) * pixels.channels + channel] =
          pixels.data[((y - pixels.box.top) * width + x - pixels.box.left) * pixels.channels + channel]!;
      }
    }
  }
  return { box, channels: pixels.channels, data };
}

/** Nearest pixels: enough to see that layers follow. */
function resizeImage(document: FakeDocument, width: number, height: number): void {
  const { state } = document;
  const [sx, sy] = [width / state.width, height / state.height];
  const scaledPlane = (of: LayerNode["pixels"]) => {
    if (of === null) return null;
    const box = {
      left: Math.round(of.box.left * sx),
      top: Math.round(of.box.top * sy),
      right: Math.round(of.box.right * sx),
      bottom: Math.round(of.box.bottom * sy),
    };
    const [w, h] = [box.right - box.left, box.bottom - box.top];
    const from = of.box.right - of.box.left;
    const data = new (of.data.constructor as Uint8ArrayConstructor)(w * h * of.channels);
    for (let at = 0; at < w * h; at++) {
      const x = Math.floor((at % w) / sx);
      const y = Math.floor(Math.floor(at / w) / sy);
      for (let channel = 0; channel < of.channels; channel++) {
        data[at * of.channels + channel] = of.data[(y * from + x) * of.channels + channel] ?? 0;
      }
    }
    return { box, channels: of.channels, data };
  };
  const scaled = (layer: LayerNode): LayerNode => ({
    ...layer,
    pixels: scaledPlane(layer.pixels),
    mask: scaledPlane(layer.mask),
    children: layer.children?.map(scaled) ?? null,
  });
  document.become("Image Size", { ...state, width, height, layers: state.layers.map(scaled) });
}
