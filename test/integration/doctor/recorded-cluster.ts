import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { folderWith, programs } from './support.ts';

/** What kubectl answers to one command. */
export interface Answer {
  readonly stdout?: string;
  readonly stderr?: string;
  /** @default 0 */
  readonly code?: number;
}

const RECORDED = join(import.meta.dirname, '../../fixtures/doctor/cluster');
const DEPLOYMENTS =
  '--no-headers --output custom-columns=NAME:.metadata.name,VERSION:.metadata.labels.app\\.kubernetes\\.io/version,WANTED:.spec.replicas,AVAILABLE:.status.availableReplicas';
const CONFIG_MAP_OPTIONS = '--ignore-not-found --output json';
const YES = { stdout: 'yes\n' };

/** Commands by names that tests use, in the words in which the doctor gives them. */
const COMMANDS = {
  version: 'version --output json',
  namespaces: 'get namespaces --output name',
  serving: `get deployments --namespace knative-serving ${DEPLOYMENTS}`,
  eventing: `get deployments --namespace knative-eventing ${DEPLOYMENTS}`,
  features: `get configmaps config-features --namespace knative-serving ${CONFIG_MAP_OPTIONS}`,
  network: `get configmaps config-network config-domain --namespace knative-serving ${CONFIG_MAP_OPTIONS}`,
  brokers: `get configmaps config-br-defaults --namespace knative-eventing ${CONFIG_MAP_OPTIONS}`,
  channels: `get configmaps config-br-default-channel --namespace knative-eventing ${CONFIG_MAP_OPTIONS}`,
  secrets: `get secrets --namespace pilotlight-dev --output go-template={{range .items}}{{.metadata.name}}{{range $key, $_ := .data}} {{$key}}{{end}}{{"\\n"}}{{end}}`,
  reader: 'get secret s3-models --namespace pilotlight-dev --output json',
  services: 'get services.serving.knative.dev --namespace pilotlight-dev --output json',
  dryRun: 'create --dry-run=server --namespace pilotlight-dev --filename -',
  mayCreateServices: 'auth can-i create services.serving.knative.dev --namespace pilotlight-dev',
  mayPatchServices: 'auth can-i patch services.serving.knative.dev --namespace pilotlight-dev',
  mayCreateSecrets: 'auth can-i create secrets --namespace pilotlight-dev',
  mayGetSecrets: 'auth can-i get secrets --namespace pilotlight-dev',
  mayCreatePlainServices: 'auth can-i create services --namespace pilotlight-dev',
  mayCreateStatefulSets: 'auth can-i create statefulsets.apps --namespace pilotlight-dev',
  mayForward: 'auth can-i create pods/portforward --namespace pilotlight-dev',
} as const;

/** Answers to some commands. */
export type Answers = Partial<Record<keyof typeof COMMANDS, Answer>>;

/** The text of a recorded answer. */
export function recorded(file: string): string {
  return readFileSync(join(RECORDED, file), 'utf8');
}

const HEALTHY: Record<keyof typeof COMMANDS, Answer> = {
  version: { stdout: recorded('version.json') },
  namespaces: { stdout: recorded('namespaces.txt') },
  serving: { stdout: recorded('deployments-serving.txt') },
  eventing: { stdout: recorded('deployments-eventing.txt') },
  features: { stdout: recorded('config-features.json') },
  network: { stdout: recorded('config-network-domain.json') },
  brokers: { stdout: recorded('config-br-defaults.json') },
  channels: { stdout: recorded('config-br-default-channel.json') },
  secrets: { stdout: recorded('secrets.txt') },
  // Deployments make these at random; a test that needs them brings its own.
  reader: { stdout: '{"data":{}}' },
  services: { stdout: recorded('services.json') },
  dryRun: { stdout: 'service.serving.knative.dev/iris-x created (server dry run)\n' },
  mayCreateServices: YES,
  mayPatchServices: YES,
  mayCreateSecrets: YES,
  mayGetSecrets: YES,
  mayCreatePlainServices: YES,
  mayCreateStatefulSets: YES,
  mayForward: YES,
};

/** A kubectl that finds the answer in a file named by its arguments, and fails at others. */
const KUBECTL = `
folder="$(dirname "$0")/answers"
name="$(printf %s "$*" | tr -c 'A-Za-z0-9' _)"
if [ "$3" = port-forward ]; then
  [ -f "$folder/forward" ] || { echo 'error: services "minio" not found' >&2; exit 1; }
  cat "$folder/forward"
  exec sleep 600
fi
[ "$4 $5" = "--filename -" ] || [ "$6" = "-" ] && cat > "$folder/input"
[ -f "$folder/$name.code" ] || { echo "not recorded: $*" >&2; exit 99; }
cat "$folder/$name.err" >&2
cat "$folder/$name.out"
exit "$(cat "$folder/$name.code")"`;

/**
 * The environment of a machine with a cluster that answers as recorded, but for `changes`.
 * @param forwardedPort where a port-forward to its MinIO leads; without one there is no MinIO
 */
export async function clusterWith(
  changes: Answers = {},
  forwardedPort?: number,
): Promise<NodeJS.ProcessEnv> {
  const path = await programs({ kubectl: KUBECTL });
  const answers = join(path, 'answers');
  await mkdir(answers);
  for (const [key, healthy] of Object.entries(HEALTHY)) {
    const name = key as keyof typeof COMMANDS;
    const { stdout = '', stderr = '', code = 0 } = changes[name] ?? healthy;
    const file = `${COMMANDS[name]} --request-timeout=5s`.replaceAll(/[^A-Za-z0-9]/g, '_');
    await writeFile(join(answers, `${file}.out`), stdout);
    await writeFile(join(answers, `${file}.err`), stderr);
    await writeFile(join(answers, `${file}.code`), String(code));
  }
  if (forwardedPort !== undefined) {
    const line = `Forwarding from 127.0.0.1:${forwardedPort} -> 9000\n`;
    await writeFile(join(answers, 'forward'), line);
  }
  const folder = await folderWith({ kubeconfig: 'apiVersion: v1\nkind: Config\n' });
  const system = process.env['PATH'] ?? '';
  return { PATH: `${path}:${system}`, KUBECONFIG: join(folder, 'kubeconfig') };
}
