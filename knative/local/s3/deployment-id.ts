import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The name of the data folder, made at the first start: events carry it. */
export async function loadOrCreateDeploymentId(dataDir: string): Promise<string> {
  const path = join(dataDir, 'deployment-id');
  const stored = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return '';
  });
  if (stored !== '') return stored;
  const id = randomUUID();
  await writeFile(path, id);
  return id;
}
