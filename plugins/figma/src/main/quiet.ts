/** Nodes of our own that nobody needs to be told of: shapes copied for a moment, first looks. */

const ids = new Set<string>();

/** The node, with all that it holds, comes and goes unnoticed. */
export function quiet<N extends SceneNode>(node: N): N {
  ids.add(node.id);
  if ("children" in node) for (const child of node.children) quiet(child);
  return node;
}

/** Whether these changes are of such nodes only. */
export function isQuiet(changes: readonly { readonly id: string }[]): boolean {
  return changes.every((change) => ids.has(change.id));
}
