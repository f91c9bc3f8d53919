import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { watchFolders } from '../../../scripts/start/watch-folders.ts';

/** A folder with `a/b/file` in it, and the number of times that a change of it was seen. */
async function watched(): Promise<{ dir: string; file: string; seen: () => number }> {
  const dir = await mkdtemp(join(tmpdir(), 'pilotlight-watched-'));
  const file = join(dir, 'a/b/file');
  await mkdir(join(dir, 'a/b'), { recursive: true });
  await writeFile(file, 'one');
  let seen = 0;
  const watching = watchFolders([dir], () => (seen += 1));
  onTestFinished(async () => {
    watching[Symbol.dispose]();
    await rm(dir, { recursive: true, force: true });
  });
  return { dir, file, seen: () => seen };
}

/** Another file under the same name, as editors and git save. */
async function replaceFile(file: string): Promise<void> {
  await writeFile(`${file}.new`, 'another');
  await rename(`${file}.new`, file);
}

test('a file is seen to change however it is saved, again and again', async () => {
  const { file, seen } = await watched();
  const saves = [
    () => appendFile(file, 'x'),
    () => replaceFile(file),
    () => appendFile(file, 'x'),
    async () => {
      await rm(file);
      await writeFile(file, 'anew');
    },
    () => appendFile(file, 'x'),
  ];

  for (const save of saves) {
    const before = seen();
    await save();
    await expect.poll(seen, { timeout: 10_000 }).toBeGreaterThan(before);
  }
});

test('folders may come, go and come again', async () => {
  const { dir, seen } = await watched();
  const steps = [
    () => mkdir(join(dir, 'new/below'), { recursive: true }),
    () => writeFile(join(dir, 'new/below/file'), 'x'),
    () => rm(join(dir, 'new'), { recursive: true }),
    () => mkdir(join(dir, 'new/below'), { recursive: true }),
    () => writeFile(join(dir, 'new/below/file'), 'x'),
    async () => {
      await rm(join(dir, 'new'), { recursive: true });
      await mkdir(join(dir, 'new/below'), { recursive: true });
    },
    () => writeFile(join(dir, 'new/below/file'), 'x'),
    () => rename(join(dir, 'new'), join(dir, 'moved')),
    () => appendFile(join(dir, 'moved/below/file'), 'x'),
  ];

  for (const step of steps) {
    const before = seen();
    await step();
    await expect.poll(seen, { timeout: 10_000 }).toBeGreaterThan(before);
  }
});
