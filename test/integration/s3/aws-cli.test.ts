import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';
import type { TestContext } from 'vitest';

import { awsCliPython, runAwsCli } from '../../support/aws-cli.ts';
import { startLocalS3 } from '../../support/local-s3.ts';
import { minioBinary, NO_MINIO, startMinio } from '../../support/minio.ts';
import { NO_PYTHON } from '../../support/python.ts';

const INSTALL_TIMEOUT_MS = 300_000;
/** Above 8 MB `aws s3 cp` uploads in parts. */
const BIG_BYTES = 20_000_000;
const PART_BYTES = 8 * 1024 * 1024;

/** Each line with what it ends with and prints; a pattern where that is not always the same. */
const LINES: readonly (readonly [line: string, code: number, printed: string | RegExp])[] = [
  ['s3 mb s3://cli-bucket', 0, 'make_bucket: cli-bucket'],
  ['s3 mb s3://cli-bucket', 1, /BucketAlreadyOwnedByYou/],
  ['s3 cp --no-progress --checksum-algorithm SHA256 big.bin s3://cli-bucket/in/', 0, /^upload: /],
  ['s3 cp --no-progress --checksum-mode ENABLED s3://cli-bucket/in/big.bin back.bin', 0, /^down/],
  ['s3 cp --no-progress s3://cli-bucket/in/big.bin s3://cli-bucket/copy.bin', 0, /^copy: /],
  [
    's3 cp --no-progress --acl private --metadata team=birds one.txt s3://cli-bucket/',
    0,
    /^upload/,
  ],
  [
    's3 cp --no-progress --storage-class GLACIER one.txt s3://cli-bucket/',
    1,
    /InvalidStorageClass/,
  ],
  ['s3 cp --no-progress s3://cli-bucket/one.txt -', 0, 'one'],
  ['s3 sync --no-progress folder s3://cli-bucket/synced', 0, /^upload: [^]*\nupload: /],
  ['s3 sync --no-progress folder s3://cli-bucket/synced', 0, ''],
  ['s3 sync --no-progress s3://cli-bucket/synced s3://cli-bucket/again', 0, /^copy: [^]*\ncopy: /],
  ['s3 sync --no-progress --delete s3://cli-bucket/synced stale', 0, /^delete: [^]*\ndownload: /],
  ['s3 mv --no-progress s3://cli-bucket/copy.bin s3://cli-bucket/moved.bin', 0, /^move: /],
  [
    's3 rm s3://cli-bucket/again --recursive --exclude * --include *.txt',
    0,
    /^delete: [^]*\ndelete/,
  ],
  [
    's3 ls s3://cli-bucket --recursive --summarize',
    0,
    [
      `${BIG_BYTES} in/big.bin`,
      `${BIG_BYTES} moved.bin`,
      '3 one.txt',
      '3 synced/one.txt',
      '3 synced/sub/ünï two.txt',
      '',
      'Total Objects: 5',
      `Total Size: ${2 * BIG_BYTES + 9}`,
    ].join('\n'),
  ],
  ['s3 ls s3://cli-bucket', 0, `PRE in/\nPRE synced/\n${BIG_BYTES} moved.bin\n3 one.txt`],
  ['s3 ls s3://cli-bucket/none', 1, ''],
  ['s3 ls s3://no-such-bucket', 255, /NoSuchBucket/],
  ['s3api head-bucket --bucket no-such-bucket', 255, /404/],
  ['s3api get-bucket-location --bucket cli-bucket', 0, /"LocationConstraint": null/],
  ['s3api get-bucket-acl --bucket cli-bucket', 0, /FULL_CONTROL/],
  ['s3api get-bucket-policy --bucket cli-bucket', 255, /NoSuchBucketPolicy/],
  ['s3api head-object --bucket cli-bucket --key one.txt', 0, /"team": "birds"/],
  ['s3api head-object --bucket cli-bucket --key none', 255, /404/],
  [
    's3api get-object --bucket cli-bucket --key in/big.bin --part-number 2 part.bin',
    0,
    /"PartsCount": 3/,
  ],
  [
    's3api get-object-attributes --bucket cli-bucket --key in/big.bin --object-attributes ETag ObjectParts',
    0,
    /-3"[^]*"TotalPartsCount": 3/,
  ],
  [
    's3api put-object-tagging --bucket cli-bucket --key one.txt --tagging TagSet=[{Key=a,Value=b}]',
    0,
    '',
  ],
  ['s3api get-object-tagging --bucket cli-bucket --key one.txt', 0, /"Key": "a"/],
  [
    's3api put-bucket-versioning --bucket cli-bucket --versioning-configuration Status=Enabled',
    0,
    '',
  ],
  [
    's3api copy-object --bucket cli-bucket --key one.txt --copy-source cli-bucket/synced/one.txt',
    0,
    /"VersionId"/,
  ],
  [
    's3api delete-objects --bucket cli-bucket --delete Objects=[{Key=one.txt},{Key=none}]',
    0,
    /Marker/,
  ],
  [
    's3api list-object-versions --bucket cli-bucket --prefix one.txt --query length([Versions,DeleteMarkers][])',
    0,
    '3',
  ],
  [
    's3api put-bucket-lifecycle-configuration --bucket cli-bucket --lifecycle-configuration file://rules.json',
    0,
    '',
  ],
  ['s3api get-bucket-lifecycle-configuration --bucket cli-bucket', 0, /"Days": 7/],
  ['s3api wait object-exists --bucket cli-bucket --key moved.bin', 0, ''],
  ['s3 rb s3://cli-bucket', 1, /BucketNotEmpty/],
  ['s3 presign s3://cli-bucket/synced/one.txt', 0, /^http/],
];
const RULES = [
  { ID: 'a', Status: 'Enabled', Filter: { Prefix: 'jobs/' }, Expiration: { Days: 7 } },
];

