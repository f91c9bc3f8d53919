import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Which pods of a Service there are, as the cluster tells of them. */
export interface PodWatch extends AsyncDisposable {
  /** Those that are ready and not on their way out, oldest first. */
  readonly ready: ReadonlySet<string>;
  /** Every pod that was ready at some time. */
  readonly seen: ReadonlySet<string>;
  /** Most that were ready at once. */
  most(): number;
}

const FIELDS = [
  '{.type}',
  '{.object.metadata.name}',
  '{.object.status.conditions[?(@.type=="Ready")].status}',
  '{.object.metadata.deletionTimestamp}',
];

/** Follows the pods of a Service until it is disposed of. */
export function watchPods(namespace: string, service: string): PodWatch {
  const child = spawn(
    'kubectl',
    [
      '--namespace',
      namespace,
      'get',
      'pods',
      `--selector=serving.knative.dev/service=${service}`,
      '--watch',
      '--output-watch-events',
      `--output=jsonpath=${FIELDS.join('|')}{"\\n"}`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const closed = once(child, 'close');
  const ready = new Set<string>();
  const seen = new Set<string>();
  let most = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [type, name = '', isReady, deletedAt] = line.split('|');
    if (type === 'DELETED' || isReady !== 'True' || deletedAt !== '') ready.delete(name);
    else ready.add(name);
    if (ready.has(name)) seen.add(name);
    most = Math.max(most, ready.size);
  });
  return {
    ready,
    seen,
    most: () => most,
    async [Symbol.asyncDispose]() {
      child.kill();
      await closed;
    },
  };
}
