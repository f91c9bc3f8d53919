import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { expect, it, onTestFinished } from 'vitest';

import { seededRandom } from '../../support/seeded-random.ts';
import { startChild } from '../../support/stand-in-child.ts';
import type { StandInChild } from '../../support/stand-in-child.ts';
import { clientOf } from './fixture.ts';

/** Another run: `CRASH_SEED=7 npm test -- test/integration/s3/crash-storm`. */
const SEED = Number(process.env['CRASH_SEED'] ?? 1);
const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 4);
const BUCKETS = ['plain', 'versioned'] as const;
const WRITERS = 12;
const KEYS_PER_WRITER = 5;
const MAX_BYTES = 300_000;

/** MD5 of what a key holds; `undefined` when it holds nothing. */
type State = string | undefined;

/** What is known of a key: what was acknowledged, and what a change that was cut off may have made of it. */
interface Known {
  acknowledged: State;
  inDoubt: State[];
}

/** All that clients were told. */
class Ledger {
  readonly keys = new Map<string, Known>();
  /** `bucket/key?version` → MD5; versions are never changed. */
  readonly versions = new Map<string, string>();
  count = 0;

  of(at: string): Known {
    const known = this.keys.get(at) ?? { acknowledged: undefined, inDoubt: [] };
    this.keys.set(at, known);
    return known;
  }
}

it(`kill -9 at random moments, many writers of all kinds: nothing acknowledged is lost (seed ${SEED})`, async () => {
  const random = seededRandom(SEED);
  const dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-storm-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const ledger = new Ledger();
  let cutOff = 0;

  for (let round = 0; round < ROUNDS; round++) {
    await using server = await startChild(dataDir);
    const client = clientOf(server.settings);
    if (round === 0) await createBuckets(client);
    await expectKept(client, ledger);
    const killAt = ledger.count + 1 + Math.floor(random() * 80);
    // Each writer draws from numbers of its own: their order in time is not the seed's.
    const writers = Array.from({ length: WRITERS }, (_, writer) =>
      writeUntilCut(client, {
        ledger,
        writer,
        random: seededRandom(SEED * 10_000 + round * 100 + writer),
        onAcknowledged: () => killWhen(ledger.count >= killAt, server),
      }),
    );
    await Promise.all(writers);
    cutOff += WRITERS;
    client.destroy();
  }

  await using server = await startChild(dataDir);
  const client = clientOf(server.settings);
  await expectKept(client, ledger);
  await expectVersions(client, ledger);
  for (const bucket of BUCKETS) {
    expect(await readdir(join(dataDir, 'buckets', bucket, 'drafts'))).toEqual([]);
  }
  expect(ledger.count).toBeGreaterThan(ROUNDS);
  expect(cutOff).toBe(ROUNDS * WRITERS);
  client.destroy();
}, 180_000);

async function createBuckets(client: S3Client): Promise<void> {
  for (const Bucket of BUCKETS) await client.send(new CreateBucketCommand({ Bucket }));
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await client.send(
    new PutBucketVersioningCommand({ Bucket: 'versioned', VersioningConfiguration }),
  );
}

function killWhen(isTime: boolean, { child }: StandInChild): void {
  if (isTime) child.kill('SIGKILL');
}

interface Writer {
  readonly ledger: Ledger;
  readonly writer: number;
  readonly random: () => number;
  readonly onAcknowledged: () => void;
}

