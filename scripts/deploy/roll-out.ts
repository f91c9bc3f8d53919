import * as z from 'zod';

import type { Kubectl } from './kubectl.ts';
import type { KnativeService } from './revision.ts';
import { CommandError } from './run-command.ts';

/** A Service that answers. */
export interface RolledOut {
  readonly name: string;
  readonly revision: string;
  /** Its address behind the gateway. */
  readonly url: string;
}

const WAIT_SECONDS = 300;

const serviceStatus = z.looseObject({
  url: z.string().optional(),
  conditions: z
    .array(z.looseObject({ type: z.string(), status: z.string(), message: z.string().optional() }))
    .default([]),
});

/**
 * Waits until the Service's new revision gets its traffic.
 * @throws {CommandError} With the Service's own reasons and the last lines of its pods, when it does not
 *   within 5 minutes.
 */
export async function waitForService(
  kubectl: Kubectl,
  service: KnativeService,
): Promise<RolledOut> {
  const { name } = service.metadata;
  const revision = service.spec.template.metadata?.name ?? '';
  const wait = ['wait', `ksvc/${name}`, `--timeout=${WAIT_SECONDS}s`];
  try {
    await kubectl.run([...wait, `--for=jsonpath={.status.latestReadyRevisionName}=${revision}`]);
    await kubectl.run([...wait, '--for=condition=Ready']);
  } catch (cause) {
    if (!(cause instanceof CommandError)) throw cause;
    const message = `${name} is not ready: revision ${revision}. See \`kubectl describe revision ${revision}\``;
    throw new CommandError(message, await reasons(kubectl, name), { cause });
  }
  const { url } = await statusOf(kubectl, name);
  if (url === undefined) throw new Error(`Service ${name} is ready but has no URL`);
  return { name, revision, url };
}

async function statusOf(kubectl: Kubectl, name: string): Promise<z.infer<typeof serviceStatus>> {
  return serviceStatus.parse((await kubectl.get('ksvc', name))?.['status'] ?? {});
}

async function reasons(kubectl: Kubectl, name: string): Promise<string> {
  const { conditions } = await statusOf(kubectl, name);
  const faults = conditions.filter(({ status }) => status !== 'True');
  const pods = `serving.knative.dev/service=${name}`;
  const logs = await kubectl
    .run(['logs', '--selector', pods, '--container', name, '--tail', '15'])
    .catch(() => '');
  return [...faults.map(({ type, message }) => `${type}: ${message ?? ''}`), logs].join('\n');
}
