import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, it, onTestFinished } from 'vitest';
import type { TestContext } from 'vitest';

import { startLocalS3 } from '../../support/local-s3.ts';
import { minioBinary, NO_MINIO, startMinio } from '../../support/minio.ts';
import { NO_PYTHON, pythonVenv } from '../../support/python.ts';

const run = promisify(execFile);
const INSTALL_TIMEOUT_MS = 300_000;

it.for([
  { target: 'the local stand-in', start: startLocalS3, isThere: true },
  { target: 'MinIO', start: startMinio, isThere: minioBinary() !== undefined },
])(
  'boto3 works against $target',
  { timeout: INSTALL_TIMEOUT_MS },
  async ({ start, isThere }, context: TestContext) => {
    const python = await pythonVenv(join(import.meta.dirname, 'requirements.txt'));
    if (python === undefined) context.skip(NO_PYTHON);
    if (!isThere) context.skip(NO_MINIO);
    const s3 = await start();
    onTestFinished(s3.stop);
    const { S3_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = s3.settings;
    const script = join(import.meta.dirname, 'boto3_client.py');

    const client = await run(python, [
      script,
      S3_ENDPOINT,
      AWS_ACCESS_KEY_ID,
      AWS_SECRET_ACCESS_KEY,
    ]);

    expect(JSON.parse(client.stdout)).toEqual({
      buckets: ['boto3-bucket'],
      location: null,
      get: ['0123456789', 'text/plain', { team: 'birds' }],
      range: '6789',
      head: 10,
      streamed: true,
      uploaded: 1_048_576,
      in_parts: '-3',
      in_parts_back: true,
      create_again: 'PreconditionFailed',
      replace_stale: 'PreconditionFailed',
      replace: true,
      not_modified: '304',
      list: [
        'folder/ünï +%🚀.txt',
        'in-parts',
        'streamed',
        'sum/CRC32',
        'sum/SHA1',
        'sum/SHA256',
        'uploaded',
      ],
      folders: ['folder/', 'sum/'],
      deleted: 'NoSuchKey',
      delete_many: 7,
      list_v1: [],
      left: 0,
      copy: 'new',
      copy_in_parts: true,
      form_v2: [204, 400, 6, { by: 'v2' }],
      form_v4: [204, 400, 6, { by: 'v4' }],
      file: true,
      part: [6, 1_048_576, 1_048_576],
      attributes: ['-6', 'COMPOSITE', [5_242_880, 1_048_576], 'STANDARD', 27_262_976],
      resource: ['res/one'],
      tags: [{ Key: 'a', Value: 'b' }],
      no_bucket_tags: 'NoSuchTagSet',
      bucket_tags: [{ Key: 'a', Value: 'b' }],
      rules: true,
      no_such_bucket: '404',
      versions: [true, 2, '1'],
      presigned_v2: ['v2', 'v2', 'attachment', 403],
      presigned_v4: ['v4', 'v4', 'attachment', 403],
      buckets_left: 0,
    });
  },
);
