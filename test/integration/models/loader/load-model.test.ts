import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { DEFAULT_BACKOFF } from '../../../../models/loader/backoff.ts';
import type { LoadEvent } from '../../../../models/loader/load-event.ts';
import { loadModel } from '../../../../models/loader/load-model.ts';
import type { LoadModelOptions } from '../../../../models/loader/load-model.ts';
import type { LoadedModel } from '../../../../models/loader/loaded-model.ts';
import type { Fault } from '../../../support/faulty-store.ts';
import { startModelsBucket } from '../../../support/models-bucket.ts';
import type { ModelsBucket } from '../../../support/models-bucket.ts';
import {
  IRIS_FOLDER,
  readIris,
  sha256,
  withAsset,
  withFiles,
  withManifest,
} from '../../../support/package-fixture.ts';
import type { PackageFiles } from '../../../support/package-fixture.ts';

let bucket: ModelsBucket;
let iris: PackageFiles;
let packages = 0;
/** How the bucket is opened; a cold start does without the SDK when it has address and keys. */
let withSdk = false;

beforeAll(async () => {
  [bucket, iris] = await Promise.all([startModelsBucket(), readIris()]);
});

afterAll(() => bucket.stop());

/** Uploads a package below a prefix of its own. */
async function uploaded(files: PackageFiles): Promise<string> {
  packages += 1;
  await bucket.upload(`_shared/iris/${packages}`, files);
  return `_shared/iris/${packages}`;
}

/** Loads it through the proxy, with short waits. */
async function load(
  prefix: string,
  options: Partial<LoadModelOptions> = {},
): Promise<LoadedModel & { events: LoadEvent[] }> {
  const events: LoadEvent[] = [];
  const model = await loadModel({
    uri: `s3://models/${prefix}`,
    expectedName: 'iris',
    openStore: (name) => (withSdk ? bucket.openStore(name) : bucket.openReader(name)),
    signal: new AbortController().signal,
    onEvent: (event) => events.push(event),
    backoff: { ...DEFAULT_BACKOFF, firstMs: 1, capMs: 5 },
    ...options,
  });
  return { ...model, events };
}

/** A setosa, from Fisher's first row. */
async function predictSetosa(model: LoadedModel): Promise<unknown> {
  const data = Float32Array.of(5.1, 3.5, 1.4, 0.2);
  const outputs = await model.session.run({ features: { datatype: 'FP32', shape: [1, 4], data } });
  await model.session.release();
  return outputs;
}

const setosa = {
  label: { datatype: 'INT64', shape: [1], data: BigInt64Array.of(0n) },
  probabilities: { datatype: 'FP32', shape: [1, 3], data: Float32Array.of(1, 0, 0) },
};

