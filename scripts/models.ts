import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { ConfigurationError, InferenceEngineError } from '../functions/runtime/errors.ts';
import { createBucket } from '../functions/runtime/object-store/create-bucket.ts';
import { ObjectNotFoundError, ObjectStoreError } from '../functions/runtime/object-store/errors.ts';
import type { ObjectStore } from '../functions/runtime/object-store/object-store.ts';
import type { LoadEvent } from '../models/loader/load-event.ts';
import { MANIFEST_FILE } from '../models/loader/package-schema.ts';
import { USAGE, UsageError, parseCommandLine } from './models/command-line.ts';
import type { ModelsCommand } from './models/command-line.ts';
import { packagePrefix, readManifest } from './models/model-uri.ts';
import { publishModel } from './models/publish-model.ts';
import { storageSettings } from './models/storage-settings.ts';
import { verifyModel } from './models/verify-model.ts';
import type { Verification } from './models/verify-model.ts';

const MODELS = join(import.meta.dirname, '..', 'models');

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    const command = parseCommandLine(args);
    if (command === undefined) {
      process.stdout.write(USAGE);
      return 0;
    }
    return command.action === 'publish' ? await publish(command) : await verify(command);
  } catch (cause) {
    if (cause instanceof UsageError) {
      process.stderr.write(`${cause.message}\n\n${USAGE}`);
      return 64;
    }
    process.stderr.write(`${messageOf(cause)}\n`);
    return cause instanceof ConfigurationError ? 78 : 1;
  }
}

async function publish(command: ModelsCommand): Promise<number> {
  const dir = await packageFolder(command.name);
  const settings = storageSettings(process.env);
  if (command.createBucket && (await createBucket(settings, command.bucket))) {
    process.stdout.write(`created the bucket ${command.bucket}\n`);
  }
  const store = await openStore(command.bucket);
  try {
    const { uri, digest, uploaded } = await publishModel({ store, dir, tenant: command.tenant });
    const done = uploaded.length === 0 ? 'already published' : `published ${uploaded.join(', ')}`;
    process.stdout.write(`${uri}: ${done}\ndigest sha256:${digest}\n`);
    return 0;
  } catch (cause) {
    if (cause instanceof ObjectNotFoundError && cause.code === 'NoSuchBucket') {
      throw new Error(`The bucket "${command.bucket}" does not exist. --create-bucket creates it`, {
        cause,
      });
    }
    throw cause;
  } finally {
    store.close();
  }
}

async function verify(command: ModelsCommand): Promise<number> {
  const dir = await packageFolder(command.name);
  const { manifest } = await readManifest(dir);
  const uri = command.fromS3
    ? `s3://${command.bucket}/${packagePrefix(command.tenant, manifest)}`
    : `file:${dir}`;
  const verification = await verifyModel({
    uri,
    openStore,
    // A person is waiting: a store that does not come back within this time is an error.
    signal: AbortSignal.timeout(300_000),
    onEvent: reportRetry,
  });
  process.stdout.write(report(uri, verification));
  return verification.passed ? 0 : 1;
}

async function openStore(bucket: string): Promise<ObjectStore> {
  // The SDK is loaded only by commands that talk to a store.
  const { openObjectStore } = await import('../functions/runtime/object-store/s3-object-store.ts');
  return openObjectStore(storageSettings(process.env), bucket);
}

function report(uri: string, verification: Verification): string {
  const { manifest, digest, producer, cases, tolerance, differences, passed } = verification;
  const allowed = `${tolerance.absolute} + ${tolerance.relative} · |value|`;
  return [
    `${uri}: ${manifest.name} version ${manifest.version}`,
    `digest sha256:${digest}`,
    `${cases} golden cases of ${producer}; allowed difference ${allowed}`,
    ...differences.map(
      ({ output, largestDifference, withinTolerance }) =>
        `  ${output}: largest difference ${largestDifference}${withinTolerance ? '' : ': TOO LARGE'}`,
    ),
    passed ? 'ok\n' : 'FAILED\n',
  ].join('\n');
}

function reportRetry(event: LoadEvent): void {
  if (event.event !== 'attempt-failed') return;
  process.stderr.write(`${event.file}: ${event.reason}; again in ${event.retryInMs} ms\n`);
}

async function packageFolder(name: string): Promise<string> {
  const entries = await readdir(MODELS);
  const known = entries.filter((entry) => existsSync(join(MODELS, entry, MANIFEST_FILE)));
  if (known.includes(name)) return join(MODELS, name);
  throw new UsageError(`models/${name} is no model package; there are: ${known.join(', ')}`);
}

function messageOf(cause: unknown): string {
  if (cause instanceof InferenceEngineError) return `${cause.code}: ${cause.message}`;
  if (cause instanceof ObjectStoreError || !(cause instanceof Error)) return String(cause);
  return cause.name === 'TimeoutError' ? 'The object store did not answer in time' : cause.message;
}
