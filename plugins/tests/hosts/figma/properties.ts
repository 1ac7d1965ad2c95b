/** The properties of nodes: which types have which, what they accept, and what follows when they are set. */

import type {
  FontName,
  FrameNode,
  GroupNode,
  InstanceNode,
  Rect,
  RectangleNode,
  SliceNode,
  TextNode,
  VectorNode,
} from "@figma/plugin-typings/plugin-api-standalone";
import { checkPaints, checkTransform } from "./checks.ts";
import { absoluteOf, relativeOf, renderBounds, rounded, setRelative, sizeOf } from "./space.ts";
import type { Kind, NodeState, Store } from "./store.ts";

/** What views need of the rest of the stand-in. */
export interface World {
  readonly store: Store;
  readonly mixed: symbol;
  readonly currentPage: () => string;
  readonly relaunchCommands: ReadonlySet<string>;
  readonly isFontLoaded: (font: FontName) => boolean;
  readonly textSize: (node: NodeState) => { width: number; height: number };
  readonly exportNode: (id: string, settings: unknown) => Promise<Uint8Array>;
  readonly changePage: (page: string, type: "nodechange", add: boolean, callback: (event: unknown) => void) => void;
  readonly selection: { get: () => readonly string[]; set: (ids: readonly string[]) => void };
}

interface Property {
  readonly on: readonly Kind[];
  readonly get: (node: NodeState, world: World) => unknown;
  readonly set?: (node: NodeState, value: never, world: World) => void;
}

const SHAPES = [
  "RECTANGLE",
  "ELLIPSE",
  "VECTOR",
  "TEXT",
  "FRAME",
  "COMPONENT",
  "INSTANCE",
  "BOOLEAN_OPERATION",
] as const;
const BLENDED = [...SHAPES, "GROUP"] as const;
export const PLACED = [...BLENDED, "SLICE"] as const;
export const HOLDERS = ["DOCUMENT", "PAGE", "FRAME", "COMPONENT", "INSTANCE", "GROUP", "BOOLEAN_OPERATION"] as const;
const FRAMES = ["FRAME", "COMPONENT", "INSTANCE"] as const;
const ROUND = ["RECTANGLE", ...FRAMES] as const;
const ALL: readonly Kind[] = [...PLACED, "DOCUMENT", "PAGE"];

/** A plain value of the state. */
function field(on: readonly Kind[], name: keyof NodeState, check?: (value: unknown) => void): Property {
  return {
    on,
    get: (node) => structuredClone(node[name]),
    set: (node, value) => {
      check?.(value);
      Object.assign(node, { [name]: structuredClone(value) });
    },
  };
}

function radius(corner: 0 | 1 | 2 | 3): Property {
  return {
    on: ROUND,
    get: (node) => node.radii[corner],
    set: (node, value: number) => {
      node.radii[corner] = value;
    },
  };
}

const at = (axis: 0 | 1): Property => ({
  on: PLACED,
  get: (node, world) => relativeOf(world.store, node)[axis][2],
  set: (node, value: number, world) => {
    const now = relativeOf(world.store, node);
    const moved = [...now[axis].slice(0, 2), value] as unknown as [number, number, number];
    place(node, axis === 0 ? [moved, now[1]] : [now[0], moved], world);
  },
});

function place(node: NodeState, to: Parameters<typeof setRelative>[2], world: World): void {
  const parent = node.parent === null ? null : world.store.get(node.parent);
  if (parent !== null && parent.layoutMode !== "NONE" && node.layoutPositioning === "AUTO") {
    // The layout decides where it is, not what it is told.
    const now = relativeOf(world.store, node);
    to = [
      [to[0][0], to[0][1], now[0][2]],
      [to[1][0], to[1][1], now[1][2]],
    ];
  }
  setRelative(world.store, node, to);
}

/** Names that the official typings have: a stray one does not compile. */
type PropertyName = keyof (RectangleNode & TextNode & FrameNode & VectorNode & InstanceNode & SliceNode & GroupNode);

