/**
 * What a plugin sees of a node: a view of the store that has the properties of its type and no others, refuses what
 * Figma refuses, gives copies, and throws once the node is gone.
 */

import type {
  FontName,
  FrameNode,
  GroupNode,
  InstanceNode,
  Rect,
  RectangleNode,
  SceneNode,
  SliceNode,
  TextNode,
  VectorNode,
} from "@figma/plugin-typings/plugin-api-standalone";
import { chain, inverse } from "../../../figma/src/shared/affine.ts";
import { checkPaints, checkTransform, checkData } from "./checks.ts";
import { absoluteOf, containerOf, layOut, relativeOf, renderBounds, rounded, setRelative, sizeOf } from "./space.ts";
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
const PLACED = [...BLENDED, "SLICE"] as const;
const HOLDERS = ["DOCUMENT", "PAGE", "FRAME", "COMPONENT", "INSTANCE", "GROUP", "BOOLEAN_OPERATION"] as const;
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
const PROPERTIES: Record<string, Property> = PROPERTIES_BY_NAME;

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

type Method = (...args: never[]) => unknown;

export class Views {
  private readonly known = new Map<string, object>();

  constructor(private readonly world: World) {}

  of(id: string): SceneNode {
    let view = this.known.get(id);
    if (view === undefined) {
      view = this.make(id, this.world.store.get(id).type);
      this.known.set(id, view);
    }
    return view as SceneNode;
  }

  idOf(view: unknown): string {
    if (typeof view !== "object" || view === null || !("id" in view) || typeof view.id !== "string") {
      throw new Error("Expected a node");
    }
    return view.id;
  }

  private make(id: string, type: Kind): object {
    const { store } = this.world;
    const methods = this.methods(id, type);
    const here = (name: string): NodeState => {
      const node = store.nodes.get(id);
      if (node === undefined) throw new Error(`in ${name}: The node with id "${id}" does not exist`);
      return node;
    };
    const has = (name: string) => {
      if (["id", "type", "removed", "parent"].includes(name) || name in methods) return true;
      if (name === "children") return (HOLDERS as readonly Kind[]).includes(type);
      if (name === "selection") return type === "PAGE";
      return PROPERTIES[name]?.on.includes(type) ?? false;
    };
    return new Proxy(
      {},
      {
        has: (_, name) => typeof name === "string" && has(name),
        get: (_, name) => {
          if (typeof name !== "string" || name === "then" || !has(name)) return undefined;
          if (name === "id") return id;
          if (name === "type") return type;
          if (name === "removed") return !store.nodes.has(id);
          const node = here(`get_${name}`);
          if (name === "parent") return node.parent === null ? null : this.of(node.parent);
          if (name === "children") return node.children.map((child) => this.of(child));
          if (name === "selection") return this.world.selection.get().map((one) => this.of(one));
          return methods[name] ?? PROPERTIES[name]?.get(node, this.world);
        },
        set: (_, name, value) => {
          if (typeof name !== "string") return false;
          const node = here(`set_${name}`);
          if (name === "selection" && type === "PAGE") {
            this.world.selection.set((value as unknown[]).map((one) => this.idOf(one)));
            return true;
          }
          const property = PROPERTIES[name];
          if (property?.set === undefined || !property.on.includes(type)) {
            throw new Error(
              `in set_${name}: Cannot set property "${name}" of a ${type}: no such property, or it is read-only`,
            );
          }
          this.refuseInInstance(node, name);
          property.set(node, value as never, this.world);
          this.changed(id);
          return true;
        },
      },
    );
  }

  /** Layers of an instance keep their places; their looks may be overridden. */
  private refuseInInstance(node: NodeState, name: string): void {
    if (!["relativeTransform", "x", "y"].includes(name)) return;
    if (this.isInInstance(node)) throw new Error(`in set_${name}: This property cannot be overridden in an instance`);
  }

  private isInInstance(node: NodeState): boolean {
    for (let id = node.parent; id !== null; id = this.world.store.get(id).parent) {
      if (this.world.store.get(id).type === "INSTANCE") return true;
    }
    return false;
  }

  private changed(id: string): void {
    layOut(this.world.store);
    this.world.store.touch(id);
  }

