import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';
import type { TestContext } from 'vitest';

import { startLocalS3 } from '../../support/local-s3.ts';
import type { TestS3 } from '../../support/local-s3.ts';
import { mcBinary, NO_MC } from '../../support/mc.ts';
import { minioBinary, NO_MINIO, startMinio } from '../../support/minio.ts';
import { startWebhookReceiver } from '../../support/webhook-receiver.ts';

/** Above 16 MiB mc uploads in parts. */
const BIG_BYTES = 40_000_000;
const ARN = 'arn:minio:sqs::UPLOADS:webhook';

/** Runs the MinIO client: its exit code and all it printed. */
type Mc = (line: string, input?: string) => Promise<readonly [code: number, printed: string]>;

/** Lines with what they end with and print. */
const LINES: readonly (readonly [line: string, code: number, printed: string | RegExp])[] = [
  ['ready t', 0, /is ready/],
  ['mb t/bucket', 0, /created/],
  ['mb t/bucket', 1, /own it/],
  ['mb --ignore-existing --region eu-west-1 t/bucket', 0, /created/],
  ['cp big.bin t/bucket/big.bin', 0, /big\.bin/],
  ['cp t/bucket/big.bin back.bin', 0, /back\.bin/],
  [
    'cp --attr Cache-Control=no-cache;team=birds --tags a=b one.txt t/bucket/one.txt',
    0,
    /one\.txt/,
  ],
  ['stat t/bucket/one.txt', 0, /(?=[^]*: no-cache)[^]*-Team *: birds/i],
  ['stat t/bucket', 0, /Anonymous: Disabled/],
  ['tag list t/bucket/one.txt', 0, /a *: b/],
  ['tag set t/bucket team=birds', 0, /Tags set/],
  ['tag list t/bucket', 0, /team *: birds/],
  ['tag remove t/bucket', 0, /removed/],
  ['mirror folder t/bucket/mirror', 0, /two ü\.txt/],
  ['mirror --overwrite --remove folder t/bucket/mirror', 0, /Total/],
  ['diff folder t/bucket/mirror', 0, ''],
  ['mirror t/bucket/mirror mirrored', 0, /two ü\.txt/],
  ['diff t/bucket/mirror t/bucket/none', 0, /one\.txt/],
  ['cp t/bucket/one.txt t/bucket/copy.txt', 0, /copy\.txt/],
  ['mv t/bucket/copy.txt t/bucket/moved.txt', 0, /moved\.txt/],
  ['find t/bucket --name *.txt', 0, /^t\/bucket\/mirror[^]*t\/bucket\/moved\.txt\nt\/bucket\/one/],
  ['du t/bucket', 0, /38MiB\t5 objects/],
  ['cat t/bucket/moved.txt', 0, 'one'],
  ['head -n 1 t/bucket/moved.txt', 0, 'one'],
  ['ls t/bucket', 0, /38MiB STANDARD big\.bin[^]*one\.txt[^]*mirror\//],
  ['ls t/none', 1, /not exist/],
  ['version enable t/bucket', 0, /enabled/],
  ['cp folder/one.txt t/bucket/one.txt', 0, /one\.txt/],
  ['rm t/bucket/one.txt', 0, /delete marker/],
  ['ls --versions t/bucket/one.txt', 0, /v3 DEL[^]*v2 PUT[^]*v1 PUT/],
  ['undo t/bucket/one.txt --last 1 --force', 0, /one\.txt/],
  ['ls --versions t/bucket/one.txt', 0, /v2 PUT[^]*v1 PUT/],
  ['rm --recursive --force --versions t/bucket/one.txt', 0, /Removed/],
  ['ls --versions t/bucket/one.txt', 0, ''],
  ['ilm rule add --expire-days 7 --prefix jobs/ t/bucket', 0, /rule added/],
  ['ilm rule export t/bucket', 0, /"Expiration":\{"Days":7\}.*"Filter":\{"Prefix":"jobs\/"\}/],
  ['ilm rule rm --all --force t/bucket', 0, /removed/],
  ['anonymous get t/bucket', 0, /private/],
  ['anonymous set none t/bucket', 0, /private/],
  ['encrypt info t/bucket', 1, /not/],
  ['cors get t/bucket', 0, /No bucket CORS/],
];

it.for([
  { target: 'the local stand-in', start: startLocalS3, isThere: true },
  { target: 'MinIO', start: startMinio, isThere: minioBinary() !== undefined },
])('the MinIO client works against $target', async ({ start, isThere }, context: TestContext) => {
  const binary = mcBinary();
  if (binary === undefined) context.skip(NO_MC);
  if (!isThere) context.skip(NO_MINIO);
  const { mc, dir, settings } = await prepared(binary, await start());
  const big = randomBytes(BIG_BYTES);
  await writeFile(join(dir, 'big.bin'), big);
  await writeFile(join(dir, 'one.txt'), 'one');
  await mkdir(join(dir, 'folder/sub'), { recursive: true });
  await writeFile(join(dir, 'folder/one.txt'), 'one');
  await writeFile(join(dir, 'folder/sub/two ü.txt'), 'two');

  for (const [line, code, printed] of LINES) {
    const [ended, said] = await mc(line);
    expect(`${ended} ${line}`, said).toBe(`${code} ${line}`);
    if (typeof printed === 'string') expect(said.trim(), line).toBe(printed);
    else expect(said, line).toMatch(printed);
  }
  expect((await readFile(join(dir, 'back.bin'))).equals(big)).toBe(true);
  expect(await readFile(join(dir, 'mirrored/sub/two ü.txt'), 'utf8')).toBe('two');

  // In parts, since it cannot know the length.
  expect((await mc('pipe t/bucket/piped.txt', 'from a pipe'))[0]).toBe(0);
  expect(await mc('cat t/bucket/piped.txt')).toEqual([0, 'from a pipe']);
  const [, down] = await mc('share download t/bucket/big.bin');
  const shared = await (await fetch(/Share: (\S+)/.exec(down)?.[1] ?? '')).arrayBuffer();
  expect(Buffer.from(shared).equals(big)).toBe(true);
  const [, up] = await mc('share upload t/bucket/shared.txt');
  const form = new FormData();
  for (const [, name = '', value = ''] of up.matchAll(/-F ([^= ]+)=(\S+)/g)) {
    if (name !== 'file') form.set(name, value);
  }
  form.set('file', new Blob(['by form']));
  const posted = await fetch(`${settings.S3_ENDPOINT}/bucket/`, { method: 'POST', body: form });
  expect(posted.status).toBe(204);
  expect(await mc('cat t/bucket/shared.txt')).toEqual([0, 'by form']);
  expect((await mc('rb --force t/bucket'))[0]).toBe(0);
  expect(await mc('ls t')).toEqual([0, '']);
});

it('the MinIO client sets up the events of a bucket', async (context: TestContext) => {
  const binary = mcBinary();
  if (binary === undefined) context.skip(NO_MC);
  await using receiver = await startWebhookReceiver();
  const webhooks = [{ name: 'UPLOADS', endpoint: receiver.url }];
  const { mc, dir } = await prepared(binary, await startLocalS3({ webhooks }));
  await writeFile(join(dir, 'one.txt'), 'one');
  await mc('mb t/bucket');

  const added = await mc(`event add t/bucket ${ARN} --event put --prefix in/`);
  const listed = await mc('event list t/bucket');
  for (const folder of ['in', 'out']) await mc(`cp one.txt t/bucket/${folder}/one.txt`);
  await receiver.until(({ length }) => length >= 1);
  const removed = await mc('event remove --force t/bucket');
  await mc('cp one.txt t/bucket/in/two.txt');

  expect(added).toEqual([0, expect.stringContaining('Successfully added')]);
  expect(listed).toEqual([0, expect.stringContaining(`${ARN}   s3:ObjectCreated:*`)]);
  expect(removed[0]).toBe(0);
  const keys = receiver.received.map(({ body }) => (JSON.parse(body) as { Key: string }).Key);
  expect(keys).toEqual(['bucket/in/one.txt']);
});

/** The client in a folder of its own, with the server as `t`; both go with the test. */
async function prepared(
  binary: string,
  { settings, stop }: TestS3,
): Promise<{ mc: Mc; dir: string; settings: TestS3['settings'] }> {
  const dir = await mkdtemp(join(tmpdir(), 'pilotlight-mc-'));
  onTestFinished(async () => {
    await stop();
    await rm(dir, { recursive: true });
  });
  const mc: Mc = (line, input = '') =>
    new Promise((resolve) => {
      const words = ['--config-dir', join(dir, 'config'), '--quiet', '--no-color'];
      const child = execFile(
        binary,
        [...words, ...line.split(' ')],
        { cwd: dir },
        (error, stdout, stderr) =>
          resolve([error === null ? 0 : Number(error.code), stdout + stderr]),
      );
      child.stdin?.end(input);
    });
  const { S3_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = settings;
  await mc(`alias set t ${S3_ENDPOINT} ${AWS_ACCESS_KEY_ID} ${AWS_SECRET_ACCESS_KEY}`);
  return { mc, dir, settings };
}
