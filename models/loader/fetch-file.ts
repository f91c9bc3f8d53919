import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';

import { ModelLoadError } from '../../functions/runtime/errors.ts';
import { PreconditionFailedError } from '../../functions/runtime/object-store/errors.ts';
import { backoffMs } from './backoff.ts';
import type { FetchOptions } from './fetch-options.ts';
import { PARALLEL, fetchRest } from './fetch-rest.ts';
import { permanentError, reasonOf } from './model-load-error.ts';
import type { PackageSource } from './package-source.ts';
import { cut, isTransient, receiveAnswer } from './receive.ts';

/** A whole file in memory. */
export interface FetchedFile {
  readonly bytes: Buffer;
  /** Of exactly these bytes, computed while they arrived. */
  readonly sha256: string;
}

/** What has arrived so far; it outlives a broken connection. */
interface Received {
  etag?: string;
  bytes?: Buffer;
  length: number;
  hash: Hash;
}

/**
 * Fetches one file of a package. After a transient failure it waits and asks for the rest, of the same
 * state of the file only (`Range`, `If-Match`), until the signal aborts. The rest of a large file that one
 * connection brings too slowly comes over several.
 * @param maxBytes A larger file is refused before any of it is read.
 * @throws {ModelLoadError} Permanent: the store refuses it (403, 404, …), or it is too large.
 * @throws The signal's reason, when it aborts.
 */
export async function fetchFile(
  source: PackageSource,
  name: string,
  maxBytes: number,
  options: FetchOptions,
): Promise<FetchedFile> {
  const { signal, onEvent, backoff } = options;
  let received = nothing();
  let failures = 0;
  for (let attempt = 1; ; attempt += 1) {
    const before = received.length;
    onEvent({ event: 'request', file: name, attempt, start: before });
    try {
      await receive(source, name, { received, maxBytes, options });
      return finished(received);
    } catch (cause) {
      signal.throwIfAborted();
      const replaced = cause instanceof PreconditionFailedError && received.length > 0;
      if (!replaced && !isTransient(cause)) throw toLoadError(source, name, cause);
      // The connection broke after the last byte: there is no rest to ask for.
      if (!replaced && received.bytes?.length === received.length) return finished(received);
      // An attempt that made headway does not make the next wait longer.
      failures = received.length > before ? 1 : failures + 1;
      const retryInMs = backoffMs(failures, backoff);
      const reason = reasonOf(cause);
      const receivedBytes = received.length;
      onEvent({ event: 'attempt-failed', file: name, attempt, receivedBytes, retryInMs, reason });
      // What is here of a file that somebody replaced meanwhile belongs to the old one. And without a
      // byte there is nothing that the next answer must match.
      if (replaced || received.length === 0) received = nothing();
      await backoff.sleep(retryInMs, signal).catch(() => signal.throwIfAborted());
    }
  }
}

/** One attempt: adds to `received` what arrives. Rejects when something is missing in the end. */
async function receive(
  source: PackageSource,
  name: string,
  from: { received: Received; maxBytes: number; options: FetchOptions },
): Promise<void> {
  const { received, maxBytes, options } = from;
  const { parallel: rule = PARALLEL } = options;
  const { etag, length: start } = received;
  let target: Buffer = Buffer.alloc(0);
  let startedMs = 0;
  const opening = { start, ...(etag === undefined ? {} : { etag }) };
  try {
    await receiveAnswer(
      (signal) => source.open(name, { ...opening, signal }),
      (opened) => {
        target = prepare(received, { name, opened, maxBytes });
        startedMs = performance.now();
        return (piece) => {
          append(received, target, piece);
          const cameBytes = received.length - start;
          if (cameBytes < rule.probeBytes || target.length - received.length < rule.leastBytes)
            return;
          const seconds = (performance.now() - startedMs) / 1000;
          if (cameBytes < rule.fastBytesPerSecond * seconds) throw new TooSlow();
        };
      },
      options,
    );
  } catch (cause) {
    if (!(cause instanceof TooSlow)) throw cause;
    await fetchRest(
      source,
      {
        name,
        etag: received.etag ?? '',
        bytes: target,
        start: received.length,
        hash: received.hash,
      },
      rule,
      options,
    );
    received.length = target.length;
  }
  if (received.length < target.length) {
    throw cut(`the answer ended after ${received.length} of ${target.length} bytes`);
  }
}

/** One connection does not bring what this machine can take. */
class TooSlow extends Error {}

/** Where the file's bytes go; made on the first answer, which is the first to know how many come. */
function prepare(
  received: Received,
  answer: {
    readonly name: string;
    readonly opened: { readonly sizeBytes: number; readonly etag: string };
    readonly maxBytes: number;
  },
): Buffer {
  const { sizeBytes, etag } = answer.opened;
  if (sizeBytes > answer.maxBytes) {
    throw permanentError(
      `${answer.name} has ${sizeBytes} bytes, more than the ${answer.maxBytes} allowed`,
    );
  }
  received.etag ??= etag;
  // Not from Node's shared pool: the whole buffer goes to the runtime and is freed as a whole.
  received.bytes ??= Buffer.allocUnsafeSlow(sizeBytes);
  return received.bytes;
}

function append(received: Received, target: Buffer, chunk: Buffer): void {
  if (received.length + chunk.length > target.length) {
    throw permanentError(`more bytes came than the ${target.length} announced`);
  }
  chunk.copy(target, received.length);
  received.hash.update(chunk);
  received.length += chunk.length;
}

function finished({ bytes = Buffer.alloc(0), hash }: Received): FetchedFile {
  return { bytes, sha256: hash.digest('hex') };
}

function nothing(): Received {
  return { length: 0, hash: createHash('sha256') };
}

function toLoadError(source: PackageSource, name: string, cause: unknown): ModelLoadError {
  if (cause instanceof ModelLoadError) {
    return permanentError(`Cannot load ${source.uri}: ${cause.message}`, cause);
  }
  return permanentError(`Cannot load ${source.uri}: ${name}: ${reasonOf(cause)}`, cause);
}
