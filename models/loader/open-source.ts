import type { ObjectReader } from '../../functions/runtime/object-store/object-store.ts';
import type { PackageLocation } from './locate.ts';
import type { PackageSource } from './package-source.ts';

/** The files at a location. Only the code that this kind of location needs is loaded. */
export async function openSource(
  location: PackageLocation,
  openStore: (bucket: string) => Promise<ObjectReader>,
): Promise<PackageSource> {
  if (location.kind === 'folder') {
    const { folderSource } = await import('./folder-source.ts');
    return folderSource(location.uri, location.path);
  }
  const [store, { s3Source }] = await Promise.all([
    openStore(location.bucket),
    import('./s3-source.ts'),
  ]);
  return s3Source(store, location.prefix);
}
