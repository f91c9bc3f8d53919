/** Where encoded answers are kept. A failing store is a store without the answer. */
export interface CacheStore extends AsyncDisposable {
  /** The bytes under `key`; `undefined` when there are none. */
  get(key: string): Promise<Buffer | undefined> | Buffer | undefined;
  /** Keeps `bytes` for a while. Nobody waits for it. */
  set(key: string, bytes: Buffer): Promise<void> | void;
}
