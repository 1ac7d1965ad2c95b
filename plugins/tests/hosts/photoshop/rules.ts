/**
 * Photoshop's rules for plugins, as strict as they are: changes only inside `executeAsModal`, one at a time, and inside
 * it nothing may be waited for but Photoshop.
 */

export class HostFailure extends Error {
  constructor(
    message: string,
    readonly number = 0,
  ) {
    super(message);
    this.name = "HostFailure";
  }
}

/** `executeAsModal`'s own number for “something else is modal”. */
export const BUSY = 9;

export class Rules {
  /** The names of all calls, in order. */
  readonly calls: string[] = [];
  /** Throws in this call (counted from 0), to see whether everything is taken back. */
  failAt: number | null = null;
  /** Throws in calls of this name. */
  failIn: string | null = null;
  /** A dialog is open, or another plugin works. */
  othersAreModal = false;
  /** What plugins did that Photoshop forbids. Tests want it empty. */
  readonly offences: string[] = [];

  private modal = false;
  private pending = 0;

  get isModal(): boolean {
    return this.modal;
  }

  /** Counts a call that changes something, and refuses it outside a modal scope. */
  changes(name: string): void {
    if (!this.modal) {
      const message = `${name} may only be called from inside executeAsModal`;
      this.offences.push(message);
      throw new HostFailure(message);
    }
    this.called(name);
  }

  called(name: string): void {
    this.calls.push(name);
    if (this.failAt === this.calls.length - 1 || this.failIn === name) {
      throw new HostFailure(`${name} failed, as the test wants`);
    }
  }

  /** An asynchronous answer of Photoshop's: it comes in a later task, as from another process. */
  async answer<T>(work: () => T | Promise<T>): Promise<T> {
    this.pending++;
    try {
      await nextTask();
      return await work();
    } finally {
      this.pending--;
    }
  }

  async executeAsModal<T>(work: () => Promise<T>): Promise<T> {
    this.calls.push("executeAsModal");
    await nextTask();
    if (this.modal || this.othersAreModal) throw new HostFailure("another command is modal", BUSY);
    this.modal = true;
    let over = false;
    try {
      const result = work();
      const done = () => {
        over = true;
      };
      result.then(done, done);
      const watched = this.watch(() => over);
      return await Promise.race([result, watched.then(() => result)]);
    } finally {
      this.modal = false;
    }
  }

  /**
   * A continuation runs in the same task as the answer that it waited for. So a whole task in which nothing of
   * Photoshop's is pending and the work is not over means that something else is waited for.
   */
  private async watch(isOver: () => boolean): Promise<void> {
    let idle = 0;
    while (!isOver()) {
      await nextTask();
      idle = this.pending === 0 && !isOver() ? idle + 1 : 0;
      if (idle < 2) continue;
      const message = "inside executeAsModal something else than Photoshop was waited for";
      this.offences.push(message);
      throw new HostFailure(message);
    }
  }
}

export const nextTask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
