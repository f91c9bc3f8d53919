import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** One thing that is held true of the clone. */
export interface Step {
  readonly name: string;
  /** Resolves with what is wrong, for people; empty when nothing is. */
  readonly run: () => Promise<string>;
}

/** A step that is a program: right when it exits with 0, otherwise its output says what is wrong. */
export function programStep(
  name: string,
  cwd: string,
  [command, ...args]: readonly [string, ...string[]],
): Step {
  return {
    name,
    async run() {
      const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
      }
      const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
      return code === 0 ? '' : `${output.trimEnd()}\n${command} ended with ${code ?? signal}`;
    },
  };
}

/** A step of our own: each line it gives is a fault. */
export function ownStep(
  name: string,
  findFaults: () => readonly string[] | Promise<readonly string[]>,
): Step {
  return { name, run: async () => (await findFaults()).join('\n') };
}

/**
 * Runs all steps at once; says of each, as it ends, whether it holds and how long it took, and after that
 * what is wrong where something is. True when everything holds.
 */
export async function runSteps(
  steps: readonly Step[],
  say: (text: string) => void,
): Promise<boolean> {
  const failures: string[] = [];
  const width = Math.max(...steps.map(({ name }) => name.length));
  await Promise.all(
    steps.map(async ({ name, run }) => {
      const startedMs = performance.now();
      // A step that breaks has not shown that its rule holds.
      const fault = await run().catch((cause: unknown) => String((cause as Error).stack ?? cause));
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
      say(`${fault === '' ? 'ok    ' : 'FAILED'} ${name.padEnd(width)} ${seconds.padStart(5)} s\n`);
      if (fault !== '') failures.push(`\n--- ${name}\n${fault}\n`);
    }),
  );
  for (const failure of failures) say(failure);
  return failures.length === 0;
}
