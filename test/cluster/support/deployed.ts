import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import type { Kubectl } from '../../../scripts/deploy/kubectl.ts';
import {
  knativeService,
  type KnativeService,
  withRevisionName,
} from '../../../scripts/deploy/revision.ts';

const root = join(import.meta.dirname, '../../..');

/** Runs `npm run deploy -- dev`'s program and returns what it prints. @throws When it fails. */
export async function deployDev(): Promise<string> {
  const child = spawn(process.execPath, [join(root, 'scripts/deploy.ts'), 'dev'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  if (code !== 0) throw new Error(`deploy ended with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** The Service as it stands, with everything that the cluster added taken off. */
export async function serviceOf(kubectl: Kubectl, name: string): Promise<KnativeService> {
  const object = await kubectl.get('ksvc', name);
  const { metadata, ...rest } = object ?? { metadata: { name } };
  const { namespace, labels } = metadata as { namespace?: string; labels?: object };
  const { status: _status, ...manifest } = rest as Record<string, unknown>;
  return knativeService.parse({ ...manifest, metadata: { name, namespace, labels } });
}

/** The Service with more annotations on its pods, and so with a new revision. */
export function annotated(
  service: KnativeService,
  annotations: Readonly<Record<string, string>>,
): KnativeService {
  const { template } = service.spec;
  const old = (template.metadata?.['annotations'] ?? {}) as Record<string, string>;
  const metadata = { ...template.metadata, annotations: { ...old, ...annotations } };
  return withRevisionName({
    ...service,
    spec: { ...service.spec, template: { ...template, metadata } },
  });
}

/** Names of the Service's pods that are not on their way out, oldest first. */
export async function podsOf(kubectl: Kubectl, service: string): Promise<string[]> {
  const names =
    '{{range .items}}{{if not .metadata.deletionTimestamp}}{{.metadata.name}}\n{{end}}{{end}}';
  const selector = `--selector=serving.knative.dev/service=${service}`;
  const order = '--sort-by=.metadata.creationTimestamp';
  const output = await kubectl.run([
    'get',
    'pods',
    selector,
    order,
    `--output=go-template=${names}`,
  ]);
  return output.split('\n').filter(Boolean);
}

/** Waits until no pod of the Service is left. @throws {CommandError} After 5 minutes. */
export async function untilNoPods(kubectl: Kubectl, service: string): Promise<void> {
  const selector = `--selector=serving.knative.dev/service=${service}`;
  await kubectl.run(['wait', 'pods', selector, '--for=delete', '--timeout=300s']);
}
