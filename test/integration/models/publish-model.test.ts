import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { ConflictError } from '../../../functions/runtime/errors.ts';
import { publishModel } from '../../../scripts/models/publish-model.ts';
import type { Published } from '../../../scripts/models/publish-model.ts';
import { verifyModel } from '../../../scripts/models/verify-model.ts';
import { startModelsBucket } from '../../support/models-bucket.ts';
import type { ModelsBucket } from '../../support/models-bucket.ts';
import { readIris, sha256, withFiles, withManifest } from '../../support/package-fixture.ts';
import type { PackageFiles } from '../../support/package-fixture.ts';

const FILES = ['model.onnx', 'labels.json', 'golden.json', 'metrics.json', 'CARD.md', 'model.json'];

let bucket: ModelsBucket;
let iris: PackageFiles;
let dir: string;
let tenants = 0;
let tenant: string;

beforeAll(async () => {
  [bucket, iris] = await Promise.all([startModelsBucket(), readIris()]);
});

afterAll(() => bucket.stop());

beforeEach(async () => {
  tenants += 1;
  tenant = `tenant-${tenants}`;
  dir = await mkdtemp(join(tmpdir(), 'package-'));
});

afterEach(() => rm(dir, { recursive: true }));

/** Writes the package into a folder and publishes that, through the proxy. */
async function publish(files: PackageFiles): Promise<Published> {
  for (const [name, bytes] of files) await writeFile(join(dir, name), bytes);
  const store = await bucket.openStore('models');
  try {
    return await publishModel({ store, dir, tenant });
  } finally {
    store.close();
  }
}

async function keys(): Promise<string[]> {
  const entries = await Array.fromAsync(bucket.store.list({ prefix: `${tenant}/` }));
  return entries.map(({ key }) => key.replace(`${tenant}/iris/1/`, ''));
}

describe('publishModel()', () => {
  it('uploads all files, model.json last, and says how to pin them', async () => {
    const published = await publish(iris);

    expect(published).toEqual({
      uri: `s3://models/${tenant}/iris/1`,
      name: 'iris',
      version: 1,
      digest: sha256(String(iris.get('model.json'))),
      uploaded: FILES,
    });
    expect(await keys()).toEqual(FILES.toSorted());
    const writes = bucket.proxy
      .requestsFor('')
      .filter(({ method, path }) => method === 'PUT' && path.includes(`/${tenant}/`));
    expect(writes.map(({ headers }) => headers['if-none-match'])).toEqual(FILES.map(() => '*'));
    expect(writes.at(-1)?.path).toMatch(/model\.json$/);
  });

  it('uploads nothing when the same version is there already', async () => {
    await publish(iris);

    expect(await publish(iris)).toMatchObject({ uploaded: [] });
  });

  it('goes on where an earlier publication was interrupted', async () => {
    bucket.proxy.inject(`/${tenant}/iris/1/golden.json`, {
      kind: 'status',
      status: 403,
      code: 'AccessDenied',
    });
    await expect(publish(iris)).rejects.toThrow('golden.json: 403');
    expect(await keys()).not.toContain('model.json');

    const { uploaded } = await publish(iris);

    expect(uploaded).toEqual(['golden.json', 'metrics.json', 'CARD.md', 'model.json']);
    expect(await keys()).toEqual(FILES.toSorted());
  });

  it('repairs a version that lost a file', async () => {
    await publish(iris);
    await bucket.store.delete(`${tenant}/iris/1/labels.json`);

    expect(await publish(iris)).toMatchObject({ uploaded: ['labels.json'] });
  });

  it('refuses other bytes under the same version, and changes nothing', async () => {
    await publish(iris);
    const before = await Array.fromAsync(bucket.store.list({ prefix: `${tenant}/` }));
    const other = withFiles(iris, { 'CARD.md': 'another card' });

    const publishing = publish(other);

    await expect(publishing).rejects.toBeInstanceOf(ConflictError);
    await expect(publishing).rejects.toThrow(/model\.json exists with other bytes.*higher version/);
    expect(await Array.fromAsync(bucket.store.list({ prefix: `${tenant}/` }))).toEqual(before);
  });

  it('never publishes model.json beside a file of somebody else', async () => {
    await bucket.store.put(`${tenant}/iris/1/CARD.md`, 'left over from another publication');

    await expect(publish(iris)).rejects.toThrow(/CARD\.md exists with other bytes/);
    expect(await keys()).not.toContain('model.json');
  });

  it('lets two publishers of the same package both succeed', async () => {
    const [one, other] = await Promise.all([publish(iris), publish(iris)]);

    expect([...one.uploaded, ...other.uploaded].toSorted()).toEqual(FILES.toSorted());
  });

  it.each<[string, (files: PackageFiles) => PackageFiles, RegExp]>([
    [
      'a file that is not what model.json says',
      (files) => new Map([...files, ['CARD.md', Buffer.from('edited')]]),
      /CARD\.md has 6 bytes/,
    ],
    [
      'a golden case that fails, also when it is not the first',
      (files) => {
        const golden = String(files.get('golden.json'));
        const last = golden.lastIndexOf('"name": "label"');
        const broken = golden.slice(last).replace(/"data": \[\d/, '"data": [7');
        return withFiles(files, { 'golden.json': golden.slice(0, last) + broken });
      },
      /golden cases fail: "label" differs by/,
    ],
    [
      'a manifest of another graph',
      (files) =>
        withManifest(files, (manifest) => ({
          ...manifest,
          outputs: manifest.outputs.slice(0, 1),
        })),
      /output "probabilities" is not declared/,
    ],
  ])('uploads nothing of a package with %s', async (_what, change, message) => {
    await expect(publish(change(iris))).rejects.toThrow(message);

    expect(await keys()).toEqual([]);
  });
});

describe('verifyModel()', () => {
  it('finds the published package as close to its framework as the folder', async () => {
    const { uri, digest } = await publish(iris);
    const verification = await verifyModel({
      uri,
      openStore: (name) => bucket.openStore(name),
      signal: new AbortController().signal,
    });

    expect(verification).toMatchObject({ digest, cases: 4, passed: true });
    expect(verification.differences.map(({ output }) => output)).toEqual([
      'label',
      'probabilities',
    ]);
    for (const { largestDifference } of verification.differences) {
      expect(largestDifference).toBeLessThan(1e-6);
    }
  });
});
