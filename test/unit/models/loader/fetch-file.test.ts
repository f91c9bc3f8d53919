import { Readable } from 'node:stream';

import { describe, expect, it } from 'vitest';

import { lendStream } from '../../../../functions/runtime/object-store/body-stream.ts';
import {
  ObjectNotFoundError,
  ObjectStoreError,
  PreconditionFailedError,
} from '../../../../functions/runtime/object-store/errors.ts';
import { fetchFile } from '../../../../models/loader/fetch-file.ts';
import type { FetchOptions } from '../../../../models/loader/fetch-options.ts';
import type { LoadEvent } from '../../../../models/loader/load-event.ts';
import type { OpenOptions, PackageSource } from '../../../../models/loader/package-source.ts';
import { sha256 } from '../../../support/package-fixture.ts';

const CONTENT = Buffer.from('the quick brown fox');
const unavailable = new ObjectStoreError('503 SlowDown', { status: 503, transient: true });
const connectionReset = new ObjectStoreError('ECONNRESET', { transient: true });

/** One answer of the store: an error, or bytes that end well or with an error. */
type Answer =
  | Error
  | { bytes: Buffer; etag?: string; sizeBytes?: number; ending?: Error | 'stall' };

const rest = (start: number, etag = 'v1'): Answer => ({ bytes: CONTENT.subarray(start), etag });

function scripted(
  answers: Answer[],
  onStall = () => {},
): PackageSource & { asked: Omit<OpenOptions, 'signal'>[] } {
  const asked: Omit<OpenOptions, 'signal'>[] = [];
  return {
    uri: 's3://models/x/1',
    asked,
    async open(_name, { signal: _signal, ...what }) {
      asked.push(what);
      const answer = answers.shift();
      if (answer === undefined) throw new TypeError('asked too often');
      if (answer instanceof Error) throw answer;
      const { bytes, etag = 'v1', sizeBytes = CONTENT.length, ending } = answer;
      return { etag, sizeBytes, body: lendStream(bodyOf(bytes, ending, onStall)) };
    },
    close() {},
  };
}

/** Four bytes at a time, then the end, an error, or silence. */
function bodyOf(bytes: Buffer, ending: Error | 'stall' | undefined, onStall: () => void): Readable {
  let at = 0;
  return new Readable({
    read() {
      const piece = bytes.subarray(at, at + 4);
      at += piece.length;
      if (piece.length > 0) this.push(piece);
      else if (ending instanceof Error) this.destroy(ending);
      else if (ending === 'stall') onStall();
      else this.push(null);
    },
  });
}

function fetching(
  options: Partial<FetchOptions> = {},
): FetchOptions & { events: LoadEvent[]; waits: number[] } {
  const events: LoadEvent[] = [];
  const waits: number[] = [];
  return {
    events,
    waits,
    signal: new AbortController().signal,
    onEvent: (event) => events.push(event),
    idleTimeoutMs: 60_000,
    backoff: {
      firstMs: 100,
      capMs: 5000,
      random: () => 1,
      sleep: async (ms) => void waits.push(ms),
    },
    ...options,
  };
}

