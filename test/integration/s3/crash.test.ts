import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';

import { startChild } from '../../support/stand-in-child.ts';
import { clientOf } from './fixture.ts';

const PART_BYTES = 5 * 1024 * 1024;
const WRITERS = 3;

it('kill -9 loses no part that was acknowledged, and the upload goes on', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-crash-'));
  const rest = randomBytes(PART_BYTES);
  const partOf = (number: number): Buffer => Buffer.concat([Buffer.from([number]), rest]);
  const at = { Bucket: 'crash', Key: `${randomUUID()}/big` };
  const acknowledged = new Map<number, string>();
  let UploadId: string | undefined;
  {
    await using server = await startChild(dataDir);
    const client = clientOf(server.settings);
    await client.send(new CreateBucketCommand(at));
    ({ UploadId } = await client.send(new CreateMultipartUploadCommand(at)));
    let next = 0;
    const writers = Array.from({ length: WRITERS }, async () => {
      for (;;) {
        const PartNumber = ++next;
        const command = new UploadPartCommand({
          ...at,
          UploadId,
          PartNumber,
          Body: partOf(PartNumber),
        });
        const { ETag = '' } = await client.send(command);
        acknowledged.set(PartNumber, ETag);
        if (acknowledged.size === WRITERS * 2) server.child.kill('SIGKILL');
      }
    });
    const ends = await Promise.allSettled(writers);
    expect(ends.map(({ status }) => status)).toEqual(Array(WRITERS).fill('rejected'));
    client.destroy();
  }

  await using server = await startChild(dataDir);
  const client = clientOf(server.settings);
  const listed = await client.send(new ListPartsCommand({ ...at, UploadId }));
  const etags = new Map(listed.Parts?.map(({ PartNumber, ETag }) => [PartNumber, ETag]));
  for (const [number, etag] of acknowledged) expect(etags.get(number)).toBe(etag);
  const Parts = [...acknowledged].toSorted(([one], [other]) => one - other);
  await client.send(
    new CompleteMultipartUploadCommand({
      ...at,
      UploadId,
      MultipartUpload: { Parts: Parts.map(([PartNumber, ETag]) => ({ PartNumber, ETag })) },
    }),
  );
  const got = await client.send(new GetObjectCommand(at));
  const whole = Buffer.from((await got.Body?.transformToByteArray()) ?? []);

  expect(whole.equals(Buffer.concat(Parts.map(([number]) => partOf(number))))).toBe(true);
  expect(await readdir(join(dataDir, 'buckets', 'crash', 'uploads'))).toEqual([]);
  client.destroy();
  await server[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true });
});
