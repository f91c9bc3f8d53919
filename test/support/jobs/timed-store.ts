import type {
  ObjectMeta,
  ObjectStore,
} from '../../../functions/runtime/object-store/object-store.ts';

/** A real store whose clock is another: when objects were written, and what time it is. */
export function timedStore(inner: ObjectStore, now: () => number): ObjectStore {
  const writtenMs = new Map<string, number>();
  const second = (ms: number): Date => new Date(Math.floor(ms / 1000) * 1000);
  const timed = (meta: ObjectMeta): ObjectMeta => ({
    ...meta,
    lastModified: second(writtenMs.get(meta.key) ?? 0),
    servedAt: second(now()),
  });
  return {
    ...inner,
    bucket: inner.bucket,
    async head(key, options) {
      const meta = await inner.head(key, options);
      return meta && timed(meta);
    },
    async get(key, options) {
      const { meta, body } = await inner.get(key, options);
      return { meta: timed(meta), body };
    },
    async getBytes(key, options) {
      const { meta, bytes } = await inner.getBytes(key, options);
      return { meta: timed(meta), bytes };
    },
    async put(key, body, options) {
      const written = await inner.put(key, body, options);
      writtenMs.set(key, now());
      return { ...written, servedAt: second(now()) };
    },
    async putStream(key, pieces, options) {
      const written = await inner.putStream(key, pieces, options);
      writtenMs.set(key, now());
      return { ...written, servedAt: second(now()) };
    },
    delete: (key, options) => inner.delete(key, options),
    list: (options) => inner.list(options),
    close: () => inner.close(),
  };
}
