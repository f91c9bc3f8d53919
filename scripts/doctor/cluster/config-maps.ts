import type { CheckContext } from '../check.ts';
import { firstWords } from '../program.ts';
import { kubectl } from './kubectl.ts';

/** The data of ConfigMaps, by their names; those that are not there are left out. */
export type ConfigMaps = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** Some ConfigMaps of a namespace, or why they cannot be read. */
export async function configMapsIn(
  context: CheckContext,
  namespace: string,
  names: readonly string[],
): Promise<ConfigMaps | { readonly problem: string }> {
  const options = ['--namespace', namespace, '--ignore-not-found', '--output', 'json'];
  const result = await kubectl(context, ['get', 'configmaps', ...names, ...options]);
  if (result.code !== 0) return { problem: firstWords(result) };
  // With --ignore-not-found, nothing at all is an empty text and one alone is not in a list.
  const answer = JSON.parse(result.stdout || '{"items":[]}') as ConfigMap | { items: ConfigMap[] };
  const items = 'items' in answer ? answer.items : [answer];
  return new Map(items.map(({ metadata, data = {} }) => [metadata.name, withoutExample(data)]));
}

interface ConfigMap {
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
}

/** Knative documents its settings in a key of that name. */
function withoutExample(data: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(data).filter(([key]) => !key.startsWith('_')));
}
