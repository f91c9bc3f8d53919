import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { benchHealth } from '../../bench/health/bench-health.ts';
import { benchLarge } from '../../bench/large/bench-large.ts';
import { benchCold, benchWarm } from '../../bench/run-bench.ts';
import { coldStart } from '../../bench/cold/cold-start.ts';
import type { Contestant, ContestantContext } from '../../bench/contestants/contestant.ts';
import { prepareContestants } from '../../bench/contestants/contestants.ts';
import { readQuestions } from '../../bench/contestants/question.ts';
import type { Question } from '../../bench/contestants/question.ts';
import { coldReport } from '../../bench/report/report-schema.ts';
import { startCountingStore } from '../../bench/store/counting-store.ts';
import type { CountingStore } from '../../bench/store/counting-store.ts';
import { generateLoad } from '../../bench/warm/load.ts';
import { startProcess } from '../../bench/contestants/start-process.ts';
import { untilAnswers } from '../../bench/contestants/until-answers.ts';

const root = join(import.meta.dirname, '../../..');
const packageDir = join(root, 'models/iris');
const run = promisify(execFile);
/** The first of all makes a Python environment. */
const LONG_MS = 400_000;

/** The serving peers have large environments, and are checked whenever somebody measures. */
const against = ['pilotlight', 'floor', 'stock', 'fastapi'] as const;
const options = { root, runs: 1, command: 'test', against, onProgress: (): void => {} };

describe('npm run bench', { timeout: LONG_MS }, () => {
  it('measures cold starts whose weights came over S3 and whose code cache V8 took', async () => {
    const { contestants, ratios } = await benchCold(options);

    const [ours, floor, stock, fastapi] = contestants;
    for (const each of [ours, floor, stock]) {
      expect(each).toMatchObject({ weights: 's3', first_answer_ms: expect.any(Object) });
    }
    expect(ours).toMatchObject({ name: 'pilotlight', code_cache: 'accepted' });
    // model.json, the graph, golden.json, labels.json; the floor takes the graph only.
    expect([ours, floor, stock]).toMatchObject([
      { store_requests: 4 },
      { store_requests: 1 },
      { store_requests: 1 },
    ]);
    expect(fastapi).toMatchObject({ name: 'fastapi' });
    expect(ratios.find(({ to }) => to === 'floor')).toMatchObject({ target: '≤ 2' });
  });

  it('measures large graphs that came over S3 whole, against the floor', async () => {
    const model = { megabytes: 1, width: 480, layers: 1 };

    const { models, ratios } = await benchLarge({ ...options, models: [model] });

    expect(models).toMatchObject([
      {
        graph_mb: 0.9,
        contestants: [
          { name: 'pilotlight', weights: 's3', code_cache: 'accepted' },
          { name: 'floor', weights: 's3' },
        ],
      },
    ]);
    expect(ratios).toMatchObject([{ of: 'first answer of 1 MB', to: 'floor' }]);
  });

  it('measures throughput, every answer checked', async () => {
    const report = await benchWarm({ ...options, seconds: 0.2, connections: [1, 8] });

    for (const contestant of report.contestants) {
      if ('absent' in contestant) continue;
      expect(contestant.points.map(({ connections }) => connections)).toEqual([1, 8]);
      if (process.platform === 'linux') expect(contestant.private_mb).toBeGreaterThan(10);
      for (const { answers, requests_per_second: rate, cpu_us: cpuUs } of contestant.points) {
        if (process.platform === 'linux') expect(cpuUs).toBeGreaterThan(0);
        expect(answers).toBeGreaterThan(0);
        expect(rate).toBe(Math.round(answers / 0.2));
      }
    }
  });

  it('measures probes beside a model that is always busy', async () => {
    const { rows, run_ms: runMs } = await benchHealth({ ...options, seconds: 0.5 });

    expect(rows.map(({ what }) => what)).toEqual([
      'function, idle',
      'function, model saturated',
      'bare node:http beside it',
    ]);
    for (const { answers, p50_ms: p50, p99_ms: p99 } of rows) {
      expect(answers).toBeGreaterThan(0);
      expect(p50).toBeLessThanOrEqual(p99);
    }
    expect(runMs).toBeGreaterThan(1);
  });

  it.each(['text', 'clip'])('measures %s beside the stock framework', async (model) => {
    const { contestants } = await benchWarm({
      ...options,
      model,
      against: ['pilotlight', 'stock'],
      seconds: 3,
      connections: [2],
    });

    expect(contestants).toMatchObject([
      { name: 'pilotlight', points: [{ connections: 2, answers: expect.any(Number) }] },
      { name: 'stock', points: [{ connections: 2, answers: expect.any(Number) }] },
    ]);
  });

  it('measures many instances in a request, against those who read lists', async () => {
    const some = { ...options, against: ['pilotlight', 'stock'] as const };
    const lists = { ...some, seconds: 1, connections: [2], instances: 9 };

    const text = await benchWarm({ ...lists, model: 'text' });
    const iris = await benchWarm({ ...lists, model: 'iris' });

    const points = [{ connections: 2 }];
    expect(text.contestants).toMatchObject([
      { name: 'pilotlight', points },
      { name: 'stock', points },
    ]);
    expect(iris.contestants).toMatchObject([{ name: 'pilotlight', points }]);
    expect(iris.ratios).toEqual([]);
    // Its vocabulary is the fifth file.
    const cold = await benchCold({ ...options, model: 'text', against: ['pilotlight'] });
    expect(cold.contestants).toMatchObject([
      { name: 'pilotlight', store_requests: 5, code_cache: 'accepted' },
    ]);
  });

  it('prints a table, writes a report, and says how it is used', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'pilotlight-bench-test-'));
    const out = join(dir, 'cold.json');
    const bench = join(root, 'scripts/bench.ts');

    const { stdout } = await run(process.execPath, [bench, 'cold', '--runs', '1', '--out', out]);
    const report = coldReport.parse(JSON.parse(await readFile(out, 'utf8')));
    await rm(dir, { recursive: true });

    expect(report).toMatchObject({
      runs: 1,
      command: `npm run bench -- cold --runs 1 --out ${out}`,
    });
    for (const { name } of report.contestants) expect(stdout).toContain(name);
    expect(stdout).toContain(report.commit);
    const misused = run(process.execPath, [bench, 'colt']);
    await expect(misused).rejects.toMatchObject({ code: 64, stderr: /Usage: npm run bench/ });
  });
});

