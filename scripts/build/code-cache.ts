import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Script } from 'node:vm';

/** Before V8's data comes the checksum of `boot.cjs`. */
const HEADER_BYTES = 32;

const ENDING = '.cache';

/**
 * Proves that this Node takes the code caches in `dir`, of which `main.cjs` must have one.
 * @throws {Error} When V8 rejects one: every cold start would be slower, and nobody would notice.
 */
export async function requireAccepted(dir: string): Promise<void> {
  const caches = (await readdir(dir)).filter((file) => file.endsWith(ENDING));
  for (const file of new Set([
    'main.cjs',
    ...caches.map((cache) => cache.slice(0, -ENDING.length)),
  ]))
    await requireOne(join(dir, file));
}

async function requireOne(filename: string): Promise<void> {
  const [code, cache] = await Promise.all([
    readFile(filename, 'latin1'),
    readFile(`${filename}${ENDING}`),
  ]);
  const cachedData = cache.subarray(HEADER_BYTES);
  // Exactly the source of boot.cjs.
  const source = `(function (exports, require, module, __filename, __dirname) {${code}\n})`;
  const script = new Script(source, { filename, cachedData });
  if (script.cachedDataRejected !== false) {
    throw new Error(
      `V8 ${process.versions.v8} rejects the code cache that it made for ${filename}`,
    );
  }
}