  private methods(id: string, type: Kind): Record<string, Method> {
    const { store } = this.world;
    const here = (name: string) => {
      if (!store.nodes.has(id)) throw new Error(`in ${name}: The node with id "${id}" does not exist`);
      return store.get(id);
    };
    const data: Record<string, Method> = {
      getSharedPluginData: (namespace: string, key: string) =>
        here("getSharedPluginData").shared[`${namespace}/${key}`] ?? "",
      setSharedPluginData: (namespace: string, key: string, value: string) => {
        checkData(namespace, key, value);
        const node = here("setSharedPluginData");
        if (value === "") Reflect.deleteProperty(node.shared, `${namespace}/${key}`);
        else node.shared[`${namespace}/${key}`] = value;
        store.touch(id);
      },
      getRelaunchData: () => structuredClone(here("getRelaunchData").relaunch),
      setRelaunchData: (relaunch: Record<string, string>) => {
        for (const command of Object.keys(relaunch)) {
          if (!this.world.relaunchCommands.has(command)) {
            throw new Error(`in setRelaunchData: Command "${command}" is not in the manifest's relaunchButtons`);
          }
        }
        here("setRelaunchData").relaunch = structuredClone(relaunch);
        store.touch(id);
      },
    };
    const holds: Record<string, Method> = {
      appendChild: (child: unknown) => this.insert(id, store.get(id).children.length, this.idOf(child)),
      insertChild: (index: number, child: unknown) => this.insert(id, index, this.idOf(child)),
      findAllWithCriteria: (criteria: { sharedPluginData?: { namespace: string; keys?: string[] } }) => {
        const { namespace, keys } = criteria.sharedPluginData ?? { namespace: "" };
        const fits = (node: NodeState) =>
          Object.keys(node.shared).some((name) =>
            keys === undefined ? name.startsWith(`${namespace}/`) : keys.some((key) => name === `${namespace}/${key}`),
          );
        const walk = (at: NodeState): NodeState[] =>
          at.children.flatMap((child) => {
            const node = store.get(child);
            return [...(fits(node) ? [node] : []), ...walk(node)];
          });
        return walk(here("findAllWithCriteria")).map((node) => this.of(node.id));
      },
    };
    const placed: Record<string, Method> = {
      remove: () => {
        const node = here("remove");
        if (this.isInInstance(node)) throw new Error("in remove: Removing this node is not allowed");
        store.remove(id);
        this.changed(node.parent ?? "0:1");
      },
      clone: () => {
        here("clone");
        const made = store.copy(id, this.world.currentPage());
        this.changed(made.id);
        return this.of(made.id);
      },
      resize: (width: number, height: number) => this.resize(here("resize"), width, height),
      resizeWithoutConstraints: (width: number, height: number) =>
        this.resize(here("resizeWithoutConstraints"), width, height),
      exportAsync: (settings: unknown) => {
        here("exportAsync");
        return this.world.exportNode(id, structuredClone(settings));
      },
    };
    const page: Record<string, Method> = {
      on: (event: "nodechange", callback: (event: unknown) => void) => this.world.changePage(id, event, true, callback),
      off: (event: "nodechange", callback: (event: unknown) => void) =>
        this.world.changePage(id, event, false, callback),
      loadAsync: () => Promise.resolve(),
    };
    const isHolder = (HOLDERS as readonly Kind[]).includes(type);
    return {
      ...data,
      ...(isHolder ? holds : {}),
      ...((PLACED as readonly Kind[]).includes(type) ? placed : {}),
      ...(type === "PAGE" ? page : {}),
    };
  }

  private insert(parent: string, index: number, child: string): void {
    const into = this.world.store.get(parent);
    if (into.type === "INSTANCE" || this.isInInstance(into)) {
      throw new Error("in insertChild: Cannot move node. New parent is an instance or is inside of an instance");
    }
    const node = this.world.store.get(child);
    if (this.isInInstance(node)) throw new Error("in insertChild: Cannot move node out of an instance");
    this.world.store.move(child, parent, index);
    // Out of an auto layout there is no such thing as being beside its flow.
    if (into.layoutMode === "NONE") node.layoutPositioning = "AUTO";
    this.changed(child);
  }

  private resize(node: NodeState, width: number, height: number): void {
    if (!(width >= 0.01 && height >= 0.01)) throw new Error("in resize: Expected width and height to be >= 0.01");
    if (node.type === "GROUP") throw new Error("in resize: groups are not resized in this stand-in");
    node.width = Math.fround(width);
    node.height = Math.fround(height);
    this.changed(node.id);
  }

  /** `figma.group`: the nodes leave their places and keep where they are. */
  group(views: readonly unknown[], parent: unknown, index: number): SceneNode {
    const { store } = this.world;
    const ids = views.map((view) => this.idOf(view));
    if (ids.length === 0) throw new Error("in group: First argument must be an array of at least one node");
    const to = this.idOf(parent);
    const places = ids.map((id) => absoluteOf(store, store.get(id)));
    const group = store.make("GROUP", to);
    ids.forEach((id, at) => {
      store.move(id, group.id, at);
      const node = store.get(id);
      node.layoutPositioning = "AUTO";
      const container = containerOf(store, node);
      const place = places[at]!;
      setRelative(store, node, container === null ? place : chain(inverse(absoluteOf(store, container)), place));
    });
    store.move(group.id, to, index);
    this.changed(group.id);
    return this.of(group.id);
  }
}
