import type { CheckContext } from '../check.ts';
import { firstWords } from '../program.ts';
import { kubectl } from './kubectl.ts';

/** A Deployment, as far as its readiness goes. */
export interface Deployment {
  readonly name: string;
  /** Of the product that it belongs to, such as `1.22.0`. */
  readonly version: string;
  readonly isReady: boolean;
}

const COLUMNS = [
  'NAME:.metadata.name',
  String.raw`VERSION:.metadata.labels.app\.kubernetes\.io/version`,
  'WANTED:.spec.replicas',
  'AVAILABLE:.status.availableReplicas',
].join(',');

/** The Deployments of a namespace, or why they cannot be read. */
export async function deploymentsIn(
  context: CheckContext,
  namespace: string,
): Promise<readonly Deployment[] | { readonly problem: string }> {
  const columns = ['--no-headers', '--output', `custom-columns=${COLUMNS}`];
  const args = ['get', 'deployments', '--namespace', namespace, ...columns];
  const result = await kubectl(context, args);
  if (result.code !== 0) return { problem: firstWords(result) };
  return result.stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [name = '', version = '', wanted, available] = line.trim().split(/\s+/);
      // Without any the column says <none>.
      const isReady = (Number(available) || 0) >= Number(wanted);
      return { name, version, isReady };
    });
}
