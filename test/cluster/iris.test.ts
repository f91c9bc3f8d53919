import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { openObjectStore } from '../../functions/runtime/object-store/s3-object-store.ts';
import { goldenFile } from '../../models/loader/package-schema.ts';
import { requireClose } from '../../scripts/build/self-test-requests.ts';
import { readDeployEnvironment } from '../../scripts/deploy/environment.ts';
import { Kubectl } from '../../scripts/deploy/kubectl.ts';
import { waitForService } from '../../scripts/deploy/roll-out.ts';
import { ensureSecret } from '../../scripts/deploy/secrets.ts';
import { measureColdStarts, readyLine, tableOf } from './support/cold-start.ts';
import { annotated, deployDev, podsOf, serviceOf, untilNoPods } from './support/deployed.ts';
import { askGateway } from './support/gateway.ts';
import { startLoad } from './support/steady-load.ts';

const model = join(import.meta.dirname, '../../models/iris');
const golden = goldenFile.parse(JSON.parse(readFileSync(join(model, 'golden.json'), 'utf8')));
const cases = golden.cases.filter(({ instances }) => instances !== undefined);
const isCluster = process.env['KUBECONFIG'] !== undefined;
if (!isCluster) {
  process.stdout.write(
    'Cluster tests are left out: set KUBECONFIG and what README names with it\n',
  );
}

