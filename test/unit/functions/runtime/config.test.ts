import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { environmentSchema, loadConfig } from '../../../../functions/runtime/config.ts';
import { ConfigurationError } from '../../../../functions/runtime/errors.ts';

const good = { FUNCTION_TARGET: 'iris', MODEL_URI: 'file:models/iris' };

function faultsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  return [];
}

describe('loadConfig()', () => {
  it('fills in the defaults and freezes the whole', () => {
    const config = loadConfig(good);

    expect(config).toMatchObject({
      ...good,
      PORT: 8080,
      NODE_ENV: 'production',
      MAX_BODY_BYTES: 10_485_760,
      REQUEST_TIMEOUT_MS: 30_000,
      INFERENCE_TIMEOUT_MS: 55_000,
    });
    expect(config.METRICS_PORT).toBeUndefined();
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('ignores what it does not know', () => {
    expect(loadConfig({ ...good, HOME: '/home/me' })).not.toHaveProperty('HOME');
  });

  it('lists every fault at once, each with its name, rule and value', () => {
    const faults = faultsOf({ PORT: 'eighty', LOG_LEVEL: 'loud', MAX_QUEUE_ROWS: '0' });

    expect(faults).toEqual([
      expect.stringMatching(/^FUNCTION_TARGET: .+: current value is not set$/),
      expect.stringMatching(/^PORT: .+: current value is "eighty"$/),
      expect.stringMatching(/^LOG_LEVEL: .+"debug".+: current value is "loud"$/),
      expect.stringMatching(/^MAX_QUEUE_ROWS: .+>0: current value is "0"$/),
      expect.stringMatching(/^MODEL_URI: .+: current value is not set$/),
    ]);
  });

  it('knows the functions that there are, and says so beside the other faults', () => {
    const env = { ...good, FUNCTION_TARGET: 'rose', PORT: 'eighty' };

    expect(() => loadConfig(env)).toThrow(/PORT/);
    expect(() => loadConfig(env, { iris: 'model', text: 'model' })).toThrow(
      /PORT: [^]+FUNCTION_TARGET: must be one of iris, text: current value is "rose"/,
    );
  });

  it.each([
    ['MODEL_URI', 'models/iris'],
    ['MODEL_URI', 'https://models/iris'],
    ['MODEL_URI', 's3://models'],
    ['MODEL_URI', 's3://Models/iris'],
    ['MODEL_DIGEST', 'abc'],
    ['MODEL_DIGEST', `md5:${'0'.repeat(64)}`],
    ['PORT', '-1'],
    ['PORT', '65536'],
    ['PORT', '80.5'],
    ['NODE_ENV', 'staging'],
    ['S3_ENDPOINT', 'localhost:9000'],
    ['S3_ENDPOINT', 'ftp://localhost'],
    ['MAX_BODY_BYTES', '10MB'],
    ['MAX_QUEUE_DELAY_MS', '-1'],
    // A timer of that length would fire at once.
    ['REQUEST_TIMEOUT_MS', '2147483648'],
    ['INFERENCE_TIMEOUT_MS', '2147483648'],
    ['SHUTDOWN_GRACE_MS', '2147483648'],
    ['MAX_QUEUE_DELAY_MS', '2147483648'],
    ['CORS_ORIGINS', 'app.example.com'],
    ['CORS_ORIGINS', 'https://app.example.com/'],
    ['CORS_ORIGINS', 'https://App.example.com'],
    ['CORS_ORIGINS', 'https://app.example.com:443'],
    ['CORS_ORIGINS', 'https://app.example.com,*'],
    ['CORS_ORIGINS', 'https://app.example.com,'],
    ['CORS_ORIGINS', 'file:///tmp'],
    ['CORS_ORIGINS', 'null'],
    ['CORS_METHODS', 'GET POST'],
    ['CORS_HEADERS', 'x-a\r\nx-b: c'],
    ['CORS_EXPOSED_HEADERS', 'x-a,'],
    ['CORS_MAX_AGE_SECONDS', '86401'],
    ['CORS_CREDENTIALS', 'yes'],
  ])('refuses %s=%s', (name, value) => {
    expect(faultsOf({ ...good, [name]: value })).toEqual([
      expect.stringMatching(new RegExp(`^${name}: `)),
    ]);
  });

  it.each([
    ['MODEL_URI', 's3://models/_shared/iris/1'],
    ['MODEL_DIGEST', `sha256:${'0'.repeat(64)}`],
    ['S3_ENDPOINT', 'http://minio.platform.svc:9000'],
    ['MAX_QUEUE_DELAY_MS', '0'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'https://app.example.com, http://localhost:5173,http://[::1]:8080'],
    ['CORS_METHODS', 'GET , POST'],
  ])('takes %s=%s', (name, value) => {
    expect(faultsOf({ ...good, [name]: value })).toEqual([]);
  });

  it('takes an empty variable for one that is not set', () => {
    const config = loadConfig({ ...good, PORT: '', METRICS_PORT: '', S3_ENDPOINT: '' });

    expect(config.PORT).toBe(8080);
    expect(config).not.toHaveProperty('METRICS_PORT');
    expect(faultsOf({ ...good, FUNCTION_TARGET: '' })).toEqual([
      expect.stringContaining('FUNCTION_TARGET'),
    ]);
  });

  it('refuses credentials of every origin', () => {
    const faults = faultsOf({ ...good, CORS_ORIGINS: '*', CORS_CREDENTIALS: 'true' });

    expect(faults).toEqual([
      'CORS_ORIGINS, CORS_CREDENTIALS: name the origins that may send credentials',
    ]);
  });

  it.each([['AWS_ACCESS_KEY_ID'], ['AWS_SECRET_ACCESS_KEY']])('refuses %s alone', (name) => {
    const faults = faultsOf({ ...good, [name]: 'the-value-itself' });

    expect(faults).toEqual(['AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: set both or none']);
  });

  it('never shows a secret, whatever else is wrong', () => {
    const secrets = { AWS_SECRET_ACCESS_KEY: 'the-secret', AWS_SESSION_TOKEN: 'the-token' };

    const message = faultsOf({ ...secrets, PORT: 'x' }).join('\n');

    expect(message).toContain('PORT');
    expect(message).not.toMatch(/the-secret|the-token/);
  });

  it('marks as secret what must not be shown', () => {
    const marked = Object.entries(environmentSchema.shape).filter(
      ([, schema]) => (schema as { meta(): { secret?: boolean } | undefined }).meta()?.secret,
    );

    expect(marked.map(([name]) => name)).toEqual([
      'AWS_SECRET_ACCESS_KEY',
      'AWS_SESSION_TOKEN',
      'RESPONSE_CACHE_REDIS_URL',
      'UPLOADS_TOKEN',
    ]);
  });

  it('describes every setting, for the generated page', () => {
    for (const [name, schema] of Object.entries(environmentSchema.shape)) {
      expect(schema.description, name).toMatch(/.{10}/);
    }
  });
});

describe('a mounted secret', () => {
  let folder: string;
  const fileWith = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pilotlight-config-'));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('is read from the file that NAME_FILE gives, without the line end', () => {
    const config = loadConfig({
      ...good,
      AWS_ACCESS_KEY_ID_FILE: fileWith('id', 'from-a-file\n'),
      AWS_SECRET_ACCESS_KEY_FILE: fileWith('key', 'also-from-a-file\n'),
    });

    expect(config.AWS_ACCESS_KEY_ID).toBe('from-a-file');
    expect(config.AWS_SECRET_ACCESS_KEY).toBe('also-from-a-file');
  });

  it('may be beside an empty variable of the plain name', () => {
    const config = loadConfig({
      ...good,
      AWS_ACCESS_KEY_ID: 'plain',
      AWS_SECRET_ACCESS_KEY: '',
      AWS_SECRET_ACCESS_KEY_FILE: fileWith('key', 'from-a-file'),
    });

    expect(config.AWS_SECRET_ACCESS_KEY).toBe('from-a-file');
  });

  it('may not be set twice', () => {
    const faults = faultsOf({
      ...good,
      AWS_ACCESS_KEY_ID: 'plain',
      AWS_SECRET_ACCESS_KEY: 'plain-secret',
      AWS_SECRET_ACCESS_KEY_FILE: fileWith('key', 'secret-in-a-file'),
    });

    expect(faults).toEqual([
      'AWS_SECRET_ACCESS_KEY: set it or AWS_SECRET_ACCESS_KEY_FILE, not both',
    ]);
  });

  it('must be readable, and then the path is shown', () => {
    const path = join(folder, 'missing');

    const faults = faultsOf({ ...good, AWS_SESSION_TOKEN_FILE: path });

    expect(faults).toEqual([
      expect.stringMatching(/^AWS_SESSION_TOKEN_FILE: cannot read ".+missing": ENOENT/),
    ]);
  });

  it('counts as not set when its file is empty', () => {
    const faults = faultsOf({
      ...good,
      AWS_ACCESS_KEY_ID: 'plain',
      AWS_SECRET_ACCESS_KEY_FILE: fileWith('key', '\n'),
    });

    expect(faults).toEqual(['AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: set both or none']);
  });
});