describe.each([
  ['as a cold start does', false],
  ['with the SDK', true],
])('loadModel() from S3, %s', (_how, sdk) => {
  beforeAll(() => {
    withSdk = sdk;
  });

  it('gives a model that predicts, with its labels, digest and the times of all phases', async () => {
    const model = await load(await uploaded(iris), { startedAtMs: performance.now() });

    expect(model.manifest.name).toBe('iris');
    expect(model.labels).toEqual(['setosa', 'versicolor', 'virginica']);
    expect(model.digest).toBe(sha256(String(iris.get('model.json'))));
    expect(Object.keys(model.phases)).toEqual('boot fetch verify session warmup ready'.split(' '));
    const { ready = 0, ...steps } = model.phases;
    const sum = Object.values(steps).reduce((total, ms) => total + ms, 0);
    expect(ready).toBeGreaterThanOrEqual(sum - 1);
    await expect(model.proveGolden()).resolves.toBeUndefined();
    expect(await predictSetosa(model)).toEqual(setosa);
  });

  it('asks for the graph without waiting for model.json', async () => {
    const prefix = await uploaded(iris);
    const abort = new AbortController();
    bucket.proxy.inject(`${prefix}/model.json`, { kind: 'stall', bytes: 0 });
    const loading = load(prefix, { signal: abort.signal });

    await vi.waitFor(() =>
      expect(bucket.proxy.requestsFor(`${prefix}/model.onnx`)).toHaveLength(1),
    );
    abort.abort(new Error('seen enough'));

    await expect(loading).rejects.toThrow('seen enough');
  });

  it('asks for every file it needs once, and for no other', async () => {
    const prefix = await uploaded(withAsset(iris, 'words.json', 'vocabulary', '["a"]'));

    const { assets } = await load(prefix);

    expect(String(assets.get('words.json'))).toBe('["a"]');
    const names = bucket.proxy.seen.flatMap(({ path }) => path.split(`${prefix}/`)[1] ?? []);
    const needed = 'golden.json labels.json model.json model.onnx words.json';
    expect(names.toSorted().join(' ')).toBe(needed);
  });

  it.each<[string, Fault[], string | undefined]>([
    [
      '503 three times',
      Array.from({ length: 3 }, () => ({ kind: 'status', status: 503, code: 'SlowDown' })),
      undefined,
    ],
    ['429', [{ kind: 'status', status: 429, code: 'TooManyRequests' }], undefined],
    ['a truncated body', [{ kind: 'truncate', bytes: 20_000 }], 'bytes=20000-'],
    ['a reset in the middle', [{ kind: 'reset', bytes: 20_000 }], 'bytes=20000-'],
    ['a reset before the first byte', [{ kind: 'reset', bytes: 0 }], undefined],
    ['a store that falls silent', [{ kind: 'stall', bytes: 20_000 }], 'bytes=20000-'],
    [
      'two resets, each a little later',
      [
        { kind: 'reset', bytes: 10_000 },
        { kind: 'reset', bytes: 10_000 },
      ],
      'bytes=20000-',
    ],
  ])('gets over %s and goes on where it stopped', async (_what, faults, lastRange) => {
    const prefix = await uploaded(iris);
    bucket.proxy.inject(`${prefix}/model.onnx`, ...faults);

    const model = await load(prefix, { idleTimeoutMs: 300 });

    expect(await predictSetosa(model)).toEqual(setosa);
    const requests = bucket.proxy.requestsFor(`${prefix}/model.onnx`);
    expect(requests).toHaveLength(faults.length + 1);
    expect(requests.at(-1)?.headers.range).toBe(lastRange);
    expect(requests.at(-1)?.headers['if-match']).toEqual(
      lastRange === undefined ? undefined : expect.stringMatching(/^"[0-9a-f]+"$/),
    );
    const failed = model.events.filter(({ event }) => event === 'attempt-failed');
    expect(failed).toHaveLength(faults.length);
  });

  it('waits for a slow store as long as bytes arrive', async () => {
    const prefix = await uploaded(iris);
    // About 35 pieces, 20 ms apart: longer in all than the patience for a single one.
    bucket.proxy.inject(`${prefix}/model.onnx`, { kind: 'slow', bytes: 1000, everyMs: 20 });

    const model = await load(prefix, { idleTimeoutMs: 500 });

    expect(await predictSetosa(model)).toEqual(setosa);
    expect(model.phases.fetch).toBeGreaterThan(500);
    expect(model.events.filter(({ event }) => event === 'attempt-failed')).toEqual([]);
  });

  it('starts anew when the graph is replaced between two parts of it', async () => {
    const prefix = await uploaded(iris);
    const graph = iris.get('model.onnx') ?? Buffer.alloc(0);
    await bucket.store.put(`${prefix}/model.onnx`, Buffer.alloc(graph.length, 'x'));
    bucket.proxy.inject(`${prefix}/model.onnx`, { kind: 'reset', bytes: 20_000 });
    const backoff = {
      ...DEFAULT_BACKOFF,
      sleep: async () => void (await bucket.store.put(`${prefix}/model.onnx`, graph)),
    };

    const model = await load(prefix, { backoff });

    expect(await predictSetosa(model)).toEqual(setosa);
    const ranges = bucket.proxy
      .requestsFor(`${prefix}/model.onnx`)
      .map(({ headers }) => headers.range);
    expect(ranges).toEqual([undefined, 'bytes=20000-', undefined]);
  });

  it.each<[string, string, Fault, RegExp]>([
    ['403', 'model.json', { kind: 'status', status: 403, code: 'AccessDenied' }, /AccessDenied/],
    ['403', 'model.onnx', { kind: 'status', status: 403, code: 'AccessDenied' }, /AccessDenied/],
    ['a bit that flipped', 'model.onnx', { kind: 'flip', at: 5000 }, /model\.onnx has the sha256/],
    ['a bit that flipped', 'golden.json', { kind: 'flip', at: 200 }, /golden\.json has the sha256/],
    [
      'an object one byte too short',
      'model.onnx',
      { kind: 'shorten' },
      /has 34347 bytes, model\.json says 34348/,
    ],
    ['a broken document', 'model.json', { kind: 'flip', at: 0 }, /model\.json is not JSON/],
  ])('gives up at once on %s for %s', async (_what, name, fault, message) => {
    const prefix = await uploaded(iris);
    // Were it tried again, it would succeed.
    bucket.proxy.inject(`${prefix}/${name}`, fault);

    const loading = load(prefix);

    await expect(loading).rejects.toMatchObject({
      name: 'ModelLoadError',
      permanent: true,
      message: expect.stringMatching(message),
    });
    await expect(loading).rejects.toThrow(`s3://models/${prefix}`);
    expect(bucket.proxy.requestsFor(`${prefix}/${name}`)).toHaveLength(1);
  });

  it.each(['model.json', 'model.onnx', 'golden.json', 'labels.json'])(
    'gives up at once when %s is missing',
    async (name) => {
      const prefix = await uploaded(new Map([...iris].filter(([file]) => file !== name)));

      await expect(load(prefix)).rejects.toMatchObject({
        permanent: true,
        message: expect.stringMatching(new RegExp(`${name}: .*404`)),
      });
    },
  );

  it('does not wait for a store that retries when another file is refused for good', async () => {
    const prefix = await uploaded(iris);
    bucket.proxy.inject(`${prefix}/model.onnx`, {
      kind: 'status',
      status: 403,
      code: 'AccessDenied',
    });
    bucket.proxy.inject(`${prefix}/model.json`, { kind: 'stall', bytes: 0 });

    await expect(load(prefix, { idleTimeoutMs: 60_000 })).rejects.toThrow('AccessDenied');
  });

  it('stops retrying when the signal aborts', async () => {
    const prefix = await uploaded(iris);
    const abort = new AbortController();
    const refusals = Array.from<unknown, Fault>({ length: 50 }, () => ({
      kind: 'status',
      status: 503,
      code: 'SlowDown',
    }));
    bucket.proxy.inject(`${prefix}/model.json`, ...refusals);
    const loading = load(prefix, {
      signal: abort.signal,
      onEvent: (event) => {
        if (event.event === 'attempt-failed' && event.attempt === 3) {
          abort.abort(new Error('shutting down'));
        }
      },
    });

    await expect(loading).rejects.toThrow('shutting down');
    expect(bucket.proxy.requestsFor(`${prefix}/model.json`)).toHaveLength(3);
  });
});

