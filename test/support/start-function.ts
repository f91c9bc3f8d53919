import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { buildFunction } from '../../scripts/build/build-function.ts';
import { freePort } from '../../scripts/build/free-port.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const START_TIMEOUT_MS = 30_000;

/** The ways to run a function: the sources, the framework's own command, the bundle of the image. */
export type Via = 'main' | 'framework' | 'bundle';

/** One line of a function's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly message?: string };

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A function's process. */
export interface FunctionProcess {
  readonly pid: number;
  readonly logs: readonly LogLine[];
  /** All of standard error so far. */
  stderr(): string;
  /** The first log line, of the past too, with this message; rejects when the process ends without one. */
  logged(message: string, where?: (line: LogLine) => boolean): Promise<LogLine>;
  /** Resolves when it has ended and all its output is read. */
  readonly exited: Promise<Exit>;
  isRunning(): boolean;
  kill(signal: NodeJS.Signals): void;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Exit>;
}

/** A function that is ready. */
export interface RunningFunction extends FunctionProcess {
  readonly url: string;
  readonly port: number;
}

/** What to start, and with what. */
export interface StartOptions {
  /** Beside `FUNCTION_TARGET`, `MODEL_URI` and `HOST`; undefined takes one of these away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** @default 'main' */
  readonly via?: Via;
}

/** Starts iris with the package of this clone on a free port and waits until it is ready. */
export async function startFunction(options: StartOptions = {}): Promise<RunningFunction> {
  // The framework's command does not say which port it took, so it is given one.
  const given = options.via === 'framework' ? String(await freePort()) : '0';
  const child = await spawnFunction({ ...options, env: { PORT: given, ...options.env } });
  try {
    const { port } =
      options.via === 'framework' ? await frameworkPort(child, given) : await child.logged('ready');
    return { ...child, port: Number(port), url: `http://127.0.0.1:${String(port)}` };
  } catch (cause) {
    await child.stop('SIGKILL');
    throw cause;
  }
}

/** Starts iris and does not wait: for processes that fail, or that are not ready for a while. */
export async function spawnFunction(options: StartOptions = {}): Promise<FunctionProcess> {
  const { command, args } = await programOf(options.via ?? 'main');
  const child = spawn(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Nothing of the tests' own environment but what programs need to be found.
    env: {
      PATH: process.env['PATH'],
      FUNCTION_TARGET: 'iris',
      MODEL_URI: 'file:models/iris',
      HOST: '127.0.0.1',
      PORT: '0',
      NODE_ENV: 'production',
      ...options.env,
    },
  });
  return observe(child);
}

async function programOf(via: Via): Promise<{ command: string; args: string[] }> {
  switch (via) {
    case 'main':
      return { command: process.execPath, args: [join(ROOT, 'functions', 'main.ts')] };
    case 'bundle':
      return buildFunction('iris');
    case 'framework': {
      // What npx runs, without npx between us and its signals.
      const bin = join(ROOT, 'node_modules', '.bin', 'functions-framework');
      return { command: process.execPath, args: [bin, '--target=iris'] };
    }
  }
}

function observe(child: ChildProcess): FunctionProcess {
  const { pid, stdout, stderr } = child;
  if (pid === undefined || stdout === null || stderr === null) {
    throw new Error('The process did not start');
  }
  const logs: LogLine[] = [];
  const changes = new EventEmitter().setMaxListeners(0);
  let errors = '';
  let ended = false;
  createInterface({ input: stdout }).on('line', (line) => {
    logs.push(parseLine(line));
    changes.emit('change');
  });
  stderr.on('data', (text: Buffer) => (errors += text.toString()));
  const exited = once(child, 'close').then(([code, signal]): Exit => {
    ended = true;
    changes.emit('change');
    return { code: code as number | null, signal: signal as NodeJS.Signals | null };
  });
  const story = (): string => `${logs.map((line) => JSON.stringify(line)).join('\n')}\n${errors}`;
  return {
    pid,
    logs,
    stderr: () => errors,
    async logged(message, where = () => true) {
      const timeout = AbortSignal.timeout(START_TIMEOUT_MS);
      for (;;) {
        const found = logs.find((line) => line.message === message && where(line));
        if (found !== undefined) return found;
        if (ended) throw new Error(`The function ended without logging "${message}":\n${story()}`);
        await once(changes, 'change', { signal: timeout }).catch((cause: unknown) => {
          throw new Error(`The function did not log "${message}":\n${story()}`, { cause });
        });
      }
    },
    exited,
    isRunning: () => !ended,
    kill: (signal) => void child.kill(signal),
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}

/** A line of the log; what is not JSON is a message of somebody else's. */
function parseLine(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { message: line };
  }
}

/** The framework logs no port of ours, and says that it listens only outside production. */
async function frameworkPort(child: FunctionProcess, port: string): Promise<LogLine> {
  await untilAccepted(child, Number(port));
  return { port };
}

/** Resolves once `port` takes connections; rejects when the process ends first. */
export async function untilAccepted(child: FunctionProcess, port: number): Promise<void> {
  const deadline = AbortSignal.timeout(START_TIMEOUT_MS);
  while (child.isRunning()) {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer !== undefined) return;
    deadline.throwIfAborted();
  }
  throw new Error(`The function ended before it listened:\n${child.stderr()}`);
}
