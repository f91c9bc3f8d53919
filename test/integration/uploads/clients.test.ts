import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';

import { awsCliPython, runAwsCli } from '../../support/aws-cli.ts';
import { mcBinary, NO_MC } from '../../support/mc.ts';
import { minioBinary, NO_MINIO } from '../../support/minio.ts';
import { NO_PYTHON } from '../../support/python.ts';
import { linesIn, startUploads } from './upload-place.ts';
import type { UploadPlace } from './upload-place.ts';

const run = promisify(execFile);
const FIXTURES = join(import.meta.dirname, '../../fixtures');
const HEADER = 'sepal_length,sepal_width,petal_length,petal_width';
const FLOWER = '{"sepal_length":5.1,"sepal_width":3.5,"petal_length":1.4,"petal_width":0.2}\n';
/** Above 16 MiB mc uploads in parts, above 8 MB the AWS command line does. */
const MANY = 230_000;

/** What people put below `in/`, and what comes of each. */
const FILES: readonly {
  readonly path: string;
  readonly from: string | { readonly text: string };
  readonly output: object;
}[] = [
  {
    path: 'iris/day 1/flowers + more (50%).jsonl',
    from: { text: FLOWER },
    output: { prediction: 'setosa' },
  },
  {
    path: 'iris/ünï-花-🌸.csv',
    from: { text: `${HEADER}\n6.3,2.7,4.9,1.8\n` },
    output: { prediction: 'virginica' },
  },
  {
    path: 'image/a&b=c.jpg',
    from: 'images/rgb.jpg',
    output: { predictions: expect.any(Array) as unknown },
  },
  {
    path: "denoise/it's #1.wav",
    from: 'signals/pcm16.wav',
    output: { denoised: expect.any(Array) as unknown },
  },
  {
    path: 'denoise/a.b.npy',
    from: 'signals/f4.npy',
    output: { denoised: expect.any(Array) as unknown },
  },
];
const LARGE = 'iris/large.jsonl';

/** Copies files of a folder to keys of the data bucket. */
type Client = (copies: Copies, context: TestContext) => Promise<void>;

interface Copies {
  readonly folder: string;
  readonly place: UploadPlace;
  /** Paths in the folder, and keys. */
  readonly pairs: readonly (readonly [path: string, key: string])[];
}

const withAwsCli: Client = async (
  { folder, place: { s3, store }, pairs },
  context: TestContext,
) => {
  const python = await awsCliPython();
  if (python === undefined) return context.skip(NO_PYTHON);
  const settings = {
    S3_ENDPOINT: s3.endpoint,
    AWS_REGION: s3.region,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
  };
  const lines = pairs.map(([path, key]) => {
    return ['s3', 'cp', '--no-progress', path, `s3://${store.bucket}/${key}`];
  });
  for (const [code, printed] of await runAwsCli(python, settings, folder, lines)) {
    expect([code, printed]).toEqual([0, expect.stringMatching(/^upload: /)]);
  }
};

const withMc: Client = async ({ folder, place: { s3, store }, pairs }, context: TestContext) => {
  const binary = mcBinary();
  if (binary === undefined) return context.skip(NO_MC);
  const config = await mkdtemp(join(tmpdir(), 'pilotlight-mc-'));
  const { protocol, host } = new URL(s3.endpoint);
  const env = {
    HOME: config,
    MC_HOST_t: `${protocol}//${s3.accessKeyId}:${s3.secretAccessKey}@${host}`,
  };
  const flags = ['--config-dir', config, '--quiet', '--no-color'];
  for (const [path, key] of pairs) {
    await run(binary, [...flags, 'cp', path, `t/${store.bucket}/${key}`], { cwd: folder, env });
  }
  await rm(config, { recursive: true });
};

describe.each([
  { target: 'the local stand-in', isThere: true, withMinio: false },
  { target: 'MinIO', isThere: minioBinary() !== undefined, withMinio: true },
])('files that are copied to the bucket of $target', ({ isThere, withMinio }) => {
  let place: UploadPlace | undefined;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pilotlight-files-'));
    for (const { path, from } of FILES) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      if (typeof from === 'string') await copyFile(join(FIXTURES, from), join(folder, path));
      else await writeFile(join(folder, path), from.text);
    }
    await writeFile(join(folder, LARGE), FLOWER.repeat(MANY));
    if (isThere) place = await startUploads(withMinio);
  }, 120_000);
  afterAll(async () => {
    await place?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it.for([
    { name: 'aws s3 cp', below: 'by aws', copy: withAwsCli },
    { name: 'mc cp', below: 'by mc', copy: withMc },
  ])(
    'by $name have their predictions beside them',
    { timeout: 300_000 },
    async ({ below, copy }, context: TestContext) => {
      if (place === undefined) return context.skip(NO_MINIO);
      const running = place;
      const { store } = running;
      const target = (path: string): string => path.replace('/', `/${below}/`);
      const paths = [...FILES.map(({ path }) => path), LARGE];
      const pairs = paths.map((path) => [path, `in/${target(path)}`] as const);

      await copy({ folder, place: running, pairs }, context);

      for (const { path, output } of FILES) {
        const key = `in/${target(path)}`;
        const outcome = await running.outcomeOf(target(path), (await store.head(key))?.etag ?? '');
        expect(linesIn(outcome)).toMatchObject([{ key, output }]);
      }
      const { etag = '' } = (await store.head(`in/${target(LARGE)}`)) ?? {};
      expect(etag).toMatch(/-\d+$/);
      const lines = linesIn(await running.outcomeOf(target(LARGE), etag));
      expect(lines).toHaveLength(MANY);
      expect(lines.at(-1)).toMatchObject({ output: { prediction: 'setosa' } });
    },
  );
});
