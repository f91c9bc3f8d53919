import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { startFunction } from '../../support/start-function.ts';
import type { RunningFunction } from '../../support/start-function.ts';

const run = promisify(execFile);

/** The flowers of KServe's first example. */
const FLOWERS = [
  [6.8, 2.8, 4.8, 1.4],
  [6, 3.4, 4.5, 1.6],
];
const DATA = [{ name: 'features', shape: [2, 4], datatype: 'FP32', data: FLOWERS }];

let server: RunningFunction;
let folder: string;

beforeAll(async () => {
  server = await startFunction();
  folder = await mkdtemp(join(tmpdir(), 'pilotlight-curl-'));
  await writeFile(join(folder, 'iris-input.json'), JSON.stringify({ instances: FLOWERS }));
  await writeFile(join(folder, 'iris-input-v2.json'), JSON.stringify({ inputs: DATA }, null, 2));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
  await server.stop();
});

// As KServe's documentation has them: with and without a content type, the Host of the gateway.
const V1_ANSWER = {
  predictions: FLOWERS.map(() => expect.objectContaining({ label: 1 }) as unknown),
};
const V2_ANSWER = expect.objectContaining({
  model_name: 'iris',
  outputs: expect.arrayContaining([
    { name: 'label', datatype: 'INT64', shape: [2], data: [1, 1] },
  ]) as unknown,
}) as unknown;

it.each<[string, unknown]>([
  [
    'curl -v -H "Host: $SERVICE_HOSTNAME" "http://$INGRESS_HOST:$INGRESS_PORT/v1/models/iris:predict" -d @./iris-input.json',
    V1_ANSWER,
  ],
  [
    'curl -v -H "Host: $SERVICE_HOSTNAME" -H "Content-Type: application/json" "http://$INGRESS_HOST:$INGRESS_PORT/v1/models/iris:predict" -d @./iris-input.json',
    V1_ANSWER,
  ],
  ['curl -v http://$INGRESS_HOST:$INGRESS_PORT/v1/models', { models: ['iris'] }],
  ['curl -v http://$INGRESS_HOST:$INGRESS_PORT/v1/models/iris', { name: 'iris', ready: true }],
  [
    'curl -v -H "Host: $SERVICE_HOSTNAME" -d @./iris-input-v2.json http://$INGRESS_HOST:$INGRESS_PORT/v2/models/iris/infer',
    V2_ANSWER,
  ],
  [
    'curl -v -H "Host: $SERVICE_HOSTNAME" -H "Content-Type: application/json" -d @./iris-input-v2.json http://$INGRESS_HOST:$INGRESS_PORT/v2/models/iris/infer',
    V2_ANSWER,
  ],
])('%s', async (line, expected) => {
  const { stdout } = await run('sh', ['-euc', line], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      SERVICE_HOSTNAME: 'iris.default.example.com',
      INGRESS_HOST: '127.0.0.1',
      INGRESS_PORT: String(server.port),
    },
  });

  expect(JSON.parse(stdout)).toEqual(expected);
});