describe('fetchFile()', () => {
  it('gives the bytes and their sha256', async () => {
    const file = await fetchFile(scripted([rest(0)]), 'model.onnx', 100, fetching());

    expect(file).toEqual({ bytes: CONTENT, sha256: sha256(CONTENT) });
  });

  it('fetches an empty file', async () => {
    const source = scripted([{ bytes: Buffer.alloc(0), sizeBytes: 0 }]);

    const file = await fetchFile(source, 'empty', 100, fetching());

    expect(file.sha256).toBe(sha256(''));
  });

  it('asks again after 503, waiting longer each time', async () => {
    const options = fetching();
    const source = scripted([unavailable, unavailable, unavailable, rest(0)]);

    const file = await fetchFile(source, 'model.onnx', 100, options);

    expect(file.bytes).toEqual(CONTENT);
    expect(options.waits).toEqual([100, 200, 400]);
  });

  it.each([
    ['a reset in the middle', { bytes: CONTENT.subarray(0, 8), ending: connectionReset }],
    ['an answer that ends too early', { bytes: CONTENT.subarray(0, 8) }],
  ])('after %s asks for the rest of the same state only', async (_what, broken) => {
    const options = fetching();
    const source = scripted([broken, rest(8)]);

    const file = await fetchFile(source, 'model.onnx', 100, options);

    expect(file).toEqual({ bytes: CONTENT, sha256: sha256(CONTENT) });
    expect(source.asked).toEqual([{ start: 0 }, { start: 8, etag: 'v1' }]);
    expect(options.events).toContainEqual(
      expect.objectContaining({ event: 'attempt-failed', attempt: 1, receivedBytes: 8 }),
    );
  });

  it('does not wait longer after an attempt that made headway', async () => {
    const options = fetching();
    const source = scripted([
      unavailable,
      unavailable,
      { bytes: CONTENT.subarray(0, 8), ending: connectionReset },
      { bytes: CONTENT.subarray(8, 12), ending: connectionReset },
      rest(12),
    ]);

    await fetchFile(source, 'model.onnx', 100, options);

    expect(options.waits).toEqual([100, 200, 100, 100]);
  });

  it('asks for nothing more when the connection breaks after the last byte', async () => {
    const source = scripted([{ bytes: CONTENT, ending: connectionReset }]);

    const file = await fetchFile(source, 'model.onnx', 100, fetching());

    expect(file.sha256).toBe(sha256(CONTENT));
    expect(source.asked).toHaveLength(1);
  });

  it('starts anew when the file was replaced in between', async () => {
    const replaced = new PreconditionFailedError('412', { status: 412, transient: false });
    const source = scripted([
      { bytes: Buffer.from('old bytes'), etag: 'v0', ending: connectionReset },
      replaced,
      rest(0),
    ]);

    const file = await fetchFile(source, 'model.onnx', 100, fetching());

    expect(file).toEqual({ bytes: CONTENT, sha256: sha256(CONTENT) });
    expect(source.asked).toEqual([{ start: 0 }, { start: 9, etag: 'v0' }, { start: 0 }]);
  });

  it('gives up an attempt that brings no bytes, and goes on where it stopped', async () => {
    const options = fetching({ idleTimeoutMs: 20 });
    const source = scripted([{ bytes: CONTENT.subarray(0, 8), ending: 'stall' }, rest(8)]);

    const file = await fetchFile(source, 'model.onnx', 100, options);

    expect(file.bytes).toEqual(CONTENT);
    expect(options.events).toContainEqual(
      expect.objectContaining({ reason: 'no byte arrived for 20 ms' }),
    );
  });

  it.each([
    ['404', new ObjectNotFoundError('NoSuchKey', { status: 404, transient: false })],
    ['403', new ObjectStoreError('AccessDenied', { status: 403, transient: false })],
    ['a mistake of our own', new TypeError('undefined is not a function')],
  ])('gives up for good after %s', async (_what, error) => {
    const source = scripted([error]);

    const fetched = fetchFile(source, 'model.onnx', 100, fetching());

    await expect(fetched).rejects.toMatchObject({
      name: 'ModelLoadError',
      permanent: true,
      message: `Cannot load s3://models/x/1: model.onnx: ${error.message}`,
    });
    expect(source.asked).toHaveLength(1);
  });

  it.each([
    ['announced', { bytes: CONTENT, sizeBytes: 1000 }, /1000 bytes, more than the 100 allowed/],
    ['sent', { bytes: CONTENT, sizeBytes: 10 }, /more bytes came than the 10 announced/],
  ])('refuses too many bytes %s', async (_what, answer, message) => {
    const fetched = fetchFile(scripted([answer]), 'model.onnx', 100, fetching());

    await expect(fetched).rejects.toMatchObject({
      permanent: true,
      message: expect.stringMatching(message),
    });
  });

  it('stops in the middle of an answer when the signal aborts, and says why', async () => {
    const abort = new AbortController();
    const stalling: Answer = { bytes: CONTENT.subarray(0, 8), ending: 'stall' };
    const source = scripted([stalling], () => abort.abort(new Error('shutting down')));

    const fetched = fetchFile(source, 'model.onnx', 100, fetching({ signal: abort.signal }));

    await expect(fetched).rejects.toThrow('shutting down');
  });

  it('stops between two attempts when the signal aborts, and says why', async () => {
    const abort = new AbortController();
    const options = fetching({ signal: abort.signal });
    const sleep = async (): Promise<void> => {
      abort.abort(new Error('shutting down'));
      throw new Error('AbortError');
    };
    const backoff = { ...options.backoff, sleep };

    const fetched = fetchFile(scripted([unavailable]), 'model.onnx', 100, { ...options, backoff });

    await expect(fetched).rejects.toThrow('shutting down');
  });
});
