/** The stand-in's document as plain values: what undo restores, what is drawn. Nodes are views of it (nodes.ts). */

import type {
  BlendMode,
  Constraints,
  Effect,
  FontName,
  LineHeight,
  Paint,
  TextNode,
  VectorPaths,
} from "@figma/plugin-typings/plugin-api-standalone";
import type { Affine } from "../../../figma/src/shared/affine.ts";

export type Kind =
  | "DOCUMENT"
  | "PAGE"
  | "RECTANGLE"
  | "ELLIPSE"
  | "VECTOR"
  | "TEXT"
  | "SLICE"
  | "FRAME"
  | "COMPONENT"
  | "INSTANCE"
  | "GROUP"
  | "BOOLEAN_OPERATION";

export interface NodeState {
  id: string;
  type: Kind;
  name: string;
  parent: string | null;
  children: string[];
  visible: boolean;
  locked: boolean;
  opacity: number;
  blendMode: BlendMode;
  isMask: boolean;
  width: number;
  height: number;
  /** To the container parent: groups and boolean shapes have no space of their own. */
  transform: Affine;
  fills: readonly Paint[];
  strokes: readonly Paint[];
  strokeWeight: number;
  strokeAlign: "CENTER" | "INSIDE" | "OUTSIDE";
  effects: readonly Effect[];
  radii: [number, number, number, number];
  cornerSmoothing: number;
  constraints: Constraints;
  clipsContent: boolean;
  layoutMode: "NONE" | "HORIZONTAL" | "VERTICAL";
  itemSpacing: number;
  padding: number;
  layoutPositioning: "AUTO" | "ABSOLUTE";
  vectorPaths: VectorPaths;
  characters: string;
  fontName: FontName;
  fontSize: number;
  lineHeight: LineHeight;
  textAlignHorizontal: TextNode["textAlignHorizontal"];
  textAutoResize: TextNode["textAutoResize"];
  shared: Record<string, string>;
  relaunch: Record<string, string>;
}

const PLAIN: Omit<NodeState, "id" | "type" | "name" | "parent"> = {
  children: [],
  visible: true,
  locked: false,
  opacity: 1,
  blendMode: "PASS_THROUGH",
  isMask: false,
  width: 100,
  height: 100,
  transform: [
    [1, 0, 0],
    [0, 1, 0],
  ],
  fills: [],
  strokes: [],
  strokeWeight: 1,
  strokeAlign: "INSIDE",
  effects: [],
  radii: [0, 0, 0, 0],
  cornerSmoothing: 0,
  constraints: { horizontal: "MIN", vertical: "MIN" },
  clipsContent: true,
  layoutMode: "NONE",
  itemSpacing: 0,
  padding: 0,
  layoutPositioning: "AUTO",
  vectorPaths: [],
  characters: "",
  fontName: { family: "Inter", style: "Regular" },
  fontSize: 12,
  lineHeight: { unit: "AUTO" },
  textAlignHorizontal: "LEFT",
  textAutoResize: "WIDTH_AND_HEIGHT",
  shared: {},
  relaunch: {},
};

/** How many changes Figma remembers is not told; more than any test makes. */
const MOST_STEPS = 200;

type Nodes = Map<string, NodeState>;

export class Store {
  nodes: Nodes = new Map();
  private next = 1;
  private steps: Nodes[] = [];
  private committed: Nodes = new Map();
  private readonly listeners = new Set<(ids: readonly string[]) => void>();
  private touched = new Set<string>();
  private scheduled = false;

  constructor() {
    this.nodes.set("0:0", { ...structuredClone(PLAIN), id: "0:0", type: "DOCUMENT", name: "Untitled", parent: null });
    this.nodes.set("0:1", { ...structuredClone(PLAIN), id: "0:1", type: "PAGE", name: "Page 1", parent: "0:0" });
    this.get("0:0").children.push("0:1");
    this.committed = structuredClone(this.nodes);
  }

  get(id: string): NodeState {
    const node = this.nodes.get(id);
    if (node === undefined) throw new Error(`The node with id "${id}" does not exist`);
    return node;
  }