const PROPERTIES_BY_NAME = {
  name: field(ALL, "name"),
  visible: field(PLACED, "visible"),
  locked: field(PLACED, "locked"),
  opacity: field(BLENDED, "opacity"),
  blendMode: field(BLENDED, "blendMode"),
  isMask: field(BLENDED, "isMask"),
  effects: field(BLENDED, "effects"),
  fills: field(SHAPES, "fills", checkPaints),
  strokes: field(SHAPES, "strokes", checkPaints),
  strokeWeight: field(SHAPES, "strokeWeight"),
  strokeAlign: field(SHAPES, "strokeAlign"),
  cornerSmoothing: field(ROUND, "cornerSmoothing"),
  topLeftRadius: radius(0),
  topRightRadius: radius(1),
  bottomRightRadius: radius(2),
  bottomLeftRadius: radius(3),
  cornerRadius: {
    on: ROUND,
    get: (node, world) => (new Set(node.radii).size === 1 ? node.radii[0] : world.mixed),
    set: (node, value: number) => {
      node.radii = [value, value, value, value];
    },
  },
  constraints: field(["RECTANGLE", "ELLIPSE", "VECTOR", "TEXT", "SLICE", ...FRAMES], "constraints"),
  clipsContent: field(FRAMES, "clipsContent"),
  layoutMode: field(FRAMES, "layoutMode"),
  itemSpacing: field(FRAMES, "itemSpacing"),
  layoutPositioning: {
    on: PLACED,
    get: (node) => node.layoutPositioning,
    set: (node, value: "AUTO" | "ABSOLUTE", world) => {
      const parent = node.parent === null ? null : world.store.get(node.parent);
      if (value === "ABSOLUTE" && (parent === null || parent.layoutMode === "NONE")) {
        throw new Error(
          "in set_layoutPositioning: Can only set layoutPositioning = ABSOLUTE if the parent node has layoutMode !== NONE",
        );
      }
      node.layoutPositioning = value;
    },
  },
  vectorPaths: field(["VECTOR"], "vectorPaths"),
  characters: text("characters"),
  fontName: text("fontName"),
  fontSize: text("fontSize"),
  lineHeight: text("lineHeight"),
  textAlignHorizontal: text("textAlignHorizontal"),
  textAutoResize: text("textAutoResize"),
  width: { on: PLACED, get: (node, world) => sizeOf(world.store, node).width },
  height: { on: PLACED, get: (node, world) => sizeOf(world.store, node).height },
  x: at(0),
  y: at(1),
  rotation: {
    on: PLACED,
    get: (node, world) => {
      const [[a], [b]] = relativeOf(world.store, node);
      return (Math.atan2(-b, a) * 180) / Math.PI;
    },
  },
  relativeTransform: {
    on: PLACED,
    get: (node, world) => structuredClone(relativeOf(world.store, node)),
    set: (node, value, world) => {
      checkTransform(value);
      place(node, structuredClone(value), world);
    },
  },
  absoluteTransform: { on: PLACED, get: (node, world) => rounded(absoluteOf(world.store, node)) },
  absoluteRenderBounds: { on: PLACED, get: (node, world) => rectangle(renderBounds(world.store, node)) },
  absoluteBoundingBox: {
    on: PLACED,
    get: (node, world) => rectangle(boundingBox(world.store, node)),
  },
} satisfies Partial<Record<PropertyName, Property>>;
export const PROPERTIES: Readonly<Record<string, Property>> = PROPERTIES_BY_NAME;

/** Any change of letters needs their font. */
function text(name: keyof NodeState): Property {
  const plain = field(["TEXT"], name);
  return {
    ...plain,
    set: (node, value, world) => {
      const font = name === "fontName" ? value : node.fontName;
      if (!world.isFontLoaded(font)) {
        throw new Error(
          `in set_${name}: Cannot write to node with unloaded font "${font.family} ${font.style}". ` +
            "Please call figma.loadFontAsync and await the returned promise first.",
        );
      }
      plain.set?.(node, value, world);
      if (node.textAutoResize === "WIDTH_AND_HEIGHT") Object.assign(node, world.textSize(node));
    },
  };
}

function boundingBox(store: Store, node: NodeState): { x0: number; y0: number; x1: number; y1: number } {
  const { width, height } = sizeOf(store, node);
  const map = absoluteOf(store, node);
  const xs = [0, width].flatMap((x) => [0, height].map((y) => map[0][0] * x + map[0][1] * y + map[0][2]));
  const ys = [0, width].flatMap((x) => [0, height].map((y) => map[1][0] * x + map[1][1] * y + map[1][2]));
  return { x0: Math.min(...xs), y0: Math.min(...ys), x1: Math.max(...xs), y1: Math.max(...ys) };
}

function rectangle(box: { x0: number; y0: number; x1: number; y1: number } | null): Rect | null {
  if (box === null) return null;
  const [x, y] = [Math.fround(box.x0), Math.fround(box.y0)];
  return { x, y, width: Math.fround(box.x1 - box.x0), height: Math.fround(box.y1 - box.y0) };
}
