/**
 * Order of keys in a listing: that of their UTF-8 bytes. It differs from the order of JavaScript strings
 * only where a surrogate (half of a character above U+FFFF) meets a character from U+E000 on.
 */
export function compareKeys(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index++) {
    const a = one.charCodeAt(index);
    const b = other.charCodeAt(index);
    if (a !== b) return rank(a) - rank(b);
  }
  return one.length - other.length;
}

function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Values by key, and the keys in listing order. */
export class KeyIndex<T> {
  readonly #values = new Map<string, T>();
  #sorted: string[] = [];

  /** Replaces everything; faster than one `set` each. */
  fill(entries: Iterable<readonly [string, T]>): void {
    for (const [key, value] of entries) this.#values.set(key, value);
    this.#sorted = [...this.#values.keys()].toSorted(compareKeys);
  }

  get isEmpty(): boolean {
    return this.#sorted.length === 0;
  }

  get(key: string): T | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: T): void {
    if (!this.#values.has(key)) this.#sorted.splice(this.#position(key), 0, key);
    this.#values.set(key, value);
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#sorted.splice(this.#position(key), 1);
  }

  /** Entries in order, from the first key that is `from` or above. */
  *from(from: string): Generator<readonly [string, T], void, undefined> {
    for (let index = this.#position(from); index < this.#sorted.length; index++) {
      const key = this.#sorted[index];
      const value = key === undefined ? undefined : this.#values.get(key);
      if (key === undefined || value === undefined) return;
      yield [key, value];
    }
  }

  /** Where `key` is, or would be inserted. */
  #position(key: string): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareKeys(this.#sorted[middle] ?? '', key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