describe('loadModel() of a package that is wrong', () => {
  it('refuses another digest than the one asked for, before anything else', async () => {
    const prefix = await uploaded(iris);

    await expect(load(prefix, { digest: `sha256:${'0'.repeat(64)}` })).rejects.toMatchObject({
      permanent: true,
      message: expect.stringMatching(/MODEL_DIGEST asks for 0{64}/),
    });
    expect(bucket.proxy.requestsFor(`${prefix}/golden.json`)).toHaveLength(0);
  });

  it('takes the digest asked for, with and without its prefix', async () => {
    const prefix = await uploaded(iris);
    const digest = sha256(String(iris.get('model.json')));

    await expect(load(prefix, { digest })).resolves.toMatchObject({ digest });
    await expect(load(prefix, { digest: `sha256:${digest}` })).resolves.toMatchObject({ digest });
  });

  it('refuses a wrong answer to the golden example', async () => {
    const golden = String(iris.get('golden.json')).replace('0.96875', '0.96');
    const prefix = await uploaded(withFiles(iris, { 'golden.json': golden }));

    await expect(load(prefix)).rejects.toMatchObject({
      permanent: true,
      message: expect.stringMatching(
        /golden example is not reproduced: "probabilities" differs by 0\.00875/,
      ),
    });
  });

  it('refuses a golden example that does not fit the graph', async () => {
    const golden = String(iris.get('golden.json')).replace('"features"', '"petals"');
    const prefix = await uploaded(withFiles(iris, { 'golden.json': golden }));

    await expect(load(prefix)).rejects.toMatchObject({
      permanent: true,
      message: expect.stringContaining('its golden example fails'),
    });
  });

  it.each([
    ['is no graph at all', Buffer.from('not a graph')],
    ['is empty', Buffer.alloc(0)],
  ])('refuses a model.onnx that %s, also when its sha256 is right', async (_what, graph) => {
    const prefix = await uploaded(withFiles(iris, { 'model.onnx': graph }));

    await expect(load(prefix)).rejects.toMatchObject({
      permanent: true,
      message: expect.stringContaining('model.onnx does not open'),
    });
  });

  it('refuses a manifest that describes another graph', async () => {
    const prefix = await uploaded(
      withManifest(iris, (manifest) => ({
        ...manifest,
        inputs: [{ name: 'features', datatype: 'FP64', shape: ['batch', 4] }],
      })),
    );

    await expect(load(prefix)).rejects.toMatchObject({
      permanent: true,
      message: expect.stringContaining('is FP32 [-1, 4] in the graph, not FP64 [-1, 4]'),
    });
  });

  it('refuses another model than the one to serve', async () => {
    await expect(load(await uploaded(iris), { expectedName: 'text' })).rejects.toThrow(
      'it is the model "iris", not "text"',
    );
  });
});

describe('loadModel() from a folder', () => {
  const noStore = (): never => {
    throw new Error('no store is needed');
  };

  it('loads without a store', async () => {
    const model = await load('', { uri: `file:${IRIS_FOLDER}`, openStore: noStore });

    expect(await predictSetosa(model)).toEqual(setosa);
  });

  it('says which file is missing', async () => {
    await expect(
      load('', { uri: 'file:no/such/folder', openStore: noStore }),
    ).rejects.toMatchObject({
      permanent: true,
      message: expect.stringMatching(/no\/such\/folder\/model\.(json|onnx) does not exist/),
    });
  });
});
