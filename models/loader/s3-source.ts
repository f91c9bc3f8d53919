import { lendStream } from '../../functions/runtime/object-store/body-stream.ts';
import type { ObjectReader } from '../../functions/runtime/object-store/object-store.ts';
import { MODEL_FILE } from './package-schema.ts';
import type { OpenOptions, OpenedFile, PackageSource } from './package-source.ts';

/** The package below `prefix` in the store's bucket. Closing it closes the store. */
export function s3Source(store: ObjectReader, prefix: string): PackageSource {
  return {
    uri: `s3://${store.bucket}/${prefix}`,
    async open(name, { start, end, etag, signal }: OpenOptions): Promise<OpenedFile> {
      const options = {
        signal,
        ...(start > 0 ? { range: { start, ...(end === undefined ? {} : { end }) } } : {}),
        ...(etag === undefined ? {} : { ifMatch: etag }),
      };
      const key = `${prefix}/${name}`;
      // The graph alone can be large; the others share their connections.
      if (name === MODEL_FILE && store.download !== undefined) {
        const { meta, body } = await store.download(key, options);
        return { sizeBytes: meta.sizeBytes, etag: meta.etag, body };
      }
      const { meta, body } = await store.get(key, options);
      return { sizeBytes: meta.sizeBytes, etag: meta.etag, body: lendStream(body) };
    },
    close: () => store.close(),
  };
}
