import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

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

/** A local port that leads into the cluster. */
export interface PortForward extends AsyncDisposable {
  readonly url: string;
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
  async portForward(target: string, port: number): Promise<PortForward> {
    const args = ['--namespace', this.#namespace, 'port-forward', target, `:${port}`];
    const child = spawn('kubectl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    let problem = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      problem += text;
    });
    child.once('error', (error) => {
      problem += error.message;
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const local = /^Forwarding from 127\.0\.0\.1:(\d+) /.exec(line)?.[1];
      if (local === undefined) continue;
      // Nobody reads on; a full pipe would stop kubectl.
      child.stdout.resume();
      return {
        url: `http://127.0.0.1:${local}`,
        async [Symbol.asyncDispose]() {
          child.kill();
          await ended;
        },
      };
    }
    throw new Error(
      `kubectl port-forward to ${target}:${port} failed: ${problem.trim()}. ` +
        'See `kubectl get pods` in the namespace',
    );
  }
}
