import { copyFile, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * Puts ONNX Runtime's libraries for this platform into `<dist>/native`: 46 MB of the package's 290 MB.
 * Files that are there already stay; others are replaced one by one, so a running process keeps its own.
 */
export async function placeNativeLibraries(dist: string): Promise<void> {
  const from = nativeFolder();
  const to = join(dist, 'native');
  await mkdir(to, { recursive: true });
  const wanted = (await readdir(from)).filter((file) => /\.(node|so|dylib|dll)(\.|$)/.test(file));
  for (const file of wanted) await place(join(from, file), join(to, file));
  for (const file of await readdir(to)) {
    // Temporary names belong to a build that runs now.
    if (!wanted.includes(file) && !file.startsWith('.')) await rm(join(to, file));
  }
}

function nativeFolder(): string {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
  return join(dirname(entry), '..', 'bin', 'napi-v6', process.platform, process.arch);
}

async function place(source: string, target: string): Promise<void> {
  const [wanted, found] = await Promise.all([stat(source), stat(target).catch(() => undefined)]);
  if (found?.ino === wanted.ino && found.dev === wanted.dev) return;
  if (found?.size === wanted.size && found.mtimeMs >= wanted.mtimeMs) return;
  const temporary = join(dirname(target), `.${process.pid}-${Date.now()}`);
  // A hard link costs no disk; other file systems get a copy.
  await link(source, temporary).catch(() => copyFile(source, temporary));
  await rename(temporary, target);
}
