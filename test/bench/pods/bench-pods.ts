import { join } from 'node:path';

import { readDeployEnvironment } from '../../../scripts/deploy/environment.ts';
import { Kubectl } from '../../../scripts/deploy/kubectl.ts';
import type { ClusterObject } from '../../../scripts/deploy/kubectl.ts';
import { inOrderOf } from '../cold/measure-cold.ts';
import { readQuestions } from '../contestants/question.ts';
import { podRatios } from '../report/ratios.ts';
import { podsReport } from '../report/report-schema.ts';
import type { PodsReport } from '../report/report-schema.ts';
import { summarize } from '../report/statistics.ts';
import { readSurroundings } from '../report/surroundings.ts';
import type { RunOptions } from '../run-bench.ts';
import { firstAnswer } from './first-answer.ts';
import type { PodService, PodStart } from './first-answer.ts';
import { fastapiImage, goHelloImage } from './images.ts';
import {
  BENCH_NAMESPACE,
  copyOf,
  copyWhatItReads,
  resourcesOf,
  serviceOf,
} from './pod-services.ts';

/** Where `npm run deploy -- dev` puts iris. */
const DEPLOYED_NAMESPACE = 'pilotlight-dev';

type Name = PodsReport['services'][number]['name'];

interface Prepared {
  readonly name: Name;
  readonly what: string;
  /** Its manifest; what went wrong before there is one. */
  readonly manifest: ClusterObject | { readonly absent: string };
  readonly path: string;
  readonly body?: Buffer;
}

/**
 * Measures first answers of pods on the cluster of `KUBECONFIG`: iris as it is deployed there, a program in Go
 * that says hello, and FastAPI with scikit-learn, each from zero pods, in turns.
 * @throws {Error} When iris is not deployed, or an answer is not 200.
 */
export async function benchPods(options: Omit<RunOptions, 'model'>): Promise<PodsReport> {
  const env = readDeployEnvironment(process.env);
  const surroundings = await readSurroundings(options.root);
  const deployed = await new Kubectl(DEPLOYED_NAMESPACE).get('ksvc', 'iris');
  if (deployed === undefined) {
    throw new Error('iris is not on the cluster: run `npm run deploy -- dev` first');
  }
  const kubectl = new Kubectl(BENCH_NAMESPACE);
  const prepared = await prepare(options, env, deployed);
  await kubectl.apply([
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: BENCH_NAMESPACE } },
  ]);
  try {
    await copyWhatItReads(deployed, new Kubectl(DEPLOYED_NAMESPACE), kubectl);
    const present = prepared.flatMap(({ manifest, ...rest }) =>
      'absent' in manifest ? [] : [{ ...rest, manifest }],
    );
    await kubectl.apply(present.map(({ manifest }) => manifest));
    const services: (PodService & { readonly name: Name })[] = [];
    for (const { name, path, body } of present) {
      await kubectl.run(['wait', `ksvc/${name}`, '--for=condition=Ready', '--timeout=300s']);
      const url = await kubectl.run(['get', 'ksvc', name, '--output=jsonpath={.status.url}']);
      const { host } = new URL(url);
      const gateway = env.KNATIVE_GATEWAY;
      services.push({ name, gateway, host, path, ...(body === undefined ? {} : { body }) });
    }
    const starts = new Map<Name, PodStart[]>(services.map(({ name }) => [name, []]));
    for (let round = 1; round <= options.runs; round += 1) {
      options.onProgress(`round ${round} of ${options.runs}`);
      for (const service of inOrderOf(round, services)) {
        starts.get(service.name)?.push(await firstAnswer(kubectl, service));
      }
    }
    const rows: PodsReport['services'] = prepared.map(({ name, what, manifest }) => {
      if (typeof manifest['absent'] === 'string') return { name, what, absent: manifest['absent'] };
      const own = starts.get(name) ?? [];
      return {
        name,
        what,
        first_answer_ms: summarize(own.map(({ totalMs }) => totalMs)),
        own_ms: summarize(own.map(({ ownMs }) => ownMs)),
      };
    });
    return podsReport.parse({
      schema: 'pilotlight.bench.v1',
      kind: 'pods',
      command: options.command,
      runs: options.runs,
      ...surroundings,
      ratios: podRatios(rows),
      services: rows,
    } satisfies PodsReport);
  } finally {
    options.onProgress(`deleting the namespace ${BENCH_NAMESPACE}`);
    await kubectl.run(['delete', 'namespace', BENCH_NAMESPACE, '--wait=false']);
  }
}

async function prepare(
  { root }: Pick<RunOptions, 'root'>,
  env: Parameters<typeof goHelloImage>[1],
  deployed: ClusterObject,
): Promise<Prepared[]> {
  const [question] = await readQuestions(join(root, 'models/iris'));
  const body = Buffer.from(question?.body ?? []);
  const resources = resourcesOf(deployed);
  const built = async (
    name: Name,
    image: () => Promise<string>,
  ): Promise<ClusterObject | { readonly absent: string }> => {
    try {
      return serviceOf(name, await image(), resources);
    } catch (cause) {
      const { output = '', message = '' } = cause as { output?: string; message?: string };
      const reason = output.trim().split('\n').at(-1) ?? '';
      return { absent: `its image cannot be built: ${message} ${reason}`.slice(0, 300) };
    }
  };
  return [
    {
      name: 'pilotlight',
      what: 'iris as it is deployed, weights from MinIO',
      manifest: copyOf('pilotlight', deployed),
      path: '/predict',
      body,
    },
    {
      name: 'go-hello',
      what: 'net/http in Go, no model',
      manifest: await built('go-hello', () => goHelloImage(root, env)),
      path: '/',
    },
    {
      name: 'fastapi',
      what: 'FastAPI, uvicorn, scikit-learn; the forest in the image',
      manifest: await built('fastapi', () => fastapiImage(root, env)),
      path: '/predict',
      body,
    },
  ];
}
