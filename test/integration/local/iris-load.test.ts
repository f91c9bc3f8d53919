import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import type { ServiceStatus, StandInStatus } from '../../../knative/local/status.ts';
import { goldenRows, readGolden, type GoldenRow } from '../../support/golden.ts';
import { runProgram } from '../../support/run-program.ts';

const ROOT = join(import.meta.dirname, '../../..');
const OVERLAY = join(ROOT, 'test/fixtures/local/iris-load');
const CLIENTS = 12;

type Prediction = GoldenRow['prediction'] & { readonly request_id: string };

const golden = readGolden();
const rows = goldenRows(golden);

/** Asks for one prediction and holds the whole answer against scikit-learn's for the same flower. */
async function ask(router: string, { instance, prediction }: GoldenRow, id: string): Promise<void> {
  const response = await fetch(`${router}/iris/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': id },
    body: JSON.stringify(instance),
  });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  const answer = JSON.parse(text) as Prediction;
  expect([answer.request_id, answer.prediction]).toEqual([id, prediction.prediction]);
  const { absolute } = golden.tolerance;
  for (const [name, expected] of Object.entries(prediction.probabilities)) {
    expect(Math.abs((answer.probabilities[name] ?? 1) - expected)).toBeLessThanOrEqual(absolute);
  }
}

/** Clients that ask one after the other, each for other flowers, until they are told to stop. */
function startLoad(router: string): { readonly asked: () => number; stop(): Promise<void> } {
  const over = new AbortController();
  let asked = 0;
  const client = async (): Promise<void> => {
    while (!over.signal.aborted) {
      asked += 1;
      const row = rows[asked % rows.length];
      if (row !== undefined) await ask(router, row, `request-${asked}`);
    }
  };
  const done = Promise.all(Array.from({ length: CLIENTS }, client));
  done.catch(() => undefined);
  return {
    asked: () => asked,
    async stop() {
      over.abort();
      await done;
    },
  };
}

test('npm start takes iris from zero to max-scale and back to zero, every prediction its own', async () => {
  expect(new Set(rows.map(({ prediction }) => prediction.prediction)).size).toBe(3);
  const dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-iris-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  await using program = runProgram([join(ROOT, 'scripts/start.ts'), '--overlay', OVERLAY], {
    PORT: '0',
    S3_PORT: '0',
    PILOTLIGHT_DATA: dataDir,
  });
  const [, router = ''] = await program.wrote(/^router (http:\/\/localhost:\d+)$/m);
  const iris = async (): Promise<ServiceStatus | undefined> => {
    const { services } = (await (await fetch(`${router}/_local`)).json()) as StandInStatus;
    return services.find(({ name }) => name === 'iris');
  };
  const scale = async (): Promise<unknown> => (await iris())?.revisions[0]?.scale;
  expect(await scale()).toEqual({ desired: 0, actual: 0 });

  const load = startLoad(router);
  await expect.poll(scale, { timeout: 60_000 }).toEqual({ desired: 3, actual: 3 });
  const busy = await iris();
  // Each of the three has predicted, not only the first.
  const served = async (): Promise<number> => {
    const pages = (await iris())?.revisions[0]?.metrics ?? [];
    const counts = await Promise.all(
      pages.map(async (page) => countIn(await (await fetch(page)).text())),
    );
    return counts.filter((count) => count > 0).length;
  };
  await expect.poll(served, { timeout: 30_000 }).toBe(3);
  // Each flower several times, by all three.
  await expect.poll(load.asked, { timeout: 60_000 }).toBeGreaterThan(5 * rows.length);
  await load.stop();

  expect(new Set(busy?.pids).size).toBe(3);
  // Two at most in each process; the other clients wait.
  expect(busy?.requests.active).toBeLessThanOrEqual(6);
  await expect.poll(scale, { timeout: 60_000 }).toEqual({ desired: 0, actual: 0 });
  await expect.poll(async () => (await iris())?.pids, { timeout: 30_000 }).toEqual([]);
  expect(program.output()).toMatch(/scale 0 → 1[^]*scale 1 → [23][^]*scale \d → 0/);
}, 240_000);

/** How many predictions a `/metrics` page tells of. */
function countIn(metrics: string): number {
  const [, count = '0'] =
    /^inference_requests_total\{.*status="200".*\} (\d+)$/m.exec(metrics) ?? [];
  return Number(count);
}
