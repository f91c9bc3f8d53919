import { type CheckContext, found, type Line, ok } from '../check.ts';
import type { RenderedService } from '../manifests/read-overlays.ts';
import { firstWords } from '../program.ts';
import { onCluster } from './access.ts';
import { kubectl } from './kubectl.ts';
import { type UsedOverlay, usedOverlays } from './namespaces.ts';

/**
 * Whether the API server and Knative's webhook take the Services of the overlays: a dry run, which goes
 * through all of their checks and stores nothing.
 */
export function checkDryRun(context: CheckContext): Promise<readonly Line[]> {
  return onCluster(context, async () => {
    const overlays = await usedOverlays(context);
    const lines = await Promise.all(
      overlays.flatMap((overlay) =>
        overlay.services.map((service) => dryRunLine(context, overlay, service)),
      ),
    );
    // Without the webhook every Service says the same.
    const down = lines.find((line) => line.status === 'found' && line.code === 'WEBHOOK_DOWN');
    return down === undefined ? lines : [down];
  });
}

async function dryRunLine(
  context: CheckContext,
  { namespace, exists }: UsedOverlay,
  { where, name, object }: RenderedService,
): Promise<Line> {
  // A name that is free for certain: it is the manifest that is asked about, not a change of what is there.
  const metadata = { ...(object['metadata'] as object), name: undefined, generateName: `${name}-` };
  const place = exists ? namespace : 'default';
  const input = JSON.stringify({ ...object, metadata: { ...metadata, namespace: place } });
  const args = ['create', '--dry-run=server', '--namespace', place, '--filename', '-'];
  const result = await kubectl(context, args, input);
  if (result.code === 0) return ok(`${where}: passes the API server’s checks (dry run)`);
  const words = firstWords(result);
  if (/failed calling webhook|failed to call webhook/.test(words))
    return found('WEBHOOK_DOWN', words);
  return found('SERVICE_REFUSED', `${where}: ${result.stderr.trim() || words}`);
}
