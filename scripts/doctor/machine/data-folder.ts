import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { isDataDirHeld } from '../../../knative/local/s3/data-lock.ts';
import { type CheckContext, found, type Line, ok, skipped } from '../check.ts';
import { readStartSettings } from './start-settings.ts';

const GIB = 1024 ** 3;
const ENOUGH_BYTES = GIB;

/** Whether the data folder of `npm start` can be written, has room, and is nobody else's. */
export async function checkDataFolder(context: CheckContext): Promise<readonly Line[]> {
  const settings = await readStartSettings(context);
  // The check of the ports says what is wrong with them.
  if ('faults' in settings) return [skipped('the settings of `npm start` are not valid')];
  const { dataDir } = settings.values;
  const problem = await whyNotWritable(dataDir);
  if (problem !== undefined) return [found('DATA_NOT_WRITABLE', `${dataDir}: ${problem}`)];
  return [await space(dataDir, ENOUGH_BYTES), await use(dataDir)];
}

/** Whether the disk of `dataDir` has room for what a day of work puts there. */
export async function space(dataDir: string, enoughBytes: number): Promise<Line> {
  const { bavail, bsize } = await statfs(existingFolder(dataDir));
  const freeBytes = bavail * bsize;
  const free = `${dataDir}: ${(freeBytes / GIB).toFixed(1)} GiB free`;
  return freeBytes < enoughBytes ? found('DATA_SPACE_LOW', free) : ok(free);
}

async function use(dataDir: string): Promise<Line> {
  const held = await isDataDirHeld(join(dataDir, 's3'));
  return held
    ? found('DATA_IN_USE', `${dataDir}: a local S3 server has it`)
    : ok(`${dataDir}: not in use`);
}

/** Leaves nothing behind, not even the folder itself. */
async function whyNotWritable(dataDir: string): Promise<string | undefined> {
  const existing = existingFolder(dataDir);
  const trial = join(existing, `.doctor-${randomUUID()}`);
  try {
    if (existing === dataDir) await writeFile(trial, '');
    else await mkdir(trial);
    return undefined;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code ?? String(cause);
  } finally {
    await rm(trial, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** The folder itself, or the nearest one above it that is there. */
function existingFolder(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : existingFolder(dirname(path));
}
