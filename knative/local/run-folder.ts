import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The folder for what lives no longer than a stand-in of this process, whether it is there or not. */
export function runFolder(dataDir: string): string {
  return join(dataDir, 'run', String(process.pid));
}

/**
 * A folder for what lives no longer than this stand-in: `<dataDir>/run/<pid>`. Those of stand-ins that were
 * killed are removed.
 */
export async function createRunFolder(dataDir: string): Promise<string> {
  const all = join(dataDir, 'run');
  await mkdir(all, { recursive: true, mode: 0o700 });
  for (const name of await readdir(all)) {
    if (!isAlive(Number(name))) await rm(join(all, name), { recursive: true, force: true });
  }
  const own = runFolder(dataDir);
  await mkdir(own, { recursive: true });
  return own;
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  // Our own pid is that of a dead predecessor, or a second stand-in of this process: keep it.
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}
