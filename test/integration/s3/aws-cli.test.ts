import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';
import type { TestContext } from 'vitest';

import { startLocalS3 } from '../../support/local-s3.ts';
import { NO_PYTHON, pythonVenv } from '../../support/python.ts';

const run = promisify(execFile);
const INSTALL_TIMEOUT_MS = 300_000;
/** Above 8 MB `aws s3 cp` uploads in parts. */
const BIG_BYTES = 20_000_000;

it(
  'the local stand-in serves the AWS command line',
  async (context: TestContext) => {
    const python = await pythonVenv(join(import.meta.dirname, 'aws-cli-requirements.txt'));
    if (python === undefined) context.skip(NO_PYTHON);
    const s3 = await startLocalS3();
    const dir = await mkdtemp(join(tmpdir(), 'pilotlight-aws-'));
    const { S3_ENDPOINT: endpoint, ...settings } = s3.settings;
    const env = {
      ...settings,
      AWS_DEFAULT_REGION: settings.AWS_REGION,
      AWS_ENDPOINT_URL: endpoint,
      AWS_CONFIG_FILE: join(dir, 'none'),
      AWS_EC2_METADATA_DISABLED: 'true',
      PATH: process.env['PATH'],
    };
    const aws = async (...words: string[]): Promise<string> => {
      const { stdout } = await run(python, ['-m', 'awscli', ...words], { env, cwd: dir });
      return stdout;
    };
    const big = randomBytes(BIG_BYTES);
    await writeFile(join(dir, 'big.bin'), big);
    await mkdir(join(dir, 'folder', 'sub'), { recursive: true });
    await writeFile(join(dir, 'folder', 'one.txt'), 'one');
    await writeFile(join(dir, 'folder', 'sub', 'ünï two.txt'), 'two');

    await aws('s3', 'mb', 's3://cli-bucket');
    await aws('s3', 'cp', '--no-progress', 'big.bin', 's3://cli-bucket/in/big.bin');
    await aws('s3', 'cp', '--no-progress', 's3://cli-bucket/in/big.bin', 'back.bin');
    await aws('s3', 'sync', '--no-progress', 'folder', 's3://cli-bucket/synced');
    const again = await aws('s3', 'sync', '--no-progress', 'folder', 's3://cli-bucket/synced');
    const listed = await aws('s3', 'ls', '--recursive', 's3://cli-bucket');
    const heads = await aws('s3', 'ls', 's3://cli-bucket');
    await aws('s3', 'rm', '--recursive', 's3://cli-bucket');
    await aws('s3', 'rb', 's3://cli-bucket');

    expect((await readFile(join(dir, 'back.bin'))).equals(big)).toBe(true);
    expect(again).toBe('');
    expect(names(listed)).toEqual([
      `${BIG_BYTES} in/big.bin`,
      '3 synced/one.txt',
      '3 synced/sub/ünï two.txt',
    ]);
    expect(names(heads)).toEqual(['PRE in/', 'PRE synced/']);
    expect(await aws('s3', 'ls')).toBe('');
    await s3.stop();
    await rm(dir, { recursive: true });
  },
  INSTALL_TIMEOUT_MS,
);

/** The lines of a listing without date and time. */
function names(listing: string): string[] {
  return listing
    .trim()
    .split('\n')
    .map((line) => line.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, '').trim());
}
