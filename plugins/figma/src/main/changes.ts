/** One change of the document: all of it or nothing. Nothing may be awaited while it is made. */

export class Changes {
  private readonly back: (() => void)[] = [];
  private readonly going: SceneNode[] = [];

  /** Says how to take back what has just been done. */
  undoBy(how: () => void): void {
    this.back.push(how);
  }

  /** A node that was made for this change. */
  made<N extends SceneNode>(node: N): N {
    this.undoBy(() => {
      if (!node.removed) node.remove();
    });
    return node;
  }

  /** Takes a node away at the very end: a removed node cannot be brought back by a plugin. */
  remove(node: SceneNode): void {
    this.going.push(node);
  }

  isGoing(node: SceneNode): boolean {
    return this.going.some((other) => other.id === node.id);
  }

  finish(): void {
    for (const node of this.going) {
      if (!node.removed) node.remove();
    }
  }

  rollback(): void {
    for (const how of this.back.reverse()) {
      try {
        how();
      } catch {
        // Gone meanwhile: then there is nothing to take back there.
      }
    }
  }
}
