import { type CheckContext, found, type Line, ok, skipped } from '../check.ts';
import { onCluster } from './access.ts';
import { kubectl } from './kubectl.ts';
import { deployNamespace } from './namespaces.ts';

/** What `npm run deploy` does, as `kubectl auth can-i` asks for it. */
const NEEDED = [
  'create services.serving.knative.dev',
  'patch services.serving.knative.dev',
  'create secrets',
  'get secrets',
  'create services',
  'create statefulsets.apps',
  'create pods/portforward',
] as const;

/** Whether the credentials of `KUBECONFIG` may do what a deploy does. */
export function checkRights(context: CheckContext): Promise<readonly Line[]> {
  return onCluster(context, async () => {
    const { name, exists } = await deployNamespace(context);
    const wanted = exists ? NEEDED : [...NEEDED, 'create namespaces' as const];
    const answers = await Promise.all(wanted.map((right) => mayDo(context, right, name)));
    const missing = wanted.filter((_right, index) => answers[index] === 'no');
    if (missing.length > 0) {
      return [found('CLUSTER_RIGHTS_MISSING', `in ${name}: ${missing.join(', ')}`)];
    }
    return answers.includes('unknown')
      ? [skipped('the API server does not say what we may do')]
      : [ok(`may do in ${name} what a deploy does`)];
  });
}

async function mayDo(
  context: CheckContext,
  right: string,
  namespace: string,
): Promise<'yes' | 'no' | 'unknown'> {
  const args = ['auth', 'can-i', ...right.split(' '), '--namespace', namespace];
  const { stdout } = await kubectl(context, args);
  // A warning that a resource is not namespaced may stand before.
  const word = stdout.trim().split('\n').at(-1);
  return word === 'yes' || word === 'no' ? word : 'unknown';
}
