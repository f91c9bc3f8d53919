import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import type { LoadEvent } from '../../../../models/loader/load-event.ts';
import { loadModel } from '../../../../models/loader/load-model.ts';
import type { LoadedModel } from '../../../../models/loader/loaded-model.ts';
import { startModelsBucket } from '../../../support/models-bucket.ts';
import type { ModelsBucket } from '../../../support/models-bucket.ts';
import { manifestOf, readIris, sha256 } from '../../../support/package-fixture.ts';
import type { PackageFiles } from '../../../support/package-fixture.ts';

let bucket: ModelsBucket;
let iris: PackageFiles;
let modelSha256: string;
let cacheDir: string;
let events: LoadEvent[];

beforeAll(async () => {
  [bucket, iris] = await Promise.all([startModelsBucket(), readIris()]);
  await bucket.upload('_shared/iris/1', iris);
  modelSha256 = manifestOf(iris).files.find(({ role }) => role === 'model')?.sha256 ?? '';
});

afterAll(() => bucket.stop());

beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'model-cache-'));
});

afterEach(() => rm(cacheDir, { recursive: true }));

/** Loads, and waits until the cache has been written where something was to write. */
async function load(folder = cacheDir, digest?: string): Promise<LoadedModel> {
  events = [];
  const model = await loadModel({
    uri: 's3://models/_shared/iris/1',
    digest,
    cacheDir: folder,
    openStore: (name) => bucket.openStore(name),
    signal: new AbortController().signal,
    onEvent: (event) => events.push(event),
  });
  await vi.waitFor(() =>
    expect(events.map(({ event }) => event)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^cache-(stored|unusable)$/)]),
    ),
  );
  return model;
}

const requested = (): string[] =>
  events.flatMap((event) => (event.event === 'request' ? [event.file] : []));

describe('the model cache', () => {
  it('spares the store all but model.json', async () => {
    await load();
    expect(requested()).toContain('model.onnx');

    await load();

    expect(requested()).toEqual(['model.json']);
  });

  it('spares the store everything when the digest is given, and then it may be down', async () => {
    await load();
    const seen = bucket.proxy.seen.length;

    const model = await load(cacheDir, sha256(String(iris.get('model.json'))));

    expect(model.manifest.name).toBe('iris');
    expect(bucket.proxy.seen).toHaveLength(seen);
  });

  it('drops a corrupt entry, fetches the file again and keeps that', async () => {
    await load();
    await writeFile(join(cacheDir, modelSha256), 'rubbish');

    const model = await load();

    expect(model.manifest.name).toBe('iris');
    expect(events).toContainEqual({
      event: 'cache-corrupt',
      file: 'model.onnx',
      sha256: modelSha256,
    });
    expect(requested()).toEqual(['model.json', 'model.onnx']);
    expect(sha256(await readFile(join(cacheDir, modelSha256)))).toBe(modelSha256);
  });

  it('keeps nothing of a package that was refused', async () => {
    await expect(load(cacheDir, '0'.repeat(64))).rejects.toThrow('MODEL_DIGEST');
    bucket.proxy.inject('/model.onnx', { kind: 'flip', at: 5000 });
    await expect(load()).rejects.toThrow('sha256');

    await expect(readFile(join(cacheDir, modelSha256))).rejects.toThrow('ENOENT');
  });

  it('loads all the same when the folder cannot be used', async () => {
    const notAFolder = join(cacheDir, 'file');
    await writeFile(notAFolder, '');

    const model = await load(notAFolder);

    expect(model.manifest.name).toBe('iris');
    expect(events).toContainEqual(expect.objectContaining({ event: 'cache-unusable' }));
  });
});
