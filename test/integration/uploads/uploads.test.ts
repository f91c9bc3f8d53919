import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { PartLine } from '../../../events/jobs/part-line.ts';
import type { ObjectStore } from '../../../functions/runtime/object-store/object-store.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import { tellWebhooks } from '../../../functions/runtime/object-store/tell-webhooks.ts';
import type { StandInStatus } from '../../../knative/local/status.ts';
import { storeSettings } from '../../../knative/local/storage.ts';
import { UPLOAD_NOTICES } from '../../../events/uploads/notices.ts';
import { freePort } from '../../../scripts/build/free-port.ts';
import { makeUploadsWebhook } from '../../../scripts/deploy/secrets.ts';
import { isMinioRequired, minioBinary, NO_MINIO, startMinio } from '../../support/minio.ts';
import { runProgram } from '../local/run-program.ts';
import type { RunningProgram } from '../local/run-program.ts';

const root = join(import.meta.dirname, '../../..');
/** As deploy makes it: the token, and the file that tells it to MinIO. */
const SECRET = makeUploadsWebhook();
const FLOWER = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const VIRGINICA = { sepal_length: 6.3, sepal_width: 2.7, petal_length: 4.9, petal_width: 1.8 };
/** Starts of three functions from their sources, on a machine with other work. */
const PATIENCE = { timeout: 90_000, interval: 250 };

const hasMinio = minioBinary() !== undefined;
if (!hasMinio) console.warn(NO_MINIO);

it('has a MinIO to test against where CI_REQUIRE_MINIO=1 asks for one', () => {
  expect(isMinioRequired() && !hasMinio, NO_MINIO).toBe(false);
});

interface Place {
  readonly store: ObjectStore;
  readonly program: RunningProgram;
  stop(): Promise<void>;
}

/** MinIO's settings: one webhook that tells at once, one that keeps what it cannot deliver. */
function webhooks(url: string, dataDir: string): Record<string, string> {
  const settings = UPLOAD_NOTICES.flatMap(({ id }) => [
    [`MINIO_NOTIFY_WEBHOOK_ENABLE_${id}`, 'on'],
    [`MINIO_NOTIFY_WEBHOOK_ENDPOINT_${id}`, url],
  ]);
  return {
    ...(Object.fromEntries(settings) as Record<string, string>),
    MINIO_CONFIG_ENV_FILE: join(dataDir, 'minio.env'),
    MINIO_NOTIFY_WEBHOOK_QUEUE_DIR_UPLOADS_KEPT: join(dataDir, 'queue'),
  };
}

/** `npm start` with its own store, or with a MinIO that tells it of new objects. */
async function start(withMinio: boolean): Promise<Place> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-uploads-'));
  const port = await freePort();
  await writeFile(join(dataDir, 'minio.env'), SECRET['minio.env'] ?? '');
  const minio = withMinio
    ? await startMinio(webhooks(`http://127.0.0.1:${port}/uploads/s3-events`, dataDir))
    : undefined;
  const program = runProgram([join(root, 'test/fixtures/local/from-sources.ts')], {
    PORT: String(port),
    S3_PORT: '0',
    PILOTLIGHT_DATA: dataDir,
    LOG_LEVEL: 'warn',
    TEST_MODELS: 'iris,image,denoise',
    ...(minio === undefined ? {} : { ...minio.settings, UPLOADS_TOKEN: SECRET['token'] ?? '' }),
  });
  const [, router = ''] = await program.wrote(/^router (\S+)$/m);
  const { s3, buckets } = (await (await fetch(`${router}/_local`)).json()) as StandInStatus;
  if (minio !== undefined) {
    await tellWebhooks(storeSettings(s3), buckets.data, UPLOAD_NOTICES);
  }
  const store = openObjectStore(storeSettings(s3), buckets.data);
  return {
    store,
    program,
    async stop() {
      store.close();
      await program[Symbol.asyncDispose]();
      await minio?.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A PNG whose header says that it has so many pixels. */
function png(width: number, height: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  const chunk = (type: string, data: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)]);
  };
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(Buffer.alloc(100_000));
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', data)]);
}

/** A WAV of a few samples that claims to have 3 GB of them. */
async function hugeWav(): Promise<Buffer> {
  const wav = await readFile(join(root, 'test/fixtures/signals/pcm16.wav'));
  const at = wav.indexOf('data');
  wav.writeUInt32LE(3_000_000_000, at + 4);
  return wav;
}

const jsonl = (...records: readonly unknown[]): string =>
  records.map((one) => `${JSON.stringify(one)}\n`).join('');

