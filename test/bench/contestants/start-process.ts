import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { freePort } from '../../../scripts/build/free-port.ts';
import { withChildren } from '../cold/cpu-time.ts';
import type { Contestant } from './contestant.ts';

/** A contestant's process. */
export interface StartedProcess {
  readonly pid: number;
  readonly port: number;
  /** On the clock of `performance.now()`: just before it was made. */
  readonly spawnedMs: number;
  isRunning(): boolean;
  /** What it has written so far, the last of it. */
  output(): string;
  /** Kills it and all below it, and waits for their end. */
  stop(): Promise<void>;
}

const KEPT_OUTPUT = 4096;

/** Starts a contestant on a free port, which it does not have yet. */
export async function startProcess({
  command,
  args,
  env,
}: Pick<Contestant, 'command' | 'args' | 'env'>): Promise<StartedProcess> {
  const port = await freePort();
  const spawnedMs = performance.now();
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, PORT: String(port) },
  });
  let running = true;
  let output = '';
  const keep = (text: Buffer): void => {
    output = (output + text.toString()).slice(-KEPT_OUTPUT);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = once(child, 'close').finally(() => (running = false));
  // Looked at in stop(); until then a process that cannot be made shows in isRunning().
  ended.catch(keep);
  if (child.pid === undefined) await ended;
  return {
    pid: child.pid ?? 0,
    port,
    spawnedMs,
    isRunning: () => running,
    output: () => output,
    async stop() {
      // Workers of servers in Python outlive their parent, and hold its pipes.
      if (running && child.pid !== undefined) (await withChildren(child.pid)).forEach(kill);
      await ended;
    },
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (cause) {
    // It has ended meanwhile.
    if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
  }
}
