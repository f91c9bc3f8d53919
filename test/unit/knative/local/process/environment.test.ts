import { expect, test } from 'vitest';

import type { RevisionSpec } from '../../../../../knative/local/manifests/read-services.ts';
import { patientScale } from '../../../../support/scale-settings.ts';
import { processEnvironment } from '../../../../../knative/local/process/environment.ts';

const revision: RevisionSpec = {
  service: 'iris',
  namespace: 'dev',
  name: 'iris-00001',
  env: {
    EXACT: '/cache',
    BELOW: '/cache/models/iris',
    INNER: '/cache/inner/x',
    SIBLING: '/cachette/x',
    ELSEWHERE: 'see /cache',
    S3_ENDPOINT: 'http://minio:9000',
  },
  mounts: [],
  readiness: { kind: 'tcp' },
  scale: patientScale(),
  containerConcurrency: 0,
  timeoutMs: 1,
  responseStartTimeoutMs: 1,
};
const place = {
  port: 4000,
  metricsPort: undefined,
  s3: { endpoint: 'http://127.0.0.1:9000', region: 'eu-west-1' },
  sink: undefined,
  batch: undefined,
  folders: new Map([
    ['/cache', '/tmp/a b/0'],
    ['/cache/inner', '/tmp/a b/1'],
  ]),
};

test('paths below a mount point to its folder, other values stay', () => {
  const env = processEnvironment(revision, place, {});

  expect(env).toMatchObject({
    EXACT: '/tmp/a b/0',
    BELOW: '/tmp/a b/0/models/iris',
    INNER: '/tmp/a b/1/x',
    SIBLING: '/cachette/x',
    ELSEWHERE: 'see /cache',
  });
});

test('the store is the one of this machine, and only a Service that asks gets a metrics port', () => {
  expect(processEnvironment(revision, place, {})).toMatchObject({
    S3_ENDPOINT: 'http://127.0.0.1:9000',
    AWS_REGION: 'eu-west-1',
  });
  expect(processEnvironment(revision, place, {})).not.toHaveProperty('METRICS_PORT');
  expect(processEnvironment(revision, { ...place, metricsPort: 5 }, {})).toMatchObject({
    METRICS_PORT: '5',
  });
});

test('events go to the local broker, when there is one', () => {
  const sink = 'http://localhost:1234/dev/default';

  expect(processEnvironment(revision, { ...place, sink }, {})).toMatchObject({ K_SINK: sink });
  expect(processEnvironment(revision, place, {})).not.toHaveProperty('K_SINK');
});

test('of our own environment a process sees next to nothing', () => {
  const own = { PATH: '/bin', MODEL_URI: 's3://other', AWS_SESSION_TOKEN: 'secret' };

  const env = processEnvironment(revision, place, own);

  expect(env['PATH']).toBe('/bin');
  expect(env).not.toHaveProperty('MODEL_URI');
  expect(env).not.toHaveProperty('AWS_SESSION_TOKEN');
});

test('a setting in our own environment is above the manifest, unless it belongs to the place', () => {
  const given = { ...revision, env: { LOG_LEVEL: 'info', NODE_ENV: 'production' } };

  const env = processEnvironment(given, place, { LOG_LEVEL: 'debug', NODE_ENV: 'test', PORT: '1' });

  expect(env).toMatchObject({ LOG_LEVEL: 'debug', NODE_ENV: 'production', PORT: '4000' });
  expect(processEnvironment(given, place, { LOG_LEVEL: '' })).toMatchObject({ LOG_LEVEL: 'info' });
});
