import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { jobLayout } from '../../events/jobs/layout.ts';
import type { JobStatus } from '../../events/jobs/job-status.ts';
import { EVENT_TYPES } from '../../events/types.ts';
import type { ObjectStore } from '../../functions/runtime/object-store/object-store.ts';
import { readDeployEnvironment } from '../../scripts/deploy/environment.ts';
import { Kubectl } from '../../scripts/deploy/kubectl.ts';
import type { KnativeService } from '../../scripts/deploy/revision.ts';
import { waitForService } from '../../scripts/deploy/roll-out.ts';
import { openDataBucket } from './support/data-bucket.ts';
import { annotated, deployDev, serviceOf, untilNoPods } from './support/deployed.ts';
import { sinkObjects, sunkEvents } from './support/event-sink.ts';
import { askGateway } from './support/gateway.ts';
import { runLocally, submission } from './support/local-job.ts';
import type { LineJob, LocalRun } from './support/local-job.ts';
import { signalLines } from './support/signals.ts';
import { watchPods } from './support/watch-pods.ts';

const NAMESPACE = 'pilotlight-dev';
const SERVICE = 'denoise-batch';
const POLL = { timeout: 240_000, interval: 1000 };

/** One process alone takes more than three minutes with two CPUs. */
const RECORDS = 110_000;
const id = `cluster-${randomBytes(4).toString('hex')}`;
const job: LineJob = {
  model: 'denoise',
  key: `cluster-test/${id}.jsonl`,
  chunkBytes: 64 * 1024,
  maxConcurrency: 4,
};

