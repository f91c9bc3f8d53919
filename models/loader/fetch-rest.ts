import type { Hash } from 'node:crypto';

import { backoffMs } from './backoff.ts';
import type { FetchOptions, ParallelRule } from './fetch-options.ts';
import { permanentError, reasonOf } from './model-load-error.ts';
import type { PackageSource } from './package-source.ts';
import { cut, isTransient, receiveAnswer } from './receive.ts';

const MIB = 1024 * 1024;

/**
 * S3 gives each connection some 80 to 100 MB/s; one connection without such a limit brings 300 to 800 to this
 * program, and more of them bring nothing.
 */
export const PARALLEL: ParallelRule = {
  probeBytes: 8 * MIB,
  fastBytesPerSecond: 200e6,
  leastBytes: 24 * MIB,
  blockBytes: 8 * MIB,
  connections: 8,
};

/** Of which file, and where its bytes go. */
export interface RestOfFile {
  readonly name: string;
  /** The state that all parts must be of. */
  readonly etag: string;
  /** The whole file's; those before `start` are there. */
  readonly bytes: Buffer;
  readonly start: number;
  /** Of the bytes before `start`; in the end, of all. */
  readonly hash: Hash;
}

interface Block {
  /** Where the next byte goes. */
  at: number;
  readonly end: number;
}

/**
 * Fetches the rest of a file in blocks, several at a time, each with attempts of its own as `fetchFile` makes
 * them. What arrives is hashed in its order, as far as there is no gap before it.
 * @throws {PreconditionFailedError} When somebody has replaced the file meanwhile.
 * @throws What the source throws and another attempt cannot mend, and the signal's reason.
 */
export async function fetchRest(
  source: PackageSource,
  rest: RestOfFile,
  rule: ParallelRule,
  options: FetchOptions,
): Promise<void> {
  const { bytes, start, hash } = rest;
  const abandon = new AbortController();
  const signal = AbortSignal.any([options.signal, abandon.signal]);
  const count = Math.ceil((bytes.length - start) / rule.blockBytes);
  const blocks: Block[] = Array.from({ length: count }, (_, index) => ({
    at: start + index * rule.blockBytes,
    end: Math.min(start + (index + 1) * rule.blockBytes, bytes.length),
  }));
  let [hashed, first] = [start, 0];
  const hashOn = (): void => {
    for (let block = blocks[first]; block !== undefined; block = blocks[first]) {
      if (block.at > hashed) hash.update(bytes.subarray(hashed, block.at));
      hashed = block.at;
      if (block.at < block.end) return;
      first += 1;
    }
  };
  let next = 0;
  const work = async (): Promise<void> => {
    for (let block = blocks[next]; block !== undefined; block = blocks[next]) {
      next += 1;
      await fetchBlock(source, rest, { block, hashOn, options: { ...options, signal } });
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(rule.connections, count) }, work));
  } catch (cause) {
    // The others must not write into a buffer that nobody waits for.
    abandon.abort(cause);
    throw cause;
  }
}

async function fetchBlock(
  source: PackageSource,
  { name, etag, bytes }: RestOfFile,
  work: {
    readonly block: Block;
    readonly hashOn: () => void;
    readonly options: FetchOptions;
  },
): Promise<void> {
  const { block, hashOn, options } = work;
  const { signal, onEvent, backoff } = options;
  let failures = 0;
  for (let attempt = 1; block.at < block.end; attempt += 1) {
    const before = block.at;
    onEvent({ event: 'request', file: name, attempt, start: before });
    try {
      await receiveAnswer(
        (abort) => source.open(name, { start: block.at, end: block.end - 1, etag, signal: abort }),
        () => (piece) => {
          if (block.at + piece.length > block.end) {
            throw permanentError(`more bytes of ${name} came than were asked for`);
          }
          piece.copy(bytes, block.at);
          block.at += piece.length;
          hashOn();
        },
        options,
      );
      if (block.at < block.end) throw cut(`the answer ended ${block.end - block.at} bytes early`);
    } catch (cause) {
      signal.throwIfAborted();
      if (!isTransient(cause)) throw cause;
      if (block.at === block.end) return;
      failures = block.at > before ? 1 : failures + 1;
      const retryInMs = backoffMs(failures, backoff);
      const reason = reasonOf(cause);
      const receivedBytes = block.at;
      onEvent({ event: 'attempt-failed', file: name, attempt, receivedBytes, retryInMs, reason });
      await backoff.sleep(retryInMs, signal).catch(() => signal.throwIfAborted());
    }
  }
}