  make(type: Kind, parent: string): NodeState {
    const id = `1:${this.next++}`;
    const name = type.charAt(0) + type.slice(1).toLowerCase();
    const node: NodeState = { ...structuredClone(PLAIN), id, type, name, parent };
    this.nodes.set(id, node);
    this.get(parent).children.push(id);
    this.touch(id);
    return node;
  }

  copy(id: string, parent: string): NodeState {
    const made = this.make(this.get(id).type, parent);
    const { children, ...own } = structuredClone(this.get(id));
    Object.assign(made, own, { id: made.id, parent });
    for (const child of children) this.copy(child, made.id);
    return made;
  }

  move(id: string, parent: string, index: number): void {
    for (let above: string | null = parent; above !== null; above = this.get(above).parent) {
      if (above === id) throw new Error("in insertChild: Cannot insert a node into its own child");
    }
    const node = this.get(id);
    const from = node.parent;
    if (from !== null) {
      const siblings = this.get(from).children;
      const at = siblings.indexOf(id);
      siblings.splice(at, 1);
      if (from === parent && at < index) index--;
    }
    const to = this.get(parent).children;
    if (index < 0 || index > to.length) throw new Error("in insertChild: Index out of bounds");
    to.splice(index, 0, id);
    node.parent = parent;
    this.touch(id);
    if (from !== null && from !== parent) this.dropEmpty(from);
  }

  remove(id: string): void {
    const node = this.get(id);
    for (const child of [...node.children]) this.erase(child);
    const parent = node.parent;
    this.erase(id);
    if (parent !== null) this.dropEmpty(parent);
  }

  private erase(id: string): void {
    const node = this.nodes.get(id);
    if (node === undefined) return;
    for (const child of [...node.children]) this.erase(child);
    if (node.parent !== null) {
      const siblings = this.nodes.get(node.parent)?.children;
      siblings?.splice(siblings.indexOf(id), 1);
    }
    this.nodes.delete(id);
    this.touch(id);
  }

  /** A group without children does not exist. */
  private dropEmpty(id: string): void {
    const node = this.nodes.get(id);
    if (
      node !== undefined &&
      (node.type === "GROUP" || node.type === "BOOLEAN_OPERATION") &&
      node.children.length === 0
    ) {
      this.remove(id);
    }
  }

  // --- undo -------------------------------------------------------------------------------------------------------

  /** What changed since the last commit becomes one step. */
  commit(): void {
    if (this.isClean()) return;
    this.steps.push(this.committed);
    if (this.steps.length > MOST_STEPS) this.steps.shift();
    this.committed = structuredClone(this.nodes);
  }

  /** Whether all changes belong to a step. */
  isClean(): boolean {
    return same(this.nodes, this.committed);
  }

  get stepCount(): number {
    return this.steps.length;
  }

  /** What was never committed goes together with the step before it: nobody can undo it alone. */
  undo(): void {
    const before = this.steps.pop() ?? (this.isClean() ? undefined : this.committed);
    if (before === undefined) throw new Error("There is nothing to undo.");
    const now = this.nodes;
    this.nodes = structuredClone(before);
    this.committed = structuredClone(before);
    this.touchDifferent(now);
  }

  /** Tells of the nodes that were otherwise, or not there, or are gone. */
  touchDifferent(from: ReadonlyMap<string, NodeState>): void {
    for (const id of new Set([...from.keys(), ...this.nodes.keys()])) {
      if (JSON.stringify(from.get(id)) !== JSON.stringify(this.nodes.get(id))) this.touch(id);
    }
  }

  // --- events -----------------------------------------------------------------------------------------------------

  /** Figma tells of changes a moment later, many at once. */
  touch(id: string): void {
    this.touched.add(id);
    if (this.scheduled) return;
    this.scheduled = true;
    setTimeout(() => {
      this.scheduled = false;
      const ids = [...this.touched];
      this.touched = new Set();
      for (const listener of this.listeners) listener(ids);
    }, 0);
  }

  onChange(listener: (ids: readonly string[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

function same(one: Nodes, other: Nodes): boolean {
  const order = (nodes: Nodes) => [...nodes.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return JSON.stringify(order(one)) === JSON.stringify(order(other));
}
