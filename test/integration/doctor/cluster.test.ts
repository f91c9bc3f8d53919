import { readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { freePort } from '../../../knative/local/process/free-port.ts';
import type { Line } from '../../../scripts/doctor/check.ts';
import { CHECKS } from '../../../scripts/doctor/checks.ts';
import type { CLUSTER_FINDINGS } from '../../../scripts/doctor/findings/cluster.ts';
import { checkGateway } from '../../../scripts/doctor/cluster/gateway.ts';
import { checkRegistry } from '../../../scripts/doctor/cluster/registry.ts';
import { runChecks } from '../../../scripts/doctor/run-checks.ts';
import { type Answers, clusterWith, recorded } from './recorded-cluster.ts';
import { codesOf, contextOf, irisClone, listen, programs, ROOT } from './support.ts';

type Lines = Promise<readonly Line[]>;

const clusterChecks = CHECKS.filter(({ group }) => group === 'cluster');

/** Everything that the doctor says of a cluster, for a clone with iris alone unless another is given. */
async function diagnose(env: NodeJS.ProcessEnv, root?: string): Lines {
  const reports = await runChecks(clusterChecks, { root: root ?? (await irisClone()), env });
  return reports.flatMap(({ lines }) => [...lines]);
}

const changed = async (changes: Answers): Lines => diagnose(await clusterWith(changes));

/** A recorded answer with one text in place of another. */
function edited(file: string, from: string | RegExp, to: string): { stdout: string } {
  const text = recorded(file);
  const stdout = text.replace(from, to);
  if (stdout === text) throw new Error(`${file} has no ${String(from)}`);
  return { stdout };
}

/** A clone whose overlay sends some of iris's traffic to a tag. */
async function cloneWithTags(): Promise<string> {
  const root = await irisClone();
  const file = join(root, 'knative/base/iris/service.yaml');
  const text = await readFile(file, 'utf8');
  const traffic = '  traffic:\n    - {latestRevision: true, percent: 100, tag: canary}\n';
  await writeFile(file, text.replace('  template:\n', `${traffic}  template:\n`));
  return root;
}

const registryAt = (host: string, insecure: string): Lines =>
  checkRegistry(contextOf(ROOT, { IMAGE_REGISTRY: host, IMAGE_REGISTRY_INSECURE: insecure }));

async function plainRegistry(): Promise<string> {
  const { port } = await listen((_request, response) => response.writeHead(401).end());
  return `127.0.0.1:${port}`;
}

/** Speaks TLS and has no certificate, so every handshake ends with an alert. */
async function tlsRegistry(): Promise<string> {
  const server = createTlsServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const gatewayAt = (KNATIVE_GATEWAY: string): Lines =>
  checkGateway(contextOf(ROOT, { KNATIVE_GATEWAY }));

const READY = /"status": "True",\s+"type": "Ready"/;

/** What brings each finding out; most are one answer that differs from the recorded ones. */
const CASES: Record<keyof typeof CLUSTER_FINDINGS, () => Lines> = {
  KUBECONFIG_UNREADABLE: async () =>
    diagnose({ ...(await clusterWith()), KUBECONFIG: '/nowhere/kubeconfig' }),
  KUBECTL_MISSING: async () => diagnose({ ...(await clusterWith()), PATH: await programs({}) }),
  CLUSTER_UNREACHABLE: () =>
    changed({
      version: {
        stderr:
          'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?',
        code: 1,
      },
    }),
  CLUSTER_CREDENTIALS_REFUSED: () =>
    changed({
      version: {
        stderr:
          'error: You must be logged in to the server (the server has asked for the client to provide credentials)',
        code: 1,
      },
    }),
  KUBECTL_VERSION_APART: () =>
    changed({
      version: edited('version.json', '"gitVersion": "v1.35.4"', '"gitVersion": "v1.32.4"'),
    }),
  CLUSTER_RIGHTS_MISSING: () => changed({ mayCreateSecrets: { stdout: 'no\n', code: 1 } }),
  SERVING_MISSING: () => changed({ serving: { stdout: '' } }),
  SERVING_NOT_READY: () =>
    changed({ serving: edited('deployments-serving.txt', /(webhook +\S+ +1 +)1/, '$1<none>') }),
  EVENTING_MISSING: () => changed({ eventing: { stdout: '' } }),
  EVENTING_NOT_READY: () =>
    changed({ eventing: edited('deployments-eventing.txt', /^eventing-webhook.*\n/m, '') }),
  KNATIVE_OLD: () => changed({ serving: edited('deployments-serving.txt', /devel /g, '1.19.2') }),
  FEATURE_DISABLED: () =>
    changed({
      features: edited(
        'config-features.json',
        /(topologyspreadconstraints": ")enabled/,
        '$1disabled',
      ),
    }),
  TAG_HEADER_ROUTING_OFF: async () => {
    const features = edited(
      'config-features.json',
      /(tag-header-based-routing": ")enabled/,
      '$1disabled',
    );
    return diagnose(await clusterWith({ features }), await cloneWithTags());
  },
  WEBHOOK_DOWN: () =>
    changed({
      dryRun: {
        stderr:
          'Error from server (InternalError): error when creating "STDIN": Internal error occurred: failed calling webhook "webhook.serving.knative.dev": failed to call webhook: Post "https://webhook.knative-serving.svc:443/defaulting?timeout=10s": dial tcp 10.96.1.2:443: connect: connection refused',
        code: 1,
      },
    }),
  SERVICE_REFUSED: () =>
    changed({
      dryRun: {
        stderr:
          'Error from server (BadRequest): error when creating "STDIN": admission webhook "validation.webhook.serving.knative.dev" denied the request: validation failed: must not set the field(s): spec.template.spec.hostPID',
        code: 1,
      },
    }),
  INGRESS_CLASS_UNSET: () =>
    changed({ network: edited('config-network-domain.json', '"ingress-class"', '"other"') }),
  INGRESS_CONTROLLER_MISSING: () =>
    changed({ network: edited('config-network-domain.json', '"kourier.', '"contour.') }),
  DOMAIN_UNSET: () =>
    changed({
      network: edited('config-network-domain.json', '"localhost"', '"svc.cluster.local"'),
    }),
  BROKER_CLASS_UNSET: () =>
    changed({ brokers: edited('config-br-defaults.json', 'brokerClass', 'otherClass') }),
  BROKER_IN_MEMORY: () => changed({}),
  REGISTRY_INVALID: () => registryAt('http://registry.example', '0'),
  REGISTRY_UNREACHABLE: async () => registryAt(`127.0.0.1:${await freePort()}`, '1'),
  REGISTRY_SPEAKS_HTTP: async () => registryAt(await plainRegistry(), '0'),
  REGISTRY_SPEAKS_HTTPS: async () => registryAt(await tlsRegistry(), '1'),
  GATEWAY_UNREACHABLE: async () => gatewayAt(`http://127.0.0.1:${await freePort()}`),
  GATEWAY_FAILING: async () =>
    gatewayAt((await listen((_request, response) => response.writeHead(503).end())).url),
  SECRET_MISSING: () => changed({ secrets: edited('secrets.txt', 's3-models', 'another') }),
  SECRET_KEY_MISSING: () =>
    changed({ secrets: edited('secrets.txt', 'secret-access-key', 'secret') }),
  SERVICE_NOT_READY: () =>
    changed({ services: edited('services.json', READY, '"status": "False", "type": "Ready"') }),
  SERVICE_NOT_DEPLOYED: () => changed({ services: { stdout: '{"items": []}' } }),
};

test.each(Object.entries(CASES))('%s is found', async (code, provoke) => {
  expect(codesOf(await provoke())).toContain(code);
});

test('of the recorded cluster nothing is found but the broker in memory', async () => {
  const { port } = await listen((_request, response) => response.writeHead(404).end());
  const registry = await plainRegistry();
  const env = {
    ...(await clusterWith()),
    IMAGE_REGISTRY: registry,
    IMAGE_REGISTRY_INSECURE: '1',
    KNATIVE_GATEWAY: `http://127.0.0.1:${port}`,
  };

  const lines = await diagnose(env);

  expect(codesOf(lines)).toEqual(['BROKER_IN_MEMORY']);
  expect(lines.filter(({ status }) => status === 'skipped')).toEqual([]);
});

test('a broker over Kafka is no finding', async () => {
  const brokers = edited('config-br-defaults.json', 'MTChannelBasedBroker', 'Kafka');

  expect(codesOf(await changed({ brokers }))).toEqual([]);
});

test('tags with header routing on are no finding', async () => {
  const lines = await diagnose(await clusterWith(), await cloneWithTags());

  expect(codesOf(lines)).toEqual(['BROKER_IN_MEMORY']);
});

test('a Secret that is missing is named once, with who waits for it', async () => {
  const lines = await changed({ secrets: { stdout: '' } });

  expect(lines.flatMap((line) => (line.status === 'found' ? [line.text] : []))).toEqual(
    expect.arrayContaining([
      's3-models in pilotlight-dev, for Service iris',
      'minio-root in pilotlight-dev, for StatefulSet minio',
      'uploads-webhook in pilotlight-dev, for StatefulSet minio',
    ]),
  );
  expect(codesOf(lines).filter((code) => code === 'SECRET_MISSING')).toHaveLength(3);
});

test('without KUBECONFIG one line says so, and kubectl is not run', async () => {
  const lines = await diagnose({ PATH: await programs({ kubectl: 'exit 1' }) });

  expect(lines).toEqual([
    { status: 'skipped', text: expect.stringContaining('KUBECONFIG is not set') },
    { status: 'skipped', text: expect.stringContaining('IMAGE_REGISTRY') },
    { status: 'skipped', text: expect.stringContaining('KNATIVE_GATEWAY') },
  ]);
});

test('a cluster that cannot be reached is one failure, not ten', async () => {
  const lines = await changed({ version: { stderr: 'refused', code: 1 } });

  expect(codesOf(lines)).toEqual(['CLUSTER_UNREACHABLE']);
});

test.each([
  ['RevisionFailed', 'Container failed with exit code 78', 'refuses its settings'],
  ['RevisionFailed', 'Unable to fetch image "r/x@sha256:1"', 'image cannot be pulled'],
  ['RevisionFailed', '0/1 nodes are available: 1 Insufficient cpu.', 'no node has room'],
  ['IngressNotConfigured', 'Ingress has not yet been reconciled.', 'ingress has not taken'],
  ['SomethingNew', 'nobody knows', 'failed (SomethingNew: nobody knows)'],
])('%s: %s is put into plain words', async (reason, message, words) => {
  const condition = `"reason": "${reason}", "message": ${JSON.stringify(message)}`;
  const ready = `"status": "False", ${condition}, "type": "Ready"`;

  const lines = await changed({ services: edited('services.json', READY, ready) });

  const finding = lines.find(
    (line) => line.status === 'found' && line.code === 'SERVICE_NOT_READY',
  );
  expect(finding?.text).toContain(words);
  expect(finding?.text).toContain(message);
});
