import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';

/** A Node program of ours as a child process, with its output. */
export interface RunningProgram extends AsyncDisposable {
  readonly pid: number;
  /** Everything that it has written so far. */
  output(): string;
  /** Resolves with the match once the output has one; rejects when it ends without. */
  wrote(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** Starts `args` with this Node; `env` comes on top of a small environment. */
export function runProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningProgram {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, args, {
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const heard = new EventEmitter();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      heard.emit('output');
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => {
    heard.emit('output');
    return (code ?? signal) as number | NodeJS.Signals;
  });
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    pid: child.pid ?? 0,
    output: () => output,
    async wrote(pattern) {
      for (;;) {
        const match = pattern.exec(output);
        if (match) return match;
        if (isOver()) throw new Error(`ended without writing ${String(pattern)}:\n${output}`);
        await once(heard, 'output');
      }
    },
    kill: (signal) => void child.kill(signal),
    ended,
    async [Symbol.asyncDispose]() {
      if (!isOver()) child.kill('SIGKILL');
      await ended;
    },
  };
}
