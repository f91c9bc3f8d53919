import { type CheckContext, found, type Line, ok, skipped } from '../check.ts';
import type { FindingCode } from '../findings.ts';
import { onCluster } from './access.ts';
import { deploymentsIn } from './deployments.ts';

/** What the product is tested with. */
const TESTED_MINOR = 22;

interface Part {
  readonly label: string;
  readonly namespace: string;
  /** Deployments without which it does not work. */
  readonly needs: readonly string[];
  readonly missing: FindingCode;
  readonly notReady: FindingCode;
}

const SERVING: Part = {
  label: 'Serving',
  namespace: 'knative-serving',
  needs: ['activator', 'autoscaler', 'controller', 'webhook'],
  missing: 'SERVING_MISSING',
  notReady: 'SERVING_NOT_READY',
};
const EVENTING: Part = {
  label: 'Eventing',
  namespace: 'knative-eventing',
  needs: ['eventing-controller', 'eventing-webhook'],
  missing: 'EVENTING_MISSING',
  notReady: 'EVENTING_NOT_READY',
};

/** Whether Knative Serving is installed, ready and new enough. */
export function checkServing(context: CheckContext): Promise<readonly Line[]> {
  return onCluster(context, () => partLines(context, SERVING));
}

/** The same of Knative Eventing. */
export function checkEventing(context: CheckContext): Promise<readonly Line[]> {
  return onCluster(context, () => partLines(context, EVENTING));
}

async function partLines(context: CheckContext, part: Part): Promise<readonly Line[]> {
  const { label, namespace, needs, missing, notReady } = part;
  const deployments = await deploymentsIn(context, namespace);
  if ('problem' in deployments)
    return [skipped(`${namespace} cannot be read: ${deployments.problem}`)];
  const absent = needs.filter((name) => !deployments.some((each) => each.name === name));
  if (absent.length === needs.length) return [found(missing, `nothing of it is in ${namespace}`)];
  const faults = [
    ...absent.map((name) => `${name} is missing`),
    ...deployments.filter(({ isReady }) => !isReady).map(({ name }) => `${name} is not ready`),
  ];
  if (faults.length > 0) return [found(notReady, faults.join(', '))];
  const version = deployments.find(({ name }) => needs.includes(name))?.version ?? '';
  const minor = /^v?1\.(\d+)/.exec(version)?.[1];
  return minor !== undefined && Number(minor) < TESTED_MINOR
    ? [found('KNATIVE_OLD', `${label} ${version}`)]
    : [ok(`${label} ${version}: ${deployments.length} deployments ready`)];
}
