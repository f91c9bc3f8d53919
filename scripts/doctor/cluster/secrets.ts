import { objectAt, stringAt } from '../../../knative/local/manifests/manifest.ts';
import { type CheckContext, found, type Line, ok, skipped } from '../check.ts';
import { secretUses } from '../manifests/secret-use.ts';
import { firstWords } from '../program.ts';
import { onCluster } from './access.ts';
import { kubectl } from './kubectl.ts';
import { type UsedOverlay, usedOverlays } from './namespaces.ts';

/** Kinds whose pods are made from `spec.template.spec`. */
const WORKLOADS = ['Service', 'StatefulSet', 'Deployment', 'Job'];
/** Names and keys, one Secret a line. Values stay with kubectl. */
const NAMES_AND_KEYS =
  'go-template={{range .items}}{{.metadata.name}}{{range $key, $_ := .data}} {{$key}}{{end}}{{"\\n"}}{{end}}';

/** Whether the Secrets that pods mount or read are in their namespace, with the keys that they look for. */
export function checkSecrets(context: CheckContext): Promise<readonly Line[]> {
  return onCluster(context, async () => {
    const overlays = await usedOverlays(context);
    const lines = await Promise.all(overlays.map((overlay) => overlayLines(context, overlay)));
    return lines.flat();
  });
}

async function overlayLines(
  context: CheckContext,
  { namespace, exists, manifests }: UsedOverlay,
): Promise<readonly Line[]> {
  if (!exists)
    return [skipped(`there is no namespace ${namespace} yet: a deploy makes its Secrets`)];
  const args = ['get', 'secrets', '--namespace', namespace, '--output', NAMES_AND_KEYS];
  const result = await kubectl(context, args);
  if (result.code !== 0) {
    return [skipped(`the Secrets of ${namespace} cannot be listed: ${firstWords(result)}`)];
  }
  const there = new Map(
    result.stdout.split('\n').map((line) => {
      const [name = '', ...keys] = line.split(' ');
      return [name, keys] as const;
    }),
  );
  const faults = manifests
    .map(({ object }) => object)
    .filter((object) => WORKLOADS.includes(stringAt(object, 'kind')))
    .flatMap((object) => {
      const spec = objectAt(objectAt(objectAt(object, 'spec'), 'template'), 'spec');
      const who = `${stringAt(object, 'kind')} ${stringAt(objectAt(object, 'metadata'), 'name')}`;
      return secretUses(spec).map((use) => ({ ...use, who }));
    })
    .flatMap(({ secret, key, who }): Line[] => {
      const keys = there.get(secret);
      const where = `${secret} in ${namespace}, for ${who}`;
      if (keys === undefined) return [found('SECRET_MISSING', where)];
      return key === undefined || keys.includes(key)
        ? []
        : [found('SECRET_KEY_MISSING', `${key} of ${where}`)];
    });
  // A Secret is mounted once and read by several variables.
  const distinct = [...new Map(faults.map((line) => [line.text, line])).values()];
  return distinct.length > 0
    ? distinct
    : [ok(`the Secrets that pods of ${namespace} use are there`)];
}
