import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openCache } from '../../../../models/loader/cache.ts';
import type { LoadEvent } from '../../../../models/loader/load-event.ts';
import { sha256 } from '../../../support/package-fixture.ts';

const URI = 's3://models/_shared/iris/1';
const bytes = Buffer.from('weights');
const file = { bytes, sha256: sha256(bytes) };

let folder: string;
let events: LoadEvent[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cache-'));
  events = [];
});

afterEach(() => rm(folder, { recursive: true }));

const cacheIn = (path: string | undefined) => openCache(path, (event) => void events.push(event));

describe('openCache()', () => {
  it('gives back what was stored, in a folder it makes itself', async () => {
    const cache = cacheIn(join(folder, 'new', 'folder'));
    await cache.store(URI, file.sha256, [file]);

    expect(await cache.read('model.onnx', file.sha256)).toEqual(file);
    expect(await cache.lastModel(URI)).toBe(file.sha256);
    expect(await cache.lastModel('s3://models/_shared/iris/2')).toBeUndefined();
    expect(events.map(({ event }) => event)).toEqual(['cache-stored', 'cache-hit']);
  });

  it('names files by their sha256 and leaves nothing half written behind', async () => {
    await cacheIn(folder).store(URI, file.sha256, [file]);

    const names = await readdir(folder);

    expect(names.toSorted()).toEqual([file.sha256, `uri-${sha256(URI)}`].toSorted());
  });

  it('drops a file with other bytes than its name says', async () => {
    const cache = cacheIn(folder);
    await cache.store(URI, file.sha256, [file]);
    await writeFile(join(folder, file.sha256), 'weightz');

    expect(await cache.read('model.onnx', file.sha256)).toBeUndefined();
    expect(events.at(-1)).toEqual({
      event: 'cache-corrupt',
      file: 'model.onnx',
      sha256: file.sha256,
    });
    await expect(readFile(join(folder, file.sha256))).rejects.toThrow('ENOENT');
  });

  it('takes a damaged note for none', async () => {
    await writeFile(join(folder, `uri-${sha256(URI)}`), '../../etc/passwd');

    expect(await cacheIn(folder).lastModel(URI)).toBeUndefined();
  });

  it('only reports a folder that cannot be used', async () => {
    // A file where the folder should be: fails for every user, root included.
    const notAFolder = join(folder, 'file');
    await writeFile(notAFolder, '');
    const cache = cacheIn(notAFolder);

    await cache.store(URI, file.sha256, [file]);

    expect(await cache.read('model.onnx', file.sha256)).toBeUndefined();
    expect(await cache.lastModel(URI)).toBeUndefined();
    expect(events.map(({ event }) => event)).toEqual([
      'cache-unusable',
      'cache-unusable',
      'cache-unusable',
    ]);
  });

  it('keeps nothing without a folder', async () => {
    const cache = cacheIn(undefined);
    await cache.store(URI, file.sha256, [file]);

    expect(await cache.read('model.onnx', file.sha256)).toBeUndefined();
    expect(await cache.lastModel(URI)).toBeUndefined();
    expect(events).toEqual([]);
  });
});
