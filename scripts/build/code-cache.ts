import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Script } from 'node:vm';

/** Before V8's data comes the checksum of `boot.cjs`. */
const HEADER_BYTES = 8;

/**
 * Proves that this Node takes the code cache of the bundle in `dir`.
 * @throws {Error} When V8 rejects it: every cold start would be slower, and nobody would notice.
 */
export async function requireAccepted(dir: string): Promise<void> {
  const filename = join(dir, 'main.cjs');
  const [code, cache] = await Promise.all([
    readFile(filename, 'latin1'),
    readFile(`${filename}.cache`),
  ]);
  const cachedData = cache.subarray(HEADER_BYTES);
  // Exactly the source of boot.cjs.
  const source = `(function (exports, require, module, __filename, __dirname) {${code}\n})`;
  const script = new Script(source, { filename, cachedData });
  if (script.cachedDataRejected !== false) {
    throw new Error(`V8 ${process.versions.v8} rejects the code cache that it made for ${dir}`);
  }
}
