import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createBucket } from '../../../functions/runtime/object-store/create-bucket.ts';
import { openObjectStore } from '../../../functions/runtime/object-store/s3-object-store.ts';
import { publishModel } from '../../../scripts/models/publish-model.ts';

/** How a contestant reaches the store. */
export type S3Settings = Readonly<
  Record<'S3_ENDPOINT' | 'AWS_REGION' | 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY', string>
>;

/** One request that the store has answered. */
export interface StoreRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Written to the connection for it, the head included. */
  readonly bytes: number;
}

/** What the store's process is told first. */
export interface StoreStart {
  readonly dataDir: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What it says. */
export type StoreMessage =
  | { readonly endpoint: string }
  | { readonly requests: readonly StoreRequest[] };

/** A store with one published model. */
export interface CountingStore {
  readonly settings: S3Settings;
  readonly modelUri: string;
  /** Of the package's `model.onnx`. */
  readonly weightsBytes: number;
  /** What it has answered since the last call. */
  takeRequests(): Promise<readonly StoreRequest[]>;
  stop(): Promise<void>;
}

const REGION = 'us-east-1';

/**
 * Starts the local S3 in a process of its own, on an empty temporary folder, and publishes the package in
 * `packageDir` there.
 */
export async function startCountingStore(packageDir: string): Promise<CountingStore> {
  const dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-bench-'));
  const accessKeyId = randomBytes(8).toString('hex');
  const secretAccessKey = randomBytes(16).toString('hex');
  const child = fork(join(import.meta.dirname, 'store-process.ts'), { execArgv: [] });
  const stop = async (): Promise<void> => {
    const ended = once(child, 'exit');
    child.disconnect();
    await ended;
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const start: StoreStart = { dataDir, accessKeyId, secretAccessKey };
    const { endpoint } = (await ask(child, start)) as { endpoint: string };
    const settings: S3Settings = {
      S3_ENDPOINT: endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
    const modelUri = await publish(settings, packageDir);
    const { size: weightsBytes } = await stat(join(packageDir, 'model.onnx'));
    const takeRequests = async (): Promise<readonly StoreRequest[]> =>
      ((await ask(child, 'requests')) as { requests: readonly StoreRequest[] }).requests;
    await takeRequests();
    return { settings, modelUri, weightsBytes, takeRequests, stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

async function ask(child: ChildProcess, question: StoreStart | 'requests'): Promise<StoreMessage> {
  const answered = once(child, 'message') as Promise<[StoreMessage]>;
  child.send(question);
  return (await answered)[0];
}

async function publish(settings: S3Settings, dir: string): Promise<string> {
  const access = { ...settings, AWS_SESSION_TOKEN: undefined };
  await createBucket(access, 'models');
  const store = openObjectStore(access, 'models');
  try {
    return (await publishModel({ store, dir })).uri;
  } finally {
    store.close();
  }
}