/** Changes keys of its own, one change after another, until the server is gone. */
async function writeUntilCut(client: S3Client, options: Writer): Promise<void> {
  const { ledger, writer, random, onAcknowledged } = options;
  const pick = (count: number): number => Math.floor(random() * count);
  for (;;) {
    const Bucket = BUCKETS[pick(2)] ?? 'plain';
    const Key = `${writer}/key ${pick(KEYS_PER_WRITER)}`;
    const known = ledger.of(`${Bucket}/${Key}`);
    const source = `${writer}/key ${pick(KEYS_PER_WRITER)}`;
    const ofSource = ledger.of(`${Bucket}/${source}`).acknowledged;
    const change = changes[pick(changes.length)] ?? put;
    const body = bytesOf(4 + pick(MAX_BYTES), pick(256));
    const copied = source === Key ? undefined : ofSource;
    const next = change === remove ? undefined : change === copy ? copied : md5(body);
    if (change === copy && copied === undefined) continue;
    known.inDoubt = [known.acknowledged, next];
    try {
      const versionId = await change(client, { Bucket, Key, body, source: `${Bucket}/${source}` });
      if (next !== undefined && Bucket === 'versioned') {
        ledger.versions.set(`${Key}?${versionId}`, next);
      }
    } catch (error) {
      expect(isCut(error), String(error)).toBe(true);
      return;
    }
    known.acknowledged = next;
    known.inDoubt = [];
    ledger.count++;
    onAcknowledged();
  }
}

interface Change {
  readonly Bucket: string;
  readonly Key: string;
  readonly body: Buffer;
  readonly source: string;
}

/** Each makes one change, of several requests perhaps, and gives the version that it made. */
const changes = [put, put, copy, remove, inParts];

async function put(client: S3Client, { Bucket, Key, body }: Change): Promise<string | undefined> {
  return (await client.send(new PutObjectCommand({ Bucket, Key, Body: body }))).VersionId;
}

async function copy(
  client: S3Client,
  { Bucket, Key, source }: Change,
): Promise<string | undefined> {
  const CopySource = encodeURI(source);
  return (await client.send(new CopyObjectCommand({ Bucket, Key, CopySource }))).VersionId;
}

async function remove(client: S3Client, { Bucket, Key }: Change): Promise<string | undefined> {
  return (await client.send(new DeleteObjectCommand({ Bucket, Key }))).VersionId;
}

async function inParts(
  client: S3Client,
  { Bucket, Key, body }: Change,
): Promise<string | undefined> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const at = { Bucket, Key, UploadId };
  const { ETag } = await client.send(new UploadPartCommand({ ...at, PartNumber: 1, Body: body }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  const command = new CompleteMultipartUploadCommand({ ...at, MultipartUpload });
  return (await client.send(command)).VersionId;
}

/** Every key holds what was acknowledged or, cut off, what was there before or what was to come; whole. */
async function expectKept(client: S3Client, ledger: Ledger): Promise<void> {
  const listed = new Set<string>();
  for (const Bucket of BUCKETS) {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
    for (const { Key } of Contents) listed.add(`${Bucket}/${Key}`);
  }
  for (const at of listed) expect(ledger.keys.has(at), at).toBe(true);
  for (const [at, known] of ledger.keys) {
    const held = listed.has(at) ? await heldAt(client, at) : undefined;
    const possible = known.inDoubt.length > 0 ? known.inDoubt : [known.acknowledged];
    expect(possible, at).toContain(held);
    known.acknowledged = held;
    known.inDoubt = [];
  }
}

async function expectVersions(client: S3Client, ledger: Ledger): Promise<void> {
  for (const [version, expected] of ledger.versions) {
    const [Key = '', VersionId] = version.split('?');
    expect(await heldAt(client, `versioned/${Key}`, VersionId), version).toBe(expected);
  }
}

async function heldAt(client: S3Client, at: string, VersionId?: string): Promise<string> {
  const slash = at.indexOf('/');
  const [Bucket, Key] = [at.slice(0, slash), at.slice(slash + 1)];
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return md5(Buffer.from((await Body?.transformToByteArray()) ?? []));
}

/** Whether a request failed because the server was gone. */
function isCut(error: unknown): boolean {
  const { code, name } = error as NodeJS.ErrnoException;
  return ['ECONNRESET', 'ECONNREFUSED', 'EPIPE'].includes(code ?? '') || name === 'TimeoutError';
}

function bytesOf(length: number, value: number): Buffer {
  const bytes = Buffer.alloc(length, value);
  bytes.writeUInt32BE(length, 0);
  return bytes;
}

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}