describe('the bench refuses to flatter', { timeout: LONG_MS }, () => {
  let store: CountingStore;
  let floor: Contestant;
  let pilotlight: Contestant;
  let question: Question;

  beforeAll(async () => {
    store = await startCountingStore(packageDir);
    const context: ContestantContext = {
      root,
      model: 'iris',
      s3: store.settings,
      modelUri: store.modelUri,
    };
    const contestants = (await prepareContestants(context, against)) as Contestant[];
    const byName = (name: string): Contestant =>
      contestants.find((each) => each.name === name) ?? expect.fail(`no ${name}`);
    [floor, pilotlight] = [byName('floor'), byName('pilotlight')];
    question = (await readQuestions(packageDir))[0] ?? expect.fail('no question');
  }, LONG_MS);
  afterAll(() => store.stop());

  it('a start whose weights lay on the disk', async () => {
    const local = { ...pilotlight, env: { ...pilotlight.env, MODEL_URI: `file:${packageDir}` } };

    await expect(coldStart(local, question, store)).rejects.toThrow(
      'pilotlight: the store sent the weights 0.00 times, not once',
    );
  });

  it('a start with another answer than scikit-learn’s', async () => {
    const expected = { ...question.expected, probabilities: { setosa: 0.5 } };

    await expect(coldStart(floor, { ...question, expected }, store)).rejects.toThrow(
      'floor: wrong answer to',
    );
  });

  it('a start without its code cache', async () => {
    const boot = pilotlight.args.at(-1) ?? '';
    const dir = await mkdtemp(join(root, 'dist', '.no-cache-'));
    await run('cp', [boot, join(boot, '../main.cjs'), dir]);
    const cacheless = { ...pilotlight, args: [join(dir, 'boot.cjs')] };

    const refused = coldStart(cacheless, question, store);

    await expect(refused).rejects.toThrow('its code cache is "absent", not "accepted"');
    await rm(dir, { recursive: true });
  });

  it('a program that ends', async () => {
    const broken = { ...floor, args: ['--eval', 'console.error("I give up")'] };

    await expect(coldStart(broken, question, store)).rejects.toThrow(
      /floor: it ended before it answered\nI give up/,
    );
  });

  it('a load of which one answer is wrong', async () => {
    const child = await startProcess(floor);
    try {
      await untilAnswers(child, question);
      const wrong = { ...question, expected: { prediction: 'rose' } };
      const loading = generateLoad({
        port: child.port,
        connections: 2,
        warmUpSeconds: 0,
        seconds: 5,
        questions: [question, wrong],
      });

      await expect(loading).rejects.toThrow(/wrong answer/);
    } finally {
      await child.stop();
    }
  });
});

it('stopping a program ends what it has started, which would hold its pipes open', async () => {
  const parent = { command: 'sh', args: ['-c', 'sleep 600 & echo started; wait'], env: {} };
  const child = await startProcess(parent);
  await vi.waitFor(() => expect(child.output()).toBe('started\n'));

  await expect(child.stop()).resolves.toBeUndefined();
});
