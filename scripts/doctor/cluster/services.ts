import { type CheckContext, found, type Line, ok, skipped } from '../check.ts';
import { firstWords } from '../program.ts';
import { onCluster } from './access.ts';
import { kubectl } from './kubectl.ts';
import { type UsedOverlay, usedOverlays } from './namespaces.ts';
import { type Condition, whyNotReady } from './why-not-ready.ts';

interface ClusterService {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly url?: string; readonly conditions?: readonly Condition[] };
}

/** How the Services of the overlays stand on the cluster, and why where they are not ready. */
export function checkServices(context: CheckContext): Promise<readonly Line[]> {
  return onCluster(context, async () => {
    const overlays = await usedOverlays(context);
    const lines = await Promise.all(overlays.map((overlay) => overlayLines(context, overlay)));
    return lines.flat();
  });
}

async function overlayLines(
  context: CheckContext,
  { namespace, exists, services }: UsedOverlay,
): Promise<readonly Line[]> {
  const args = [
    'get',
    'services.serving.knative.dev',
    '--namespace',
    namespace,
    '--output',
    'json',
  ];
  const result = exists ? await kubectl(context, args) : undefined;
  if (result !== undefined && result.code !== 0) {
    return [skipped(`the Services of ${namespace} cannot be read: ${firstWords(result)}`)];
  }
  const { items } = JSON.parse(result?.stdout ?? '{"items":[]}') as { items: ClusterService[] };
  return services.map(({ name }) => {
    const there = items.find(({ metadata }) => metadata.name === name);
    const where = `${name} in ${namespace}`;
    if (there === undefined) return found('SERVICE_NOT_DEPLOYED', where);
    const reason = whyNotReady(there.status?.conditions ?? []);
    return reason === undefined
      ? ok(`${where} is ready at ${there.status?.url ?? 'no URL'}`)
      : found('SERVICE_NOT_READY', `${where}: ${reason}`);
  });
}
