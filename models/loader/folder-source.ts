import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { lendStream } from '../../functions/runtime/object-store/body-stream.ts';
import {
  ObjectNotFoundError,
  ObjectStoreError,
} from '../../functions/runtime/object-store/errors.ts';
import type { OpenedFile, PackageSource } from './package-source.ts';

/** The package in a folder of this machine. */
export function folderSource(uri: string, folder: string): PackageSource {
  return {
    uri,
    async open(name, { start, end }): Promise<OpenedFile> {
      const path = join(folder, name);
      try {
        const file = await open(path);
        const { size, mtimeMs } = await file.stat();
        const body = file.createReadStream({ start, ...(end === undefined ? {} : { end }) });
        return { sizeBytes: size, etag: `${size}-${mtimeMs}`, body: lendStream(body) };
      } catch (cause) {
        throw toReadError(path, cause);
      }
    },
    close: () => {},
  };
}

/** Nothing on a local disk gets better by waiting: no error of it is transient. */
function toReadError(path: string, cause: unknown): ObjectStoreError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const options = { cause, code, transient: false };
  return code === 'ENOENT'
    ? new ObjectNotFoundError(`${path} does not exist`, options)
    : new ObjectStoreError(`Cannot read ${path}: ${message}`, options);
}
