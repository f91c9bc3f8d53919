/** One condition of a Knative Service. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** What the messages of Kubernetes and Knative mean here, in plain words; the first that fits counts. */
const MEANINGS: readonly (readonly [pattern: RegExp, meaning: string])[] = [
  [
    /exit(?:ed with)? code:? 78|exit status 78/i,
    'the function refuses its settings; its log lists the faults',
  ],
  [/ModelLoad|MODEL_LOAD|s3:\/\//, 'the function cannot load its model: is it published?'],
  [/OOMKilled/, 'the container ran out of memory: raise limits.memory'],
  [
    /ImagePullBackOff|ErrImagePull|Unable to fetch image|failed to resolve image|MANIFEST_UNKNOWN/i,
    'the image cannot be pulled: is it pushed, and may the cluster read the registry?',
  ],
  [
    /Insufficient|Unschedulable|nodes are available/i,
    'no node has room for the pod: lower its requests, or add a node',
  ],
  [
    /ProgressDeadline|did not become ready|failed to become ready|Initial scale was never achieved/i,
    'no pod became ready in time; its log says why',
  ],
  [
    /secret "?[\w-]+"? not found|FailedMount/i,
    'a Secret or volume of the pod is missing; a deploy makes the Secrets',
  ],
  [/exceeded quota/i, 'the namespace’s quota is used up'],
  [/CrashLoopBackOff|exit code/i, 'the container ends by itself; its log says why'],
  [
    /IngressNotConfigured|Uninitialized/,
    'the ingress has not taken the route up: see its controller',
  ],
  [/RevisionMissing|does not have any ready Revision/i, 'there is no revision that is ready yet'],
];

/** Why a Service is not ready, in plain words with Knative's own after them; `undefined` when it is. */
export function whyNotReady(conditions: readonly Condition[]): string | undefined {
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (ready === undefined) return 'Knative has not looked at it yet: is its controller running?';
  if (ready.status === 'True') return undefined;
  const faults = conditions.filter(({ status }) => status !== 'True');
  const said = [
    ...new Set(faults.map(({ reason, message }) => [reason, message].filter(Boolean).join(': '))),
  ]
    .filter((words) => words !== '')
    .join('; ');
  const meaning = MEANINGS.find(([pattern]) => pattern.test(said))?.[1];
  const state = ready.status === 'Unknown' ? 'still on its way' : 'failed';
  return [meaning ?? state, said && `(${said})`].filter(Boolean).join(' ');
}
