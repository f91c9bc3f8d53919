import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { PartLine } from '../../../events/jobs/part-line.ts';
import { isMinioRequired, minioBinary, NO_MINIO } from '../../support/minio.ts';
import { linesIn, startUploads } from './upload-place.ts';
import type { UploadPlace } from './upload-place.ts';

const root = join(import.meta.dirname, '../../..');
const FLOWER = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const VIRGINICA = { sepal_length: 6.3, sepal_width: 2.7, petal_length: 4.9, petal_width: 1.8 };

const hasMinio = minioBinary() !== undefined;
if (!hasMinio) console.warn(NO_MINIO);

it('has a MinIO to test against where CI_REQUIRE_MINIO=1 asks for one', () => {
  expect(isMinioRequired() && !hasMinio, NO_MINIO).toBe(false);
});

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
    let place: UploadPlace;
    beforeAll(async () => {
      place = await startUploads(withMinio);
    }, 120_000);
    afterAll(async () => {
      await place?.stop();
    });

    async function linesOf(path: string, body: string | Buffer): Promise<PartLine[]> {
      const { etag } = await place.store.put(`in/${path}`, body);
      const outcome = await place.outcomeOf(path, etag);
      expect(outcome.latest.output).toBe(`out/${path}/${etag}/predictions.jsonl`);
      return linesIn(outcome);
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
            const { latest, text } = await place.outcomeOf(path, etag);
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
