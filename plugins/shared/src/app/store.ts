/** One immutable value, and who wants to know when there is a new one. */

export class Store<T extends object> {
  private readonly listeners = new Set<() => void>();

  constructor(private value: T) {}

  get(): T {
    return this.value;
  }

  /** Makes a new value with these fields changed, and tells. */
  set(fields: Partial<T>): void {
    this.value = { ...this.value, ...fields };
    for (const listener of [...this.listeners]) listener();
  }

  /** Returns how to stop. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