describe.each([
  { target: 'the local stand-in', isThere: true, withMinio: false },
  { target: 'MinIO', isThere: hasMinio, withMinio: true },
])('an upload to $target', ({ isThere, withMinio }) => {
  describe.runIf(isThere)('below in/<model>/', () => {
    let place: Place;
    beforeAll(async () => {
      place = await start(withMinio);
    }, 120_000);
    afterAll(async () => {
      await place?.stop();
    });

    interface Outcome {
      readonly latest: { readonly etag: string; readonly output: string };
      readonly text: string;
    }

    /** What came of an object, once there is something. */
    async function outcomeOf(path: string, etag: string): Promise<Outcome> {
      const { store, program } = place;
      const textOf = async (key: string): Promise<string> =>
        (await store.getBytes(key, { maxBytes: 64 * 1024 * 1024 })).bytes.toString();
      const latest = async (): Promise<Outcome['latest'] | undefined> => {
        const key = `out/${path}/latest.json`;
        if ((await store.head(key)) === undefined) return undefined;
        return JSON.parse(await textOf(key)) as Outcome['latest'];
      };
      await expect
        .poll(async () => (await latest())?.etag, { ...PATIENCE, message: program.output() })
        .toBe(etag);
      const found = (await latest()) as Outcome['latest'];
      return { latest: found, text: await textOf(found.output) };
    }

    async function linesOf(path: string, body: string | Buffer): Promise<PartLine[]> {
      const { etag } = await place.store.put(`in/${path}`, body);
      const { latest, text } = await outcomeOf(path, etag);
      expect(latest.output).toBe(`out/${path}/${etag}/predictions.jsonl`);
      return text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as PartLine);
    }

    it(
      'of lines of JSON has its predictions, and its errors, beside it',
      { timeout: 120_000 },
      async () => {
        const body = `${jsonl({ custom_id: 'a', ...FLOWER })}\n${jsonl({ custom_id: 'b' }, VIRGINICA)}`;

        const lines = await linesOf('iris/day/flowers.jsonl', body);

        expect(lines).toMatchObject([
          {
            key: 'in/iris/day/flowers.jsonl',
            offset: 0,
            id: 'a',
            output: { prediction: 'setosa' },
          },
          { id: 'b', error: { code: 'INVALID_REQUEST' } },
          { id: null, output: { prediction: 'virginica' } },
        ]);
      },
    );

    it('of a CSV has its predictions beside it', { timeout: 120_000 }, async () => {
      const rows = [FLOWER, VIRGINICA].map((one) => Object.values(one).join());

      const lines = await linesOf(
        'iris/a.csv',
        `${Object.keys(FLOWER).join()}\n${rows.join('\n')}`,
      );

      expect(lines).toMatchObject([
        { output: { prediction: 'setosa' } },
        { output: { prediction: 'virginica' } },
      ]);
    });

    it.each([
      ['image/one.jpg', 'images/rgb.jpg', 'predictions'],
      ['image/two.PNG', 'images/rgb.png', 'predictions'],
      ['image/three.webp', 'images/rgb.webp', 'predictions'],
      ['denoise/one.wav', 'signals/pcm16.wav', 'denoised'],
      ['denoise/two.npy', 'signals/f4.npy', 'denoised'],
      ['denoise/three.csv', '../../functions/denoise/sample.csv', 'denoised'],
    ])(
      'of the file %s has its prediction beside it',
      { timeout: 120_000 },
      async (path, file, field) => {
        const lines = await linesOf(path, await readFile(join(root, 'test/fixtures', file)));

        expect(lines).toMatchObject([{ key: `in/${path}`, offset: 0, id: null }]);
        expect((lines[0]?.output as Record<string, unknown> | undefined)?.[field]).toBeInstanceOf(
          Array,
        );
      },
    );

    it.each([
      'iris/a b/c+d %41&(1) 100%.jsonl',
      'iris/花-🌸-e\u0301.jsonl',
      'iris/?x=#y"\'.jsonl',
      'iris/..jsonl',
      'iris/__proto__/constructor.jsonl',
    ])('named %s is found there again', { timeout: 120_000 }, async (path) => {
      expect(await linesOf(path, jsonl(FLOWER))).toMatchObject([
        { key: `in/${path}`, output: { prediction: 'setosa' } },
      ]);
    });

    const bad: readonly [string, string, () => string | Buffer | Promise<Buffer>][] = [
      ['iris/empty.jsonl', 'INVALID_REQUEST', () => ''],
      ['iris/blank.jsonl', 'INVALID_REQUEST', () => '\n\n \n'],
      ['iris/empty.csv', 'INVALID_REQUEST', () => ''],
      ['iris/header.csv', 'INVALID_REQUEST', () => `${Object.keys(FLOWER).join()}\n`],
      ['iris/twice.csv', 'INPUT_UNSUPPORTED', () => 'a,a\n1,2\n'],
      ['iris/other.csv', 'INVALID_REQUEST', () => 'a,b\n1,2\n3,4\n'],
      ['iris/none.jsonl', 'INVALID_REQUEST', () => jsonl({}, [], 7)],
      ['iris/picture.jsonl', 'INVALID_REQUEST', () => png(2, 2)],
      ['iris/line.jsonl', 'RECORD_TOO_LARGE', () => Buffer.alloc(3 * 1024 * 1024, 'x')],
      ['iris/program.exe', 'UNSUPPORTED_MEDIA_TYPE', () => 'MZ'],
      ['iris/packed.jsonl.gz', 'UNSUPPORTED_MEDIA_TYPE', () => '\u001F'],
      ['iris/no-suffix', 'UNSUPPORTED_MEDIA_TYPE', () => jsonl(FLOWER)],
      ['image/empty.jpg', 'INVALID_REQUEST', () => ''],
      ['image/text.jpg', 'INVALID_IMAGE', () => 'no picture'],
      ['image/bomb.png', 'INVALID_IMAGE', () => png(60_000, 60_000)],
      ['image/cut.png', 'INVALID_IMAGE', () => png(2000, 2000)],
      ['denoise/claims.wav', 'INVALID_REQUEST', hugeWav],
      ['denoise/text.npy', 'INVALID_REQUEST', () => 'no numbers here'],
    ];
    it(
      'that cannot be scored says why, and keeps nobody waiting',
      { timeout: 180_000 },
      async () => {
        const put = bad.map(async ([path, , body]) => {
          const { etag } = await place.store.put(`in/${path}`, await body());
          return [path, etag] as const;
        });
        const uploads = await Promise.all(put);
        // No model, no upload, and not below a model.
        for (const key of ['in/rose/a.jsonl', 'in/iris/folder/', 'in/a.jsonl']) {
          await place.store.put(key, key.endsWith('/') ? '' : jsonl(FLOWER));
        }

        const codes = await Promise.all(
          uploads.map(async ([path, etag]) => {
            const { latest, text } = await outcomeOf(path, etag);
            expect(latest.output).toBe(`out/${path}/${etag}/error.json`);
            const { error } = JSON.parse(text) as { error: { code: string; message: string } };
            expect(error.message).not.toBe('');
            return [path, error.code];
          }),
        );

        expect(Object.fromEntries(codes)).toEqual(
          Object.fromEntries(bad.map(([path, code]) => [path, code])),
        );
        expect(await linesOf('iris/after.jsonl', jsonl(FLOWER))).toHaveLength(1);
        expect(await Array.fromAsync(place.store.list({ prefix: 'out/rose/' }))).toEqual([]);
        const folders = await Array.fromAsync(place.store.list({ prefix: 'out/iris/folder/' }));
        expect(folders).toEqual([]);
      },
    );

    it(
      'of many chunks becomes a job, whose output lies there as any other',
      { timeout: 180_000 },
      async () => {
        const count = 60_000;
        const records = Array.from({ length: count }, (_, n) => ({
          custom_id: String(n),
          ...FLOWER,
        }));

        const lines = await linesOf('iris/large.jsonl', jsonl(...records));

        expect(lines).toHaveLength(count);
        expect(lines.every(({ id, output }, n) => id === String(n) && output !== undefined)).toBe(
          true,
        );
      },
    );

    it(
      'that replaces another leaves both outputs, and is the latest',
      { timeout: 120_000 },
      async () => {
        const [first] = await linesOf('iris/again.jsonl', jsonl(FLOWER));
        const [second] = await linesOf('iris/again.jsonl', jsonl(VIRGINICA));
        const [third] = await linesOf('iris/again.jsonl', jsonl(FLOWER));

        expect([first, second, third].map((line) => line?.output)).toMatchObject([
          { prediction: 'setosa' },
          { prediction: 'virginica' },
          { prediction: 'setosa' },
        ]);
        const keys = await Array.fromAsync(
          place.store.list({ prefix: 'out/iris/again.jsonl/' }),
          ({ key }) => key,
        );
        expect(keys.filter((key) => key.endsWith('/predictions.jsonl'))).toHaveLength(2);
      },
    );
  });
});
