import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import type { LoadEvent } from '../../../../models/loader/load-event.ts';
import { loadModel } from '../../../../models/loader/load-model.ts';
import type { LoadModelOptions } from '../../../../models/loader/load-model.ts';
import type { LoadedModel } from '../../../../models/loader/loaded-model.ts';
import { SessionLostError } from '../../../../models/loader/loaded-model.ts';
import { valuesOf } from '../../../support/fake-model.ts';
import { IRIS_FOLDER, sha256 } from '../../../support/package-fixture.ts';
import { startFunction } from '../../../support/start-function.ts';
import { troublesomeRows, writeTroublesomeModel } from '../../../support/troublesome-model.ts';

let folder: string;
let uri: string;
let loaded: LoadedModel | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pilotlight-workers-'));
  uri = await writeTroublesomeModel(join(folder, 'trouble'));
});

afterEach(() => loaded?.session.release());

afterAll(() => rm(folder, { recursive: true }));

async function load(
  options: Partial<LoadModelOptions> = {},
): Promise<LoadedModel & { readonly events: LoadEvent[] }> {
  const events: LoadEvent[] = [];
  const model = await loadModel({
    uri,
    openStore: () => {
      throw new Error('no store is needed');
    },
    signal: new AbortController().signal,
    onEvent: (event) => events.push(event),
    workers: 1,
    ...options,
  });
  loaded = model;
  return { ...model, events };
}

/** Of the worker processes that were started so far. */
const pidsOf = (events: readonly LoadEvent[]): number[] =>
  events.flatMap((event) => (event.event === 'session-started' ? [Number(event.pid)] : []));