describe.skipIf(!isCluster)('iris on a real cluster', () => {
  const kubectl = new Kubectl('pilotlight-dev');
  let gateway = '';
  let host = '';

  const predict = (instances: unknown) =>
    askGateway(gateway, { host, path: '/predict', json: { instances } });
  const runInPod = (pod: string, script: string): Promise<string> =>
    kubectl.run(['exec', pod, '--container', 'iris', '--', '/usr/local/bin/node', '-e', script]);

  beforeAll(async () => {
    gateway = readDeployEnvironment(process.env).KNATIVE_GATEWAY;
    process.stdout.write(await deployDev());
    const url = await kubectl.run(['get', 'ksvc/iris', '--output=jsonpath={.status.url}']);
    host = new URL(url).host;
  });

  it('deploys the same thing again without a new revision', async () => {
    const state = ['get', 'ksvc,revisions', '--output=jsonpath={.items[*].metadata.generation}'];
    const before = await kubectl.run(state);

    await deployDev();

    expect(await kubectl.run(state)).toBe(before);
  });

  it('predicts through the gateway what scikit-learn predicted', async () => {
    for (const { instances, predictions } of cases) {
      const answer = await predict(instances);

      expect(answer.status).toBe(200);
      requireClose(JSON.parse(answer.body), { predictions }, golden.tolerance, '/predict');
    }
  });

  it('goes from no pod to one and back to none', async () => {
    await untilNoPods(kubectl, 'iris');
    expect(await podsOf(kubectl, 'iris')).toEqual([]);

    expect((await predict(cases[0]?.instances)).status).toBe(200);
    expect(await podsOf(kubectl, 'iris')).toHaveLength(1);

    await untilNoPods(kubectl, 'iris');
    expect(await podsOf(kubectl, 'iris')).toEqual([]);
  });

  it('runs without root, on a read-only file system', async () => {
    const pod = await warmPod();

    expect((await runInPod(pod, 'console.log(process.getuid(), process.getgid())')).trim()).toBe(
      '65532 65532',
    );
    const write = `try { fs.writeFileSync('/app/x', ''); console.log('written') } catch (e) { console.log(e.code) }`;
    expect((await runInPod(pod, write)).trim()).toBe('EROFS');
  });

  it('has its weights from the MinIO in the cluster', async () => {
    const logs = await kubectl.run(['logs', await warmPod(), '--container', 'iris']);

    expect(readyLine(logs)).toMatchObject({
      source: 's3://models/_shared/iris/1',
      s3_endpoint: 'http://minio:9000',
      phases_ms: { fetch: expect.any(Number) as number, ready: expect.any(Number) as number },
    });
  });

  it('has credentials that can read models and nothing else', async () => {
    const reader = await ensureSecret(kubectl, 's3-models', () => ({}));
    await using forward = await kubectl.portForward('service/minio', 9000);
    const settings = {
      S3_ENDPOINT: forward.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: reader['access-key-id'],
      AWS_SECRET_ACCESS_KEY: reader['secret-access-key'],
      AWS_SESSION_TOKEN: undefined,
    };
    const models = openObjectStore(settings, 'models');

    expect(await models.head('_shared/iris/1/model.json')).toMatchObject({
      key: '_shared/iris/1/model.json',
    });
    await expect(models.put('_shared/iris/2/model.json', '{}')).rejects.toMatchObject({
      status: 403,
    });
    models.close();
  });

  it('gives metrics on the private port only', async () => {
    const pod = await warmPod();
    await using forward = await kubectl.portForward(`pod/${pod}`, 9464);

    const metrics = await (await fetch(`${forward.url}/metrics`)).text();
    const outside = await askGateway(gateway, { host, path: '/metrics' });

    expect(metrics).toMatch(/^inference_requests_total\{.*model="iris".*\} \d+$/m);
    expect(outside.status).toBe(404);
    expect(JSON.parse(outside.body)).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });

  it('rolls out two new revisions under load without one failed request', async () => {
    const first = await serviceOf(kubectl, 'iris');
    const [golden0] = cases;
    const load = startLoad(
      gateway,
      { host, path: '/predict', json: { instances: golden0?.instances } },
      {
        perSecond: 40,
        check: (body) =>
          requireClose(
            JSON.parse(body),
            { predictions: golden0?.predictions },
            golden.tolerance,
            '',
          ),
      },
    );
    const minute = new Promise((resolve) => setTimeout(resolve, 60_000));
    const revisions: string[] = [];
    for (const number of ['1', '2']) {
      const next = annotated(first, { 'pilotlight.dev/rollout': `${number}-${Date.now()}` });
      await kubectl.apply([next]);
      revisions.push((await waitForService(kubectl, next)).revision);
      // The pods of the revision before drain under load too.
      await untilRevisionHasNoPods(revisions.at(-2) ?? revisionOf(first));
    }
    await minute;
    const result = await load.stop();

    const perSecond = (result.sent / result.durationMs) * 1000;
    const median = result.answerMs[Math.floor(result.answerMs.length / 2)];
    process.stdout.write(
      `rollout: ${result.sent} requests in ${(result.durationMs / 1000).toFixed(0)} s ` +
        `(${perSecond.toFixed(1)}/s), median ${median?.toFixed(1)} ms, ` +
        `slowest ${result.answerMs.at(-1)?.toFixed(0)} ms, ${result.faults.length} faults\n`,
    );
    expect(result.faults).toEqual([]);
    expect(new Set(revisions).size).toBe(2);
    expect(result.durationMs).toBeGreaterThanOrEqual(60_000);
    expect(perSecond).toBeGreaterThanOrEqual(30);
    expect(result.answerMs).toHaveLength(result.sent);
  });

  it('starts cold (measured, not judged)', async () => {
    // The shortest window that Knative allows: ten cold starts in minutes.
    const quick = annotated(await serviceOf(kubectl, 'iris'), {
      'autoscaling.knative.dev/window': '6s',
    });
    await kubectl.apply([quick]);
    await waitForService(kubectl, quick);

    const starts = await measureColdStarts(10, {
      kubectl,
      service: 'iris',
      predict: () => predict(cases[0]?.instances),
    });

    process.stdout.write(`${tableOf(starts)}\n`);
    expect(starts).toHaveLength(10);
    // Leaves the Service as deploy makes it.
    await deployDev();
  });

  /** A pod that has answered a prediction. */
  async function warmPod(): Promise<string> {
    expect((await predict(cases[0]?.instances)).status).toBe(200);
    const pod = (await podsOf(kubectl, 'iris')).at(-1);
    if (pod === undefined) throw new Error('A prediction came from no pod');
    return pod;
  }

  async function untilRevisionHasNoPods(revision: string): Promise<void> {
    const selector = `serving.knative.dev/revision=${revision}`;
    await kubectl.run(['wait', 'pods', '--selector', selector, '--for=delete', '--timeout=300s']);
  }
});

function revisionOf(service: Awaited<ReturnType<typeof serviceOf>>): string {
  return service.spec.template.metadata?.name ?? '';
}
