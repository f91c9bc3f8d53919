import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';
import type { TestContext } from 'vitest';

import { startLocalS3 } from '../../support/local-s3.ts';
import { mcBinary, NO_MC } from '../../support/mc.ts';
import { startWebhookReceiver } from '../../support/webhook-receiver.ts';

const run = promisify(execFile);
/** Above 16 MiB mc uploads in parts. */
const BIG_BYTES = 40_000_000;
const ARN = 'arn:minio:sqs::UPLOADS:webhook';

it('the local stand-in serves the MinIO client', async (context: TestContext) => {
  const binary = mcBinary();
  if (binary === undefined) context.skip(NO_MC);
  await using receiver = await startWebhookReceiver();
  const s3 = await startLocalS3({ webhooks: [{ name: 'UPLOADS', endpoint: receiver.url }] });
  const dir = await mkdtemp(join(tmpdir(), 'pilotlight-mc-'));
  const mc = async (...words: string[]): Promise<string> => {
    const all = ['--config-dir', join(dir, 'config'), '--quiet', '--no-color', ...words];
    return (await run(binary, all, { cwd: dir })).stdout;
  };
  const big = randomBytes(BIG_BYTES);
  await writeFile(join(dir, 'big.bin'), big);
  await writeFile(join(dir, 'small ü.txt'), 'one');
  const { S3_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = s3.settings;

  await mc('alias', 'set', 't', S3_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY);
  await mc('mb', 't/mc-bucket');
  await mc('version', 'enable', 't/mc-bucket');
  await mc('event', 'add', 't/mc-bucket', ARN, '--event', 'put', '--prefix', 'in/');
  await mc('cp', 'small ü.txt', 't/mc-bucket/in/small ü.txt');
  await mc('cp', '--tags', 'team=birds', 'big.bin', 't/mc-bucket/in/big.bin');
  await mc('cp', 't/mc-bucket/in/big.bin', 't/mc-bucket/copy.bin');
  await mc('cp', 't/mc-bucket/copy.bin', 'back.bin');
  const tags = await mc('tag', 'list', 't/mc-bucket/in/big.bin');
  const stat = await mc('stat', 't/mc-bucket/in/big.bin');
  const shown = await mc('cat', 't/mc-bucket/in/small ü.txt');
  const events = await mc('event', 'list', 't/mc-bucket');
  await mc('rm', 't/mc-bucket/in/small ü.txt');
  const listed = await mc('ls', '--recursive', 't/mc-bucket');
  const versions = await mc('ls', '--recursive', '--versions', 't/mc-bucket');
  const url = /Share: (\S+)/.exec(await mc('share', 'download', 't/mc-bucket/in/big.bin'))?.[1];
  const shared = await (await fetch(url ?? '')).arrayBuffer();
  await receiver.until(({ length }) => length >= 2);
  await mc('rb', '--force', 't/mc-bucket');

  expect((await readFile(join(dir, 'back.bin'))).equals(big)).toBe(true);
  expect(Buffer.from(shared).equals(big)).toBe(true);
  expect(shown).toBe('one');
  expect(tags).toContain('birds');
  expect(stat).toContain('38 MiB');
  expect(events).toContain(ARN);
  expect(listed).not.toContain('small ü.txt');
  expect(versions.match(/small ü\.txt/g)).toHaveLength(2);
  const keys = receiver.received.map(({ body }) => (JSON.parse(body) as { Key: string }).Key);
  expect(keys).toEqual(['mc-bucket/in/small ü.txt', 'mc-bucket/in/big.bin']);
  expect(await mc('ls', 't')).toBe('');
  await s3.stop();
  await rm(dir, { recursive: true });
});
