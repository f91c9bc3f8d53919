import { join, resolve } from 'node:path';

import { ConfigurationError, InferenceEngineError } from '../functions/runtime/errors.ts';
import { ObjectNotFoundError, ObjectStoreError } from '../functions/runtime/object-store/errors.ts';
import type { ObjectStore } from '../functions/runtime/object-store/object-store.ts';
import type { LoadEvent } from '../models/loader/load-event.ts';
import { USAGE, UsageError, parseCommandLine } from './models/command-line.ts';
import type { ModelsCommand } from './models/command-line.ts';
import { packagePrefix, readManifest } from './models/model-uri.ts';
import { findPackages, modelFolders } from './models/package-folders.ts';
import { storageSettings } from './models/storage-settings.ts';
import type { Verification } from './models/verify-model.ts';

const ROOT = join(import.meta.dirname, '..');
const FOLDERS = modelFolders(ROOT, process.env);
/** npm runs us in the clone's root, wherever it was called. */
const CWD = process.env['INIT_CWD'] ?? process.cwd();

type Command<Action> = Extract<ModelsCommand, { readonly action: Action }>;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    const command = parseCommandLine(args);
    if (command === undefined) {
      process.stdout.write(USAGE);
      return 0;
    }
    return await execute(command);
  } catch (cause) {
    if (cause instanceof UsageError) {
      process.stderr.write(`${cause.message}\n\n${USAGE}`);
      return 64;
    }
    process.stderr.write(`${messageOf(cause)}\n`);
    return cause instanceof ConfigurationError ? 78 : 1;
  }
}

async function execute(command: ModelsCommand): Promise<number> {
  switch (command.action) {
    case 'list':
      return list(command);
    case 'inspect':
      return inspect(command);
    case 'import':
      return importFile(command);
    case 'publish':
      return publish(command);
    case 'verify':
      return verify(command);
    case 'train': {
      const dir = await packageFolder(command.name);
      const { trainModel } = await import('./models/train-model.ts');
      const say = (text: string): void => void process.stderr.write(text);
      return trainModel({ dir, args: command.args, env: process.env, say });
    }
  }
}

async function list({ tenant, bucket, json }: Command<'list'>): Promise<number> {
  const { listText, modelsHere, modelsPublished } = await import('./models/list-models.ts');
  const models = await modelsHere(await findPackages(FOLDERS));
  if ((process.env['S3_ENDPOINT'] ?? '') !== '') {
    const store = await openStore(bucket);
    try {
      models.push(...(await modelsPublished(store, tenant)));
    } finally {
      store.close();
    }
  }
  process.stdout.write(json ? `${JSON.stringify(models, undefined, 2)}\n` : listText(models));
  return 0;
}

async function inspect({ what, json }: Command<'inspect'>): Promise<number> {
  const { inspectModel, inspectionText } = await import('./models/inspect-model.ts');
  const found = await inspectModel(what, resolve(CWD, what), await findPackages(FOLDERS));
  process.stdout.write(json ? `${JSON.stringify(found, undefined, 2)}\n` : inspectionText(found));
  return 0;
}

async function importFile(command: Command<'import'>): Promise<number> {
  const [{ importModel }, { importText }] = await Promise.all([
    import('./models/import/import-model.ts'),
    import('./models/import-text.ts'),
  ]);
  const fileAt = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : resolve(CWD, path);
  const imported = await importModel({
    ...command,
    file: resolve(CWD, command.file),
    golden: fileAt(command.golden),
    labels: fileAt(command.labels),
    root: ROOT,
    folders: FOLDERS,
  });
  process.stdout.write(importText(imported, CWD));
  return 0;
}

async function publish(command: Command<'publish'>): Promise<number> {
  const dir = await packageFolder(command.name);
  const settings = storageSettings(process.env);
  const { createBucket } = await import('../functions/runtime/object-store/create-bucket.ts');
  const { publishModel } = await import('./models/publish-model.ts');
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

async function verify(command: Command<'verify'>): Promise<number> {
  const dir = await packageFolder(command.name);
  const { manifest } = await readManifest(dir);
  const uri = command.fromS3
    ? `s3://${command.bucket}/${packagePrefix(command.tenant, manifest)}`
    : `file:${dir}`;
  const { verifyModel } = await import('./models/verify-model.ts');
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
  const known = await findPackages(FOLDERS);
  const found = known.find((one) => one.name === name);
  if (found !== undefined) return found.dir;
  const names = known.map((one) => one.name).join(', ');
  throw new UsageError(`models/${name} is no model package; there are: ${names}`);
}

function messageOf(cause: unknown): string {
  if (cause instanceof InferenceEngineError) return `${cause.code}: ${cause.message}`;
  if (cause instanceof ObjectStoreError || !(cause instanceof Error)) return String(cause);
  return cause.name === 'TimeoutError' ? 'The object store did not answer in time' : cause.message;
}
