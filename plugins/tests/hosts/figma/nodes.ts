/**
 * What a plugin sees of a node: a view of the store that has the properties of its type and no others, refuses what
 * Figma refuses, gives copies, and throws once the node is gone.
 */

import type { SceneNode } from "@figma/plugin-typings/plugin-api-standalone";
import { chain, inverse } from "../../../figma/src/shared/affine.ts";
import { checkData } from "./checks.ts";
import { absoluteOf, containerOf, layOut, setRelative } from "./space.ts";
import type { Kind, NodeState } from "./store.ts";

import { HOLDERS, PLACED, PROPERTIES, type World } from "./properties.ts";

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
        if (node.parent !== null) store.touch(node.parent);
        layOut(store);
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
