import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A local port that leads into the cluster. */
export interface PortForward extends AsyncDisposable {
  readonly url: string;
}

/** Where a local port is to lead. */
export interface PortForwardOptions {
  readonly namespace: string;
  /** `service/x` or `pod/y`. */
  readonly target: string;
  readonly port: number;
  /** @default that of this process */
  readonly env?: NodeJS.ProcessEnv;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/**
 * Opens a free local port to a port of the target, until it is disposed of.
 * @throws {Error} When kubectl ends before the port is open.
 */
export async function openPortForward(options: PortForwardOptions): Promise<PortForward> {
  const { namespace, target, port, env = process.env, signal } = options;
  const args = ['--namespace', namespace, 'port-forward', target, `:${port}`];
  const child = spawn('kubectl', args, { stdio: ['ignore', 'pipe', 'pipe'], env, signal });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let problem = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    problem += text;
  });
  child.on('error', (error) => {
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