it.for([
  { target: 'the local stand-in', start: startLocalS3, isThere: true },
  { target: 'MinIO', start: startMinio, isThere: minioBinary() !== undefined },
])(
  'the AWS command line works against $target',
  { timeout: INSTALL_TIMEOUT_MS },
  async ({ start, isThere }, context: TestContext) => {
    const python = await awsCliPython();
    if (python === undefined) context.skip(NO_PYTHON);
    if (!isThere) context.skip(NO_MINIO);
    const dir = await mkdtemp(join(tmpdir(), 'pilotlight-aws-'));
    const s3 = await start();
    onTestFinished(async () => {
      await s3.stop();
      await rm(dir, { recursive: true });
    });
    const big = randomBytes(BIG_BYTES);
    await writeFile(join(dir, 'big.bin'), big);
    for (const folder of ['folder/sub', 'stale'])
      await mkdir(join(dir, folder), { recursive: true });
    for (const name of ['one.txt', 'folder/one.txt', 'stale/gone.txt']) {
      await writeFile(join(dir, name), 'one');
    }
    await writeFile(join(dir, 'folder/sub/ünï two.txt'), 'two');
    await writeFile(join(dir, 'rules.json'), JSON.stringify({ Rules: RULES }));

    const ends = await runAwsCli(
      python,
      s3.settings,
      dir,
      LINES.map(([line]) => line.split(' ')),
    );

    expect(ends.map(([code], index) => `${code} ${LINES[index]?.[0]}`)).toEqual(
      LINES.map(([line, code]) => `${code} ${line}`),
    );
    for (const [index, [line, , printed]] of LINES.entries()) {
      const said = withoutDates(ends[index]?.[1] ?? '');
      if (typeof printed === 'string') expect(said, line).toBe(printed);
      else expect(said, line).toMatch(printed);
    }
    expect((await readFile(join(dir, 'back.bin'))).equals(big)).toBe(true);
    const part = await readFile(join(dir, 'part.bin'));
    expect(part.equals(big.subarray(PART_BYTES, 2 * PART_BYTES))).toBe(true);
    await expect(readFile(join(dir, 'stale/gone.txt'))).rejects.toThrow('ENOENT');
    const presigned = await fetch(ends.at(-1)?.[1].trim() ?? '');
    expect(await presigned.text()).toBe('one');
  },
);

/** What was printed, without the dates of listings and the blanks that align them. */
function withoutDates(printed: string): string {
  return printed
    .trim()
    .split('\n')
    .map((line) => line.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/, '').trim())
    .join('\n');
}
