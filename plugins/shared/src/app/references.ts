/** The pictures that go with the next command: “image 1”, “image 2” and so on. */

import type { Reference } from "../host.ts";
import { MOST_REFERENCES } from "../protocol/messages.ts";
import type { Context } from "./context.ts";

export class References {
  list: readonly Reference[] = [];

  constructor(private readonly common: Context) {}

  /** Asks the program for more of them. */
  async add(): Promise<void> {
    const { store, host } = this.common;
    const { target } = store.get();
    if (target !== null) this.are([...this.list, ...(await host.references(target))].slice(0, MOST_REFERENCES));
  }

  /** @param number from 1 */
  remove(number: number): void {
    this.are(this.list.filter((_, index) => index !== number - 1));
  }

  private are(list: readonly Reference[]): void {
    this.list = list;
    this.common.store.set({ references: list.map(({ name }) => name) });
  }
}
