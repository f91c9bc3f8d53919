import { createHash, randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { FetchedFile } from './fetch-file.ts';
import type { OnLoadEvent } from './load-event.ts';
import { reasonOf } from './model-load-error.ts';

// `node:fs/promises` would load `readline` with it: 2 ms of a start.
const mkdir = promisify(fs.mkdir);
const readFile = promisify(fs.readFile);
const rename = promisify(fs.rename);
const rm = promisify(fs.rm);
const writeFile = promisify(fs.writeFile);

/** Verified files of all packages in one folder, each named by its sha256. */
export interface PackageCache {
  /** The file with this sha256, read and verified; undefined when it is not here, or not whole. */
  read(file: string, sha256: string): Promise<FetchedFile | undefined>;
  /** The sha256 that a package's graph had when it was last stored: a guess, never a proof. */
  lastModel(uri: string): Promise<string | undefined>;
  /** Keeps a package's files. Never rejects: a folder that cannot be written is reported. */
  store(uri: string, modelSha256: string, files: readonly FetchedFile[]): Promise<void>;
}

/**
 * The cache in `folder`, which need not exist. Several processes may share it: a file appears whole or not
 * at all. Without a folder nothing is ever found or kept.
 */
export function openCache(folder: string | undefined, onEvent: OnLoadEvent): PackageCache {
  if (folder === undefined) {
    return { read: async () => undefined, lastModel: async () => undefined, store: async () => {} };
  }
  return {
    async read(file, sha256) {
      const bytes = await readOrMiss(join(folder, sha256), onEvent);
      if (bytes === undefined) return undefined;
      if (sha256Of(bytes) !== sha256) {
        onEvent({ event: 'cache-corrupt', file, sha256 });
        await rm(join(folder, sha256), { force: true }).catch(reportTo(onEvent));
        return undefined;
      }
      onEvent({ event: 'cache-hit', file, sha256 });
      return { bytes, sha256 };
    },
    async lastModel(uri) {
      const text = (await readOrMiss(join(folder, noteOf(uri)), onEvent))?.toString('latin1');
      return text !== undefined && /^[0-9a-f]{64}$/.test(text) ? text : undefined;
    },
    async store(uri, modelSha256, files) {
      try {
        await mkdir(folder, { recursive: true });
        for (const { bytes, sha256 } of files) await writeWhole(join(folder, sha256), bytes);
        await writeWhole(join(folder, noteOf(uri)), modelSha256);
        onEvent({ event: 'cache-stored', files: files.length });
      } catch (cause) {
        reportTo(onEvent)(cause);
      }
    },
  };
}

function sha256Of(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Name of the file that notes which graph a package had. */
function noteOf(uri: string): string {
  return `uri-${sha256Of(uri)}`;
}

async function readOrMiss(path: string, onEvent: OnLoadEvent): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') reportTo(onEvent)(cause);
    return undefined;
  }
}

/** Writes beside and renames: nobody sees half a file, not even after a crash. */
async function writeWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, bytes, { flag: 'wx' });
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    throw cause;
  }
}

function reportTo(onEvent: OnLoadEvent): (cause: unknown) => void {
  return (cause) => onEvent({ event: 'cache-unusable', reason: reasonOf(cause) });
}
