import { openPortForward, type PortForward } from './port-forward.ts';
import { runCommand } from './run-command.ts';

/** Any object of the cluster, as far as a deploy looks into it. */
export interface ClusterObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

const NO_KUBECTL = 'Put kubectl on the PATH and check KUBECONFIG: `kubectl get nodes` must answer';

/** The cluster of `KUBECONFIG`, through kubectl. */
export class Kubectl {
  readonly #namespace: string;

  constructor(namespace: string) {
    this.#namespace = namespace;
  }

  /** Runs kubectl in the namespace and returns what it prints. @throws {CommandError} */
  run(args: readonly string[], advice = NO_KUBECTL): Promise<string> {
    return runCommand('kubectl', ['--namespace', this.#namespace, ...args], { advice });
  }

  /** Creates or changes objects; says what changed, one line each. @throws {CommandError} */
  apply(objects: readonly object[], advice = NO_KUBECTL): Promise<string> {
    return this.#send('apply', objects, advice);
  }

  /**
   * Creates objects that do not exist yet. Unlike `apply` it leaves no copy of them in an annotation,
   * which matters for Secrets. @throws {CommandError}
   */
  create(objects: readonly object[]): Promise<string> {
    return this.#send('create', objects, NO_KUBECTL);
  }

  /** The object, or `undefined` when there is none. @throws {CommandError} */
  async get(kind: string, name: string): Promise<ClusterObject | undefined> {
    const text = await this.run(['get', kind, name, '--ignore-not-found', '--output', 'json']);
    return text === '' ? undefined : (JSON.parse(text) as ClusterObject);
  }

  async #send(verb: string, objects: readonly object[], advice: string): Promise<string> {
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    const args = ['--namespace', this.#namespace, verb, '--filename', '-'];
    return (await runCommand('kubectl', args, { input, advice })).trim();
  }

  /**
   * Opens a free local port to a port of `target` (`service/x`, `pod/y`), until it is disposed of.
   * @throws {Error} When kubectl ends before the port is open.
   */
  portForward(target: string, port: number): Promise<PortForward> {
    return openPortForward({ namespace: this.#namespace, target, port });
  }
}
