import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { once } from 'node:events';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { FUNCTIONS } from '../../../functions/catalogue.ts';
import { freePort } from '../../../scripts/build/free-port.ts';
import { SETOSA, ask, expectError, json, post } from '../../support/http-client.ts';
import { startModelsBucket } from '../../support/models-bucket.ts';
import type { ModelsBucket } from '../../support/models-bucket.ts';
import { readIris, withFiles } from '../../support/package-fixture.ts';
import { spawnFunction, startFunction, untilAccepted } from '../../support/start-function.ts';
import type { FunctionProcess } from '../../support/start-function.ts';

const started: FunctionProcess[] = [];

/** A process that the test need not end. */
async function spawned(...options: Parameters<typeof spawnFunction>): Promise<FunctionProcess> {
  const child = await spawnFunction(...options);
  started.push(child);
  return child;
}

afterEach(async () => {
  for (const child of started.splice(0)) await child.stop('SIGKILL');
});

describe('a start with a wrong environment', () => {
  it('names every fault at once on standard error, and exits 78', async () => {
    const child = await spawned({
      env: {
        MODEL_URI: 'http://models/iris',
        PORT: '70000',
        LOG_LEVEL: 'loud',
        S3_ENDPOINT: 'ftp://store',
        AWS_SECRET_ACCESS_KEY: 'the-secret-itself',
      },
    });

    expect(await child.exited).toEqual({ code: 78, signal: null });
    const lines = child.stderr().trimEnd().split('\n');
    expect(lines[0]).toBe('Configuration is not valid:');
    expect(lines.slice(1).map((line) => line.trim().split(':')[0])).toEqual([
      'MODEL_URI',
      'PORT',
      'LOG_LEVEL',
      'S3_ENDPOINT',
      'AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY',
    ]);
    expect(child.stderr()).toContain('"70000"');
    expect(child.stderr()).not.toContain('the-secret-itself');
    expect(child.logs).toEqual([]);
  });

  it('names the functions that there are when it is asked for another', async () => {
    const child = await spawned({ env: { FUNCTION_TARGET: 'rose' } });

    expect(await child.exited).toEqual({ code: 78, signal: null });
    expect(child.stderr()).toBe(
      `Configuration is not valid:\n  FUNCTION_TARGET: must be one of ${Object.keys(FUNCTIONS).join(', ')}: current value is "rose"\n`,
    );
  });

  it('does not take the name of something that every object has for a function', async () => {
    const child = await spawned({ env: { FUNCTION_TARGET: 'constructor' } });

    expect(await child.exited).toEqual({ code: 78, signal: null });
  });
});

describe('a start that cannot succeed', () => {
  let taken: Server;

  beforeAll(async () => {
    taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
  });

  afterAll(() => taken.close());

  it.each(['PORT', 'METRICS_PORT'])('says in one line that %s is taken', async (name) => {
    const { port } = taken.address() as AddressInfo;

    const child = await spawned({ env: { [name]: String(port) } });

    expect(await child.exited).toEqual({ code: 1, signal: null });
    expect(child.stderr()).toBe(`listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`);
    await child.logged(child.stderr().trim(), ({ level }) => level === 'error');
  });

  it('leaves the instance alone that has the port', async () => {
    const first = await startFunction();
    started.push(first);

    const second = await spawned({ env: { PORT: String(first.port) } });

    expect(await second.exited).toEqual({ code: 1, signal: null });
    expect((await post(`${first.url}/predict`, SETOSA)).status).toBe(200);
  });

  it.each([
    ['there is no package', { MODEL_URI: 'file:models/rose' }, 'does not exist'],
    ['the package is another one', { MODEL_DIGEST: '0'.repeat(64) }, 'MODEL_DIGEST asks for 0000'],
  ])('says in one line that %s', async (_what, env, said) => {
    const child = await spawned({ env });

    expect(await child.exited).toEqual({ code: 1, signal: null });
    expect(child.stderr()).toContain(said);
    expect(child.stderr().match(/\n/g)).toHaveLength(1);
    const line = await child.logged(child.stderr().trim(), ({ level }) => level === 'error');
    expect(line['error']).toMatchObject({ code: 'MODEL_LOAD' });
  });
});

