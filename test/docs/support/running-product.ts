import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readPage, ROOT } from './markdown.ts';

/** What `npm start` starts, on ports and in a data folder of its own. */
export interface RunningProduct {
  /** The command with the ports of the documentation replaced by those of this run. */
  here(command: string): string;
  /** As Ctrl-C does; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/**
 * Runs what `npm start` runs, in this clone; without npm between, which would outlive a test run that is
 * killed.
 * @param settings For its environment.
 * @throws {Error} When it ends before it can serve; the message has what it printed.
 */
export async function startProduct(
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningProduct> {
  const data = await mkdtemp(join(tmpdir(), 'pilotlight-readme-'));
  const { scripts } = JSON.parse(readPage('package.json')) as { scripts: { start: string } };
  const child = spawn('sh', ['-c', scripts.start], {
    cwd: ROOT,
    env: {
      ...process.env,
      PORT: '0',
      S3_PORT: '0',
      PILOTLIGHT_DATA: data,
      ...settings,
      // As under npm: it ends when its parent is gone.
      npm_lifecycle_event: 'start',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const ended = once(child, 'close').then(async ([code]) => {
    await rm(data, { recursive: true, force: true });
    return code as number | null;
  });
  const started = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        printed += chunk;
        if (/^s3 .*\n/m.test(printed) && /^router .*\n/m.test(printed)) resolve();
      });
    }
  });
  await Promise.race([
    started,
    ended.then((code) => {
      throw new Error(`npm start ended with ${code}:\n${printed}`);
    }),
  ]);
  const port = (name: string): string =>
    new RegExp(`^${name} http://[^:]+:(\\d+)`, 'm').exec(printed)?.[1] ?? '';
  const [router, s3] = [port('router'), port('s3')];
  return {
    here: (command) =>
      command
        .replaceAll(/\b(localhost|127\.0\.0\.1):8080\b/g, `$1:${router}`)
        .replaceAll(/\b(localhost|127\.0\.0\.1):9000\b/g, `$1:${s3}`),
    async stop() {
      child.kill('SIGINT');
      return ended;
    },
  };
}
