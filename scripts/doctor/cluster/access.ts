import { accessSync, constants } from 'node:fs';
import { delimiter } from 'node:path';

import { type CheckContext, found, type Line, ok, skipped } from '../check.ts';
import { firstWords, type ProgramResult } from '../program.ts';
import { kubectl } from './kubectl.ts';

/** Whether there is a cluster to look at: its versions, why it cannot be reached, or why not to look. */
export type Access =
  | { readonly kind: 'up'; readonly client: string; readonly server: string }
  | { readonly kind: 'down'; readonly finding: Line }
  | { readonly kind: 'none' };

/** By environment: every check of one run asks, and one answer serves them all. */
const answers = new WeakMap<NodeJS.ProcessEnv, Promise<Access>>();
const LIMIT_MS = 9000;

/** Whether the cluster answers, is ours to use, and speaks a version that kubectl understands. */
export async function checkAccess(context: CheckContext): Promise<readonly Line[]> {
  const access = await accessOf(context);
  if (access.kind === 'none')
    return [skipped('KUBECONFIG is not set: there is no cluster to look at')];
  if (access.kind === 'down') return [access.finding];
  const { client, server } = access;
  const apart = Math.abs(minor(client) - minor(server)) > 1;
  const text = `kubectl ${client}, API server ${server}`;
  return [apart ? found('KUBECTL_VERSION_APART', text) : ok(text)];
}

/**
 * What `look` says, where there is a cluster; nothing where there is none, since the check of the access
 * says so once.
 */
export async function onCluster(
  context: CheckContext,
  look: () => Promise<readonly Line[]>,
): Promise<readonly Line[]> {
  const { kind } = await accessOf(context);
  if (kind === 'none') return [];
  return kind === 'down' ? [skipped('the cluster cannot be reached')] : look();
}

function accessOf({ env }: CheckContext): Promise<Access> {
  const known = answers.get(env);
  if (known !== undefined) return known;
  const answer = findAccess(env);
  answers.set(env, answer);
  return answer;
}

async function findAccess(env: NodeJS.ProcessEnv): Promise<Access> {
  const files = (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  if (files.length === 0) return { kind: 'none' };
  const unreadable = files.filter((file) => !isReadable(file));
  if (unreadable.length > 0) {
    return { kind: 'down', finding: found('KUBECONFIG_UNREADABLE', unreadable.join(', ')) };
  }
  const context = { env, signal: AbortSignal.timeout(LIMIT_MS) };
  const result = await kubectl(context, ['version', '--output', 'json']);
  if (result.code !== 0) return { kind: 'down', finding: whyDown(result) };
  const versions = JSON.parse(result.stdout) as {
    clientVersion: { gitVersion: string };
    serverVersion: { gitVersion: string };
  };
  return {
    kind: 'up',
    client: versions.clientVersion.gitVersion,
    server: versions.serverVersion.gitVersion,
  };
}

function whyDown(result: ProgramResult): Line {
  const words = firstWords(result);
  if (!result.started) return found('KUBECTL_MISSING', words);
  if (/error loading config file|invalid configuration/.test(words)) {
    return found('KUBECONFIG_UNREADABLE', words);
  }
  return /Unauthorized|must be logged in/.test(words)
    ? found('CLUSTER_CREDENTIALS_REFUSED', words)
    : found('CLUSTER_UNREACHABLE', words);
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function minor(version: string): number {
  return Number(/^v\d+\.(\d+)/.exec(version)?.[1] ?? 0);
}
