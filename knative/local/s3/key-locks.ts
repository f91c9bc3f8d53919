/** Runs tasks of one key one after another, and those of different keys side by side. */
export class KeyLocks {
  readonly #last = new Map<string, Promise<unknown>>();

  /** What `task` gives, once every earlier task of `key` has ended. */
  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const ours = before === undefined ? task() : before.then(task, task);
    this.#last.set(key, ours);
    try {
      return await ours;
    } finally {
      if (this.#last.get(key) === ours) this.#last.delete(key);
    }
  }
}