/** False for a process that is gone, or only waits for its parent to notice. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a model with execution: worker', () => {
  it('computes in a process of its own', async () => {
    const { session, events } = await load();

    const outputs = await session.run({ x: troublesomeRows([{ value: 3 }, { value: -4.5 }]) });

    expect(outputs).toEqual({
      y: { datatype: 'FP32', shape: [2, 1], data: Float32Array.of(6, -9) },
      z: { datatype: 'FP32', shape: [2, 1], data: Float32Array.of(-3, 4.5) },
    });
    expect(pidsOf(events)).toHaveLength(1);
    expect(pidsOf(events)).not.toContain(process.pid);
    expect(isAlive(pidsOf(events)[0] as number)).toBe(true);
  });

  it('gives the outputs that are asked for', async () => {
    const { session } = await load();

    const outputs = await session.run({ x: troublesomeRows([{ value: 3 }]) }, ['z']);

    expect(Object.keys(outputs)).toEqual(['z']);
  });

  it('answers what is asked at once in order, large tensors too', async () => {
    const { session } = await load();
    const sizes = [1, 50_000, 3, 20_000];

    const answers = await Promise.all(
      sizes.map((size) => {
        const rows = Array.from({ length: size }, (_, row) => ({ value: size + row }));
        return session.run({ x: troublesomeRows(rows) }, ['y']);
      }),
    );

    for (const [index, size] of sizes.entries()) {
      const values = valuesOf(answers[index]?.['y']);
      expect(values).toHaveLength(size);
      expect([values[0], values.at(-1)]).toEqual([2 * size, 2 * (2 * size - 1)]);
    }
  });

  it('tells errors of the runtime, and lives on', async () => {
    const { session, events } = await load();

    const failed = session.run({ x: troublesomeRows([{ value: 1, fails: true }]) });

    await expect(failed).rejects.toThrow('indices element out of data bounds');
    expect(valuesOf((await session.run({ x: troublesomeRows([{ value: 1 }]) }))['y'])).toEqual([2]);
    expect(events.filter(({ event }) => event === 'session-lost')).toEqual([]);
  });

  it('is chosen by the caller too: what may not stall wants one', async () => {
    const { session, pool } = await load({ uri: `file:${IRIS_FOLDER}`, execution: 'worker' });

    const data = Float32Array.of(5.1, 3.5, 1.4, 0.2);
    const outputs = await session.run({ features: { datatype: 'FP32', shape: [1, 4], data } });

    expect(pool?.sessions()).toHaveLength(1);
    expect(outputs['label']?.data).toEqual(BigInt64Array.of(0n));
  });

  it('refuses a graph that does not open, for good', async () => {
    const broken = join(folder, 'broken');
    await writeTroublesomeModel(broken);
    const bytes = 'no graph at all';
    const manifest = JSON.parse(readFileSync(join(broken, 'model.json'), 'utf8')) as {
      files: { name: string }[];
    };
    const files = manifest.files.map((file) =>
      file.name === 'model.onnx'
        ? { ...file, sha256: sha256(bytes), size_bytes: bytes.length }
        : file,
    );
    await writeFile(join(broken, 'model.onnx'), bytes);
    await writeFile(join(broken, 'model.json'), JSON.stringify({ ...manifest, files }));

    await expect(load({ uri: `file:${broken}` })).rejects.toMatchObject({
      code: 'MODEL_LOAD',
      permanent: true,
      message: expect.stringContaining('model.onnx does not open'),
    });
  });
});

describe('a worker process that ends', () => {
  it('by a crash in native code fails its run, and another takes its place', async () => {
    const { session, pool, events } = await load();

    const lost = session.run({ x: troublesomeRows([{ value: 1, crashes: true }]) });

    await expect(lost).rejects.toThrow(new SessionLostError('was ended by SIGFPE'));
    expect(pool?.sessions()).toEqual([]);
    await expect(session.run({ x: troublesomeRows([{ value: 1 }]) })).rejects.toBeInstanceOf(
      SessionLostError,
    );
    await vi.waitUntil(() => pool?.sessions().length === 1, { timeout: 30_000 });
    expect(valuesOf((await session.run({ x: troublesomeRows([{ value: 1 }]) }))['y'])).toEqual([2]);
    expect(pidsOf(events)).toHaveLength(2);
  });

  it('by a kill from outside fails what it computed, however long that would have taken', async () => {
    const { session, events, pool } = await load();
    const endless = session.run({ x: troublesomeRows([{ value: 1, rounds: 2 ** 30 }]) });
    // In the same turn: the run was asked for before the process ends.
    process.kill(pidsOf(events)[0] as number, 'SIGKILL');

    await expect(endless).rejects.toThrow('was ended by SIGKILL');
    await vi.waitUntil(() => pool?.sessions().length === 1, { timeout: 30_000 });
  });

  it('is not started again once the model is released', async () => {
    const { session, pool, events } = await load({ workers: 2 });
    await vi.waitUntil(() => pool?.sessions().length === 2, { timeout: 30_000 });

    await session.release();

    expect(pidsOf(events)).toHaveLength(2);
    expect(pidsOf(events).filter(isAlive)).toEqual([]);
  });
});

describe.each(['main', 'bundle'] as const)('worker processes of a function (%s)', (via) => {
  it.each(['SIGTERM', 'SIGKILL'] as const)('are gone after it got %s', async (signal) => {
    const server = await startFunction({ via, env: { MODEL_URI: uri, MODEL_WORKERS: '2' } });
    await server.logged('session-started', ({ sessions }) => sessions === 2);
    const pids = server.logs.flatMap(({ message, pid }) =>
      message === 'session-started' ? [Number(pid)] : [],
    );
    // The second signal of a terminal: whoever listens to the group must leave the decision to the function.
    for (const pid of pids) process.kill(pid, 'SIGINT');
    const { shape, data } = troublesomeRows([{ value: 21 }]);
    const input = { name: 'x', datatype: 'FP32', shape, data: [...(data as Float32Array)] };
    const answer = await fetch(`${server.url}/v2/models/iris/infer`, {
      method: 'POST',
      body: JSON.stringify({ inputs: [input], outputs: [{ name: 'y' }] }),
      headers: { 'content-type': 'application/json' },
    });
    expect(await answer.json()).toMatchObject({ outputs: [{ name: 'y', data: [42] }] });

    const { code } = await server.stop(signal);

    expect(code).toBe(signal === 'SIGTERM' ? 0 : null);
    await vi.waitUntil(() => !pids.some(isAlive), { timeout: 30_000 });
    expect(pids).toHaveLength(2);
  });
});
