import { Readable } from 'node:stream';

import { describe, expect, it } from 'vitest';

import { lendStream } from '../../../../functions/runtime/object-store/body-stream.ts';
import {
  ObjectStoreError,
  PreconditionFailedError,
} from '../../../../functions/runtime/object-store/errors.ts';
import { fetchFile } from '../../../../models/loader/fetch-file.ts';
import type { FetchOptions, ParallelRule } from '../../../../models/loader/fetch-options.ts';
import type { LoadEvent } from '../../../../models/loader/load-event.ts';
import type { OpenOptions, PackageSource } from '../../../../models/loader/package-source.ts';
import { sha256 } from '../../../support/package-fixture.ts';

const CONTENT = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));
/** Always too slow, after 100 bytes; then blocks of 64 bytes, four at a time. */
const RULE: ParallelRule = {
  probeBytes: 100,
  fastBytesPerSecond: Infinity,
  leastBytes: 200,
  blockBytes: 64,
  connections: 4,
};

type Ask = Omit<OpenOptions, 'signal'>;

/** What to do with a request instead of answering it: throw, or let through only so many bytes. */
type Fault = (ask: Ask) => Error | number | undefined;

function sourceOf(content: Buffer, fault: Fault = () => undefined, etag = (): string => 'v1') {
  const asked: Ask[] = [];
  let [open, most] = [0, 0];
  const source: PackageSource = {
    uri: 's3://models/x/1',
    async open(_name, { signal: _signal, ...ask }) {
      asked.push(ask);
      const wrong = fault(ask);
      if (wrong instanceof Error) throw wrong;
      if (ask.etag !== undefined && ask.etag !== etag()) {
        throw new PreconditionFailedError('412', { status: 412, transient: false });
      }
      const whole = content.subarray(ask.start, ask.end === undefined ? undefined : ask.end + 1);
      const bytes = whole.subarray(0, wrong);
      // The first connection is ended, by and by, when the others begin.
      open += ask.end === undefined ? 0 : 1;
      most = Math.max(most, open);
      const body = Readable.from(piecesOf(bytes, () => (open -= 1)));
      return { etag: etag(), sizeBytes: content.length, body: lendStream(body) };
    },
    close() {},
  };
  return { source, asked, most: () => most };
}

/** Twenty bytes at a time, each in a turn of the event loop of its own. */
async function* piecesOf(bytes: Buffer, onEnd: () => void): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 20) {
    await new Promise(setImmediate);
    yield bytes.subarray(at, at + 20);
  }
  onEnd();
}

function fetching(rule: ParallelRule = RULE): FetchOptions & { events: LoadEvent[] } {
  const events: LoadEvent[] = [];
  return {
    events,
    signal: new AbortController().signal,
    onEvent: (event) => events.push(event),
    idleTimeoutMs: 60_000,
    backoff: { firstMs: 1, capMs: 1, random: () => 1, sleep: () => Promise.resolve() },
    parallel: rule,
  };
}

const reset = new ObjectStoreError('ECONNRESET', { transient: true });

describe('fetchFile() of a file that one connection brings too slowly', () => {
  it('asks for the rest in blocks, several at a time, of the same state', async () => {
    const { source, asked, most } = sourceOf(CONTENT);

    const file = await fetchFile(source, 'model.onnx', 2000, fetching());

    expect(file).toEqual({ bytes: CONTENT, sha256: sha256(CONTENT) });
    const [first, ...blocks] = asked;
    expect(first).toEqual({ start: 0 });
    expect(blocks.toSorted((a, b) => a.start - b.start)).toEqual(
      Array.from({ length: 15 }, (_, index) => ({
        start: 100 + 64 * index,
        end: Math.min(100 + 64 * (index + 1), 1000) - 1,
        etag: 'v1',
      })),
    );
    expect(most()).toBe(4);
  });

  it.each<[what: string, rule: Partial<ParallelRule>]>([
    ['is fast enough', { fastBytesPerSecond: 0 }],
    ['has little left', { leastBytes: 901 }],
    ['is no larger than what shows its speed', { probeBytes: 1001 }],
  ])('stays with one connection when it %s', async (_what, rule) => {
    const { source, asked } = sourceOf(CONTENT);

    const file = await fetchFile(source, 'model.onnx', 2000, fetching({ ...RULE, ...rule }));

    expect(file.sha256).toBe(sha256(CONTENT));
    expect(asked).toEqual([{ start: 0 }]);
  });

  it('asks for the rest of a block whose connection broke, and for no other', async () => {
    const broken = [reset, 30, 0];
    const { source, asked } = sourceOf(CONTENT, ({ start, end }) =>
      end === 227 && start < 227 ? broken.shift() : undefined,
    );
    const options = fetching();

    const file = await fetchFile(source, 'model.onnx', 2000, options);

    expect(file).toEqual({ bytes: CONTENT, sha256: sha256(CONTENT) });
    expect(asked.filter(({ end }) => end === 227).map(({ start }) => start)).toEqual([
      164, 164, 194, 194,
    ]);
    expect(options.events.filter(({ event }) => event === 'attempt-failed')).toHaveLength(3);
    expect(asked).toHaveLength(1 + 15 + 3);
  });

  it('starts anew when somebody replaces the file between two blocks', async () => {
    let replaced = false;
    const { source, asked } = sourceOf(
      CONTENT,
      ({ start }) => {
        if (start > 500) replaced = true;
        return undefined;
      },
      () => (replaced ? 'v2' : 'v1'),
    );

    const file = await fetchFile(source, 'model.onnx', 2000, fetching());

    expect(file).toEqual({ bytes: CONTENT, sha256: sha256(CONTENT) });
    expect(asked.filter(({ start }) => start === 0)).toHaveLength(2);
  });

  it('gives up at once, and ends the other connections, when a block is refused for good', async () => {
    const denied = new ObjectStoreError('403 AccessDenied', { status: 403, transient: false });
    const { source, asked } = sourceOf(CONTENT, ({ start }) => (start > 400 ? denied : undefined));

    const fetched = fetchFile(source, 'model.onnx', 2000, fetching());

    await expect(fetched).rejects.toThrow('403 AccessDenied');
    const before = asked.length;
    await new Promise(setImmediate);
    expect(asked).toHaveLength(before);
  });

  it('ends when its signal aborts', async () => {
    const controller = new AbortController();
    const { source } = sourceOf(CONTENT, ({ start }) => {
      if (start > 300) controller.abort(new Error('stopping'));
      return undefined;
    });

    const fetched = fetchFile(source, 'model.onnx', 2000, {
      ...fetching(),
      signal: controller.signal,
    });

    await expect(fetched).rejects.toThrow('stopping');
  });
});
