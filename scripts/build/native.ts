import { copyFile, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

import { sharpLibraries } from './sharp-libraries.ts';

/**
 * Puts the libraries of ONNX Runtime and sharp for this platform into `<dist>/native`: 46 MB of the former's
 * 290 MB, 19 MB of the latter. Files that are there already stay; others are replaced one by one, so a running
 * process keeps its own.
 */
export async function placeNativeLibraries(dist: string): Promise<void> {
  const from = nativeFolder();
  const to = join(dist, 'native');
  const runtime = (await readdir(from)).filter((file) => /\.(node|so|dylib|dll)(\.|$)/.test(file));
  const wanted = [
    ...runtime.map((file) => ({ from: join(from, file), to: file })),
    ...sharpLibraries(),
  ];
  for (const library of wanted) {
    const target = join(to, library.to);
    await mkdir(dirname(target), { recursive: true });
    await place(library.from, target);
  }
  const kept = new Set(wanted.map((library) => library.to));
  for (const entry of await readdir(to, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    // Temporary names belong to a build that runs now.
    if (entry.isFile() && !entry.name.startsWith('.') && !kept.has(relative(to, path))) {
      await rm(path);
    }
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
