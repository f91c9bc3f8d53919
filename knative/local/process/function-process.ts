import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import type { Readiness } from '../manifests/read-services.ts';
import { readLines } from './lines.ts';
import { untilAnswering, untilReady } from './probe.ts';
import type { Watchdog } from './watchdog.ts';

/** A program and its arguments. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

/** Where lines of a process go. */
export type LineSink = (stream: 'stdout' | 'stderr', line: string) => void;

/** How to start one function process. */
export interface FunctionProcessOptions {
  readonly program: Command;
  readonly env: Readonly<Record<string, string>>;
  /** Where it will listen on 127.0.0.1. */
  readonly port: number;
  /** Where it will serve its metrics on 127.0.0.1. */
  readonly metricsPort: number | undefined;
  readonly readiness: Readiness;
  /** After SIGTERM, how long it may take before SIGKILL. */
  readonly stopTimeoutMs: number;
  readonly watchdog: Watchdog;
  readonly onLine: LineSink;
}

/** How a process ended: what it left, in words for people. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Its last line, empty when it said nothing. */
  readonly lastLine: string;
}

/** One running function process. */
export interface FunctionProcess {
  /** `undefined` when the program could not be started at all. */
  readonly pid: number | undefined;
  readonly port: number;
  readonly metricsPort: number | undefined;
  /** Keeps connections to it open between requests. */
  readonly agent: Agent;
  /** Resolves true once it is ready, false when it exits before. Never rejects. */
  readonly ready: Promise<boolean>;
  /** Resolves as soon as it is gone; its last lines may still come. Never rejects. */
  readonly died: Promise<void>;
  /** Resolves when it is gone and all its lines have been read. Never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** Resolves true once it answers a request, false when it is gone before. Never rejects. */
  answers(): Promise<boolean>;
  /** SIGTERM, then SIGKILL when it takes too long; resolves when it is gone. Calls after the first wait. */
  stop(): Promise<void>;
  /** SIGKILL now. */
  kill(): void;
}

/** How long to wait for the last output of a process that has exited. */
const LAST_LINES_MS = 500;

/** Starts one function process and watches for its readiness. */
export function startFunctionProcess(options: FunctionProcessOptions): FunctionProcess {
  const { port, watchdog } = options;
  const child = spawn(options.program.command, options.program.args, {
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A session of its own: Ctrl-C in the terminal reaches only us, and we drain in order.
    detached: true,
  });
  const { pid } = child;
  if (pid !== undefined) watchdog.add(pid);

  const agent = new Agent({ keepAlive: true });
  const gone = new AbortController();
  const died = once(child, 'exit').then(
    () => undefined,
    // Not even started.
    () => undefined,
  );
  const exited = watchExit(child, options.onLine).then((exit) => {
    if (pid !== undefined) watchdog.drop(pid);
    gone.abort();
    agent.destroy();
    return exit;
  });
  const ready = untilReady(port, options.readiness, gone.signal).then(
    () => true,
    () => false,
  );

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    signalGroup(child, 'SIGTERM');
    const late = setTimeout(() => signalGroup(child, 'SIGKILL'), options.stopTimeoutMs);
    await exited;
    clearTimeout(late);
  };
  return {
    pid,
    port,
    metricsPort: options.metricsPort,
    agent,
    ready,
    died,
    exited,
    answers: () =>
      untilAnswering(port, options.readiness, gone.signal).then(
        () => true,
        () => false,
      ),
    stop: () => (stopping ??= stop()),
    kill: () => signalGroup(child, 'SIGKILL'),
  };
}

async function watchExit(child: ChildProcess, onLine: LineSink): Promise<ProcessExit> {
  let lastLine = '';
  const remember = (stream: 'stdout' | 'stderr', line: string): void => {
    if (line.trim() !== '') lastLine = line;
    onLine(stream, line);
  };
  if (child.stdout) readLines(child.stdout, (line) => remember('stdout', line));
  if (child.stderr) readLines(child.stderr, (line) => remember('stderr', line));
  const closed = once(child, 'close').catch(() => undefined);
  try {
    await once(child, 'exit');
  } catch (cause) {
    // The program itself could not be started: `error` instead of an exit.
    return { code: null, signal: null, lastLine: (cause as Error).message };
  }
  // The last lines arrive with `close`; something the process started could keep its output open for ever.
  const giveUp = new AbortController();
  await Promise.race([
    closed,
    delay(LAST_LINES_MS, undefined, { signal: giveUp.signal, ref: false }),
  ]);
  giveUp.abort();
  return { code: child.exitCode, signal: child.signalCode, lastLine };
}

/** SIGTERM is for the process, which drains; SIGKILL for all that it started. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(signal === 'SIGKILL' ? -child.pid : child.pid, signal);
  } catch {
    // It went away in between.
  }
}