describe.skipIf(process.env['KUBECONFIG'] === undefined)('a long job on a real cluster', () => {
  const kubectl = new Kubectl(NAMESPACE);
  const opened = new AsyncDisposableStack();
  const records = signalLines(RECORDS);
  let local: LocalRun;
  let gateway = '';
  let host = '';
  let store: ObjectStore;
  let before: KnativeService;

  const ask = (path: string, json?: unknown) =>
    askGateway(gateway, { host, path, ...(json === undefined ? {} : { json }) });
  const status = async (query = ''): Promise<JobStatus> =>
    JSON.parse((await ask(`/v1/batches/${id}${query}`)).body) as JobStatus;

  beforeAll(async () => {
    gateway = readDeployEnvironment(process.env).KNATIVE_GATEWAY;
    await deployDev();
    const url = await kubectl.run(['get', 'ksvc/batch', '--output=jsonpath={.status.url}']);
    host = new URL(url).host;
    before = await serviceOf(kubectl, SERVICE);
    const image = String(before.spec.template.spec.containers[0]?.['image']);
    await kubectl.apply([...sinkObjects(image), completionTrigger()]);
    const isReady = ['--for=condition=Ready', '--timeout=180s'];
    await kubectl.run(['wait', 'pod/event-sink', 'trigger/job-completions', ...isReady]);
    store = opened.use(await openDataBucket(kubectl, 'data-dev')).store;
    await store.put(job.key, `${records.join('\n')}\n`);
    local = await runLocally({ ...job, maxConcurrency: 1 }, `${records.join('\n')}\n`);
    await untilNoPods(kubectl, SERVICE);
  });
  afterAll(async () => {
    const sink = ['trigger/job-completions', 'pod/event-sink', 'service/event-sink'];
    await kubectl.run(['delete', '--ignore-not-found', '--wait=false', ...sink]).catch(() => '');
    // The revision that deploy made, again.
    if (before !== undefined) await kubectl.apply([before]);
    await store?.delete(job.key);
    await opened.disposeAsync();
  });

  it('gives what one process gives, though a pod is killed and a revision rolled out', async () => {
    await using pods = watchPods(NAMESPACE, SERVICE);
    expect((await ask('/v1/batches', submission(id, job))).status).toBe(201);

    await expect.poll(() => pods.ready.size, POLL).toBeGreaterThanOrEqual(3);
    const [victim = ''] = pods.ready;
    // At once: its process gets no signal that it could heed, and its chunk stays claimed.
    await kubectl.run(['delete', 'pod', victim, '--grace-period=0', '--force']);
    const atKill = await status();
    const next = annotated(before, { 'pilotlight.dev/rollout': id });
    await kubectl.apply([next]);
    const { revision } = await waitForService(kubectl, next);
    const atRollout = await status();
    const done = await end();

    expect(atKill.state).toBe('in_progress');
    expect(atRollout.state).toBe('in_progress');
    const bad = records.filter((record) => record.includes('noise')).length;
    expect(done).toMatchObject({
      state: 'completed_with_errors',
      records: { ok: RECORDS - bad, err: bad },
      chunks: { done: done.chunks.total, running: 0 },
      error: null,
    });
    const results = await ask(`/v1/batches/${id}/results`);
    expect(results.status).toBe(200);
    expect(firstDifference(results.body, local.text)).toBeUndefined();
    const ids = results.body.split('\n').slice(0, -1).map(idOf);
    expect(ids.every((one, index) => one === `r${index}`)).toBe(true);
    expect(ids).toHaveLength(RECORDS);

    const writers = await partWriters();
    const podsThatWrote = new Set(writers.map(({ pod }) => pod));
    expect(podsThatWrote.size).toBeGreaterThanOrEqual(3);
    expect([...podsThatWrote].some((pod) => pod.startsWith(revision))).toBe(true);
    expect([...podsThatWrote].some((pod) => !pod.startsWith(revision))).toBe(true);
    const seconds = (Date.parse(done.finishedAt ?? '') - Date.parse(done.createdAt)) / 1000;
    process.stdout.write(
      `job of ${RECORDS} records, ${done.chunks.total} chunks: ` +
        `one process here ${(local.durationMs / 1000).toFixed(0)} s; on the cluster ${seconds.toFixed(0)} s, ` +
        `${(RECORDS / seconds).toFixed(0)} records/s, ${pods.most()} pods at once, ${podsThatWrote.size} wrote parts, ` +
        `${atKill.chunks.done} chunks done at the kill, ${atRollout.chunks.done} after the rollout, ` +
        `${writers.filter(({ attempt }) => attempt > 1).length} chunks took another attempt\n`,
    );
  });

  it('is over for everybody: announced once, no marker, no pods', async () => {
    const { active } = jobLayout(id);
    await expect.poll(() => store.head(active), POLL).toBeUndefined();
    await untilNoPods(kubectl, SERVICE);

    const told = (await sunkEvents(kubectl)).filter(({ headers }) => headers['ce-subject'] === id);
    expect(told).toHaveLength(1);
    expect(JSON.parse(told[0]?.body ?? '{}')).toMatchObject({
      jobId: id,
      state: 'completed_with_errors',
    });
  });

  /** The job once it is over; a pod of `batch` may end while it waits. */
  async function end(): Promise<JobStatus> {
    for (;;) {
      const now = await status('?wait=60').catch(() => undefined);
      if (now?.finishedAt !== undefined) return now;
    }
  }

  async function partWriters(): Promise<{ readonly pod: string; readonly attempt: number }[]> {
    const writers = [];
    for await (const { key } of store.list({ prefix: jobLayout(id).partPrefix })) {
      const user = (await store.head(key))?.user;
      const [pod = ''] = String(user?.['writer']).split('/');
      writers.push({ pod, attempt: Number(user?.['attempt']) });
    }
    return writers;
  }
});

/** Ends of jobs, to the sink. */
function completionTrigger(): object {
  return {
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Trigger',
    metadata: { name: 'job-completions' },
    spec: {
      broker: 'default',
      filters: [{ exact: { type: EVENT_TYPES.jobCompleted } }],
      subscriber: { uri: `http://event-sink.${NAMESPACE}.svc.cluster.local/completed` },
    },
  };
}

function idOf(line: string): unknown {
  return (JSON.parse(line) as { readonly id: unknown }).id;
}

/** Where two texts of lines are not the same; a diff of so many lines would take for ever. */
function firstDifference(text: string, expected: string): object | undefined {
  if (text === expected) return undefined;
  const [lines, expectedLines] = [text.split('\n'), expected.split('\n')];
  const line = lines.findIndex((one, index) => one !== expectedLines[index]);
  return { line, is: lines[line], should: expectedLines[line] };
}
