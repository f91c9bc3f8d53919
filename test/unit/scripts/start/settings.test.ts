import { expect, test } from 'vitest';

import { startSettings } from '../../../../scripts/start/settings.ts';

test.each([
  ['nothing', {}, { port: 8080, dataDir: '/clone/.pilotlight', s3: { port: 9000 } }],
  ['empty variables', { PORT: '', S3_PORT: '' }, { port: 8080, s3: { port: 9000 } }],
  ['another S3_PORT', { S3_PORT: '9001' }, { dataDir: '/clone/.pilotlight/s3-port-9001' }],
  ['a data folder', { PILOTLIGHT_DATA: '/data', S3_PORT: '9001' }, { dataDir: '/data' }],
  [
    'a store of its own',
    { S3_ENDPOINT: 'http://minio:9000', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
    {
      s3: {
        endpoint: 'http://minio:9000',
        accessKeyId: 'a',
        secretAccessKey: 'b',
        region: 'us-east-1',
      },
    },
  ],
])('with %s', (_, env, expected) => {
  expect(startSettings(env, '/clone')).toMatchObject(expected);
});

test.each([
  ['PORT: ', { PORT: 'http' }],
  ['S3_PORT: ', { S3_PORT: '70000' }],
  ['S3_ENDPOINT: ', { S3_ENDPOINT: 'minio' }],
  ['needs AWS_ACCESS_KEY_ID', { S3_ENDPOINT: 'http://minio:9000' }],
])('refuses with "%s"', (message, env) => {
  expect(() => startSettings(env, '/clone')).toThrow(message);
});
