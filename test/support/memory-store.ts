import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

import {
  ObjectNotFoundError,
  PreconditionFailedError,
} from '../../functions/runtime/object-store/errors.ts';
import type {
  GetOptions,
  ObjectMeta,
  ObjectStore,
} from '../../functions/runtime/object-store/object-store.ts';

interface Stored {
  readonly bytes: Buffer;
  readonly meta: Omit<ObjectMeta, 'servedAt'>;
}

/**
 * A store in memory, for simulations with thousands of calls. It has the conditions of S3 and MinIO's clock:
 * whole seconds of the time that `now` gives in ms.
 */
export function memoryStore(now: () => number): ObjectStore {
  const objects = new Map<string, Stored>();
  const second = (): Date => new Date(Math.floor(now() / 1000) * 1000);
  const find = (key: string, { ifMatch }: GetOptions = {}): Stored => {
    const found = objects.get(key);
    if (found === undefined) {
      throw new ObjectNotFoundError(`GET ${key}: 404 NoSuchKey`, { status: 404, transient: false });
    }
    if (ifMatch !== undefined && ifMatch !== found.meta.etag) refuse(`GET ${key}`);
    return found;
  };
  const read = (key: string, options: GetOptions = {}): { meta: ObjectMeta; bytes: Buffer } => {
    const { meta, bytes } = find(key, options);
    const { start = 0, end = bytes.length - 1 } = options.range ?? {};
    return { meta: { ...meta, servedAt: second() }, bytes: bytes.subarray(start, end + 1) };
  };
  return {
    bucket: 'data-test',
    async head(key) {
      const found = objects.get(key);
      return found && { ...found.meta, servedAt: second() };
    },
    async get(key, options) {
      const { meta, bytes } = read(key, options);
      return { meta, body: Readable.from([bytes]) };
    },
    getBytes: async (key, options) => read(key, options),
    async put(key, body, { ifNoneMatch, ifMatch, user = {}, contentType } = {}) {
      const present = objects.get(key);
      if (ifNoneMatch !== undefined && present !== undefined) refuse(`PUT ${key}`);
      if (ifMatch !== undefined && ifMatch !== present?.meta.etag) refuse(`PUT ${key}`);
      const bytes = Buffer.from(body);
      const etag = createHash('md5').update(bytes).digest('hex');
      const type = contentType === undefined ? {} : { contentType };
      const meta = { key, sizeBytes: bytes.length, etag, lastModified: second(), user, ...type };
      objects.set(key, { bytes, meta });
      return { etag, servedAt: second() };
    },
    async putStream(key, pieces, options) {
      return await this.put(key, Buffer.concat(await Array.fromAsync(pieces)), options);
    },
    async delete(key) {
      objects.delete(key);
    },
    async *list({ prefix, after = '' }) {
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after);
      for (const key of keys.toSorted()) {
        const meta = objects.get(key)?.meta;
        if (meta !== undefined) yield meta;
      }
    },
    close() {},
  };
}

function refuse(action: string): never {
  const options = { status: 412, transient: false };
  throw new PreconditionFailedError(`${action}: 412 PreconditionFailed`, options);
}