describe('a start with the model in a store', () => {
  let bucket: ModelsBucket;
  const prefix = '_shared/iris/1';

  beforeAll(async () => {
    bucket = await startModelsBucket();
    const iris = await readIris();
    await bucket.upload(prefix, iris);
    const model = Buffer.from(iris.get('model.onnx') ?? '');
    await bucket.upload('_shared/iris/2', withFiles(iris, { 'model.onnx': model.subarray(1) }));
  });

  afterAll(() => bucket.stop());

  const env = (change: Readonly<Record<string, string>> = {}): Record<string, string> => ({
    MODEL_URI: `s3://models/${prefix}`,
    S3_ENDPOINT: bucket.proxy.endpoint,
    AWS_ACCESS_KEY_ID: bucket.settings.AWS_ACCESS_KEY_ID ?? '',
    AWS_SECRET_ACCESS_KEY: bucket.settings.AWS_SECRET_ACCESS_KEY ?? '',
    ...change,
  });

  /** A process that listens and waits for its model. */
  async function loadingFunction(): Promise<{ child: FunctionProcess; url: string }> {
    const port = await freePort();
    const child = await spawned({ env: env({ PORT: String(port) }) });
    await untilAccepted(child, port);
    return { child, url: `http://127.0.0.1:${port}` };
  }

  it('answers probes and metrics at once, and 503 for the rest until the model is there', async () => {
    bucket.proxy.inject('model.onnx', { kind: 'slow', bytes: 3000, everyMs: 100 });
    const { child, url } = await loadingFunction();

    const [live, ready, readyV2, metrics, predict, infer, info] = await Promise.all([
      ask(`${url}/healthz`),
      ask(`${url}/ready`),
      ask(`${url}/v2/health/ready`),
      ask(`${url}/metrics`),
      post(`${url}/predict`, SETOSA),
      post(`${url}/v2/models/iris/infer`, {}),
      ask(`${url}/info`),
    ]);
    await child.logged('ready');
    const readyNow = await ask(`${url}/ready`);
    const predictNow = await post(`${url}/predict`, SETOSA);

    expect([live.status, metrics.status]).toEqual([200, 200]);
    for (const probe of [ready, readyV2]) {
      expect(probe.status).toBe(503);
      expect(json(probe)).toEqual({ ready: false });
      expect(probe.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    }
    for (const refused of [predict, info]) {
      expectError(refused, 'MODEL_LOAD', 'typed');
      expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    }
    expectError(infer, 'MODEL_LOAD', 'protocol');
    expect(readyNow.status).toBe(200);
    expect(json(predictNow)).toMatchObject({ prediction: 'setosa' });
  });

  it('ends well when it is told to before the model is there', async () => {
    bucket.proxy.inject('model.onnx', { kind: 'stall', bytes: 1000 });
    const { child } = await loadingFunction();

    const startedMs = performance.now();
    expect(await child.stop()).toEqual({ code: 0, signal: null });

    expect(performance.now() - startedMs).toBeLessThan(5000);
    expect(child.stderr()).toBe('');
  });

  it('goes on when the store fails for a while', async () => {
    bucket.proxy.inject('model.json', { kind: 'status', status: 503, code: 'SlowDown' });
    bucket.proxy.inject('model.onnx', { kind: 'reset', bytes: 500 });

    const loaded = await startFunction({ env: env() });
    started.push(loaded);

    expect(json(await post(`${loaded.url}/predict`, SETOSA))).toMatchObject({
      prediction: 'setosa',
    });
    expect(loaded.logs).toContainEqual(
      expect.objectContaining({ level: 'warn', logger: 'loader', message: 'attempt-failed' }),
    );
  });

  it.each([
    ['the store knows no such version', { MODEL_URI: 's3://models/_shared/iris/9' }],
    ['the store refuses the credentials', { AWS_SECRET_ACCESS_KEY: 'wrong' }],
    ['the model does not open', { MODEL_URI: 's3://models/_shared/iris/2' }],
  ])('ends with one clear line when %s', async (_what, change) => {
    const child = await spawned({ env: env(change) });

    expect(await child.exited).toEqual({ code: 1, signal: null });
    expect(child.stderr()).toMatch(/^Cannot load s3:\/\/models\/_shared\/iris\/\d: [^\n]+\n$/);
    expect(child.stderr()).not.toContain('wrong');
  });
});
