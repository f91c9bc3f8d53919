import type { ObjectReader } from '../../functions/runtime/object-store/object-store.ts';
import type { OpenOptions, OpenedFile, PackageSource } from './package-source.ts';

/** The package below `prefix` in the store's bucket. Closing it closes the store. */
export function s3Source(store: ObjectReader, prefix: string): PackageSource {
  return {
    uri: `s3://${store.bucket}/${prefix}`,
    async open(name, { start, etag, signal }: OpenOptions): Promise<OpenedFile> {
      const { meta, body } = await store.get(`${prefix}/${name}`, {
        signal,
        ...(start > 0 ? { range: { start } } : {}),
        ...(etag === undefined ? {} : { ifMatch: etag }),
      });
      return { sizeBytes: meta.sizeBytes, etag: meta.etag, body };
    },
    close: () => store.close(),
  };
}
