import { fileURLToPath } from 'node:url';

import { permanentError } from './model-load-error.ts';

/** Where a package lies. */
export type PackageLocation =
  | { readonly kind: 's3'; readonly uri: string; readonly bucket: string; readonly prefix: string }
  | { readonly kind: 'folder'; readonly uri: string; readonly path: string };

const S3 = /^s3:\/\/(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(?<prefix>.+?)\/*$/;

/**
 * Takes a `MODEL_URI` apart: `s3://bucket/prefix`, or `file:folder` relative to the working directory.
 * @throws {ModelLoadError} When it is neither.
 */
export function locatePackage(uri: string): PackageLocation {
  const { bucket, prefix } = S3.exec(uri)?.groups ?? {};
  if (bucket !== undefined && prefix !== undefined) {
    const normal = prefix.split('/').filter((part) => part !== '');
    if (!normal.some((part) => part === '.' || part === '..')) {
      return {
        kind: 's3',
        uri: `s3://${bucket}/${normal.join('/')}`,
        bucket,
        prefix: normal.join('/'),
      };
    }
  }
  if (uri.startsWith('file://')) return { kind: 'folder', uri, path: folderOf(uri) };
  if (uri.startsWith('file:') && uri.length > 'file:'.length) {
    return { kind: 'folder', uri, path: uri.slice('file:'.length) };
  }
  throw permanentError(
    `Cannot load from "${uri}": it is neither s3://bucket/prefix nor file:folder`,
  );
}

function folderOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw permanentError(`Cannot load from "${url}": it is no path on this machine`, cause);
  }
}
