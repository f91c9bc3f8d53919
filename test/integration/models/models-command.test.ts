import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startLocalS3 } from '../../support/local-s3.ts';
import type { TestS3 } from '../../support/local-s3.ts';
import { readIris, sha256 } from '../../support/package-fixture.ts';

const SCRIPT = join(import.meta.dirname, '..', '..', '..', 'scripts', 'models.ts');

let s3: TestS3;
let digest: string;

beforeAll(async () => {
  s3 = await startLocalS3();
  digest = sha256(String((await readIris()).get('model.json')));
});

afterAll(() => s3.stop());

/** Runs `npm run models -- …` as npm does, with no settings but these. */
async function models(
  args: string,
  settings: Readonly<Record<string, string | undefined>> = s3.settings,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [SCRIPT, ...args.split(' ').filter(Boolean)], {
    env: { PATH: process.env['PATH'], ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) =>
    Array.fromAsync(stream.setEncoding('utf8') as AsyncIterable<string>),
  );
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout: (await stdout)?.join('') ?? '', stderr: (await stderr)?.join('') ?? '' };
}

describe('npm run models', () => {
  it('verifies the package in the clone without any settings', async () => {
    const { code, stdout } = await models('verify iris', {});

    expect(code).toBe(0);
    expect(stdout).toContain(`digest sha256:${digest}`);
    expect(stdout).toMatch(/probabilities: largest difference \d/);
  });

  it('publishes once, then says so, and verifies what is published', async () => {
    const noBucket = await models('publish iris');
    expect(noBucket).toMatchObject({ code: 1, stdout: '' });
    expect(noBucket.stderr).toBe(
      'The bucket "models" does not exist. --create-bucket creates it\n',
    );

    const first = await models('publish iris --create-bucket');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(
      /^created the bucket models\n.*: published model\.onnx, .*model\.json\n/,
    );

    const second = await models('publish iris --create-bucket');
    expect(second).toMatchObject({
      code: 0,
      stdout: `s3://models/_shared/iris/1: already published\ndigest sha256:${digest}\n`,
    });

    const verified = await models('verify iris --from s3');
    expect(verified.code).toBe(0);
    expect(verified.stdout).toContain('s3://models/_shared/iris/1: iris version 1');

    const missing = await models('verify iris --from s3 --tenant tenant-a');
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toContain('MODEL_LOAD: Cannot load s3://models/tenant-a/iris/1');
  });

  it.each([
    ['', 'No command given'],
    ['verify nothing', 'models/nothing is no model package; there are: '],
    ['polish iris', 'No such command: "polish"'],
    ['import', 'import: which file?'],
  ])('answers "%s" with what is wrong and how it is used', async (args, message) => {
    const { code, stderr } = await models(args, {});

    expect(code).toBe(64);
    expect(stderr).toContain(message);
    expect(stderr).toContain('Usage: npm run models');
  });

  it('lists what is here, and with a store what is published', async () => {
    const here = await models('list --json', {});
    const both = await models('list --json');
    const text = await models('list', {});

    const own = JSON.parse(here.stdout) as { name: string; digest: string; where: string }[];
    expect(own).toContainEqual(
      expect.objectContaining({ name: 'iris', version: 1, digest: `sha256:${digest}` }),
    );
    const published = (JSON.parse(both.stdout) as typeof own).slice(own.length);
    expect(published).toEqual([
      { ...own.find(({ name }) => name === 'iris'), where: 's3://models/_shared/iris/1' },
    ]);
    expect(text.stdout).toMatch(
      new RegExp(`^iris +1 +iris +1024 +inline +sha256:${digest.slice(0, 12)}`, 'm'),
    );
  });

  it('says what training lacks', async () => {
    const { code, stderr } = await models('train iris', { PATH: '' });

    expect(code).toBe(1);
    expect(stderr).toMatch(/^Training needs Python 3\.11 .*there is no Python here/);
  });

  it('inspects a model by its name', async () => {
    const { code, stdout } = await models('inspect iris --json', {});

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      package: { name: 'iris', version: 1, execution: 'inline', max_rows: 1024 },
      opsets: { 'ai.onnx.ml': expect.any(Number) as unknown },
      inputs: [{ name: 'features', type: 'float', datatype: 'FP32', shape: ['batch', 4] }],
      operators: { 'ai.onnx.ml:TreeEnsembleClassifier': 1 },
      can_be_served: true,
      reasons: [],
    });
  });

  it('lists all faults of the settings, and looks only at those of the store', async () => {
    const settings = { S3_ENDPOINT: 'minio:9000', AWS_ACCESS_KEY_ID: 'me', PORT: 'not a port' };

    const { code, stderr } = await models('publish iris', settings);

    expect(code).toBe(78);
    expect(stderr).toContain('S3_ENDPOINT');
    expect(stderr).toContain('AWS_SECRET_ACCESS_KEY');
    expect(stderr).not.toContain('PORT: ');
  });
});
