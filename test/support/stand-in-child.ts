import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import type { TestS3 } from './local-s3.ts';

/** A local S3 in a process that a test may kill; disposing kills it. */
export interface StandInChild extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly settings: TestS3['settings'];
}

/** Starts the local S3 over `dataDir` in a process of its own; the webhook's name is `HOOK`. */
export async function startChild(dataDir: string, webhook?: string): Promise<StandInChild> {
  const script = join(import.meta.dirname, 'run-stand-in.ts');
  const child = spawn(
    process.execPath,
    [script, dataDir, '0', ...(webhook === undefined ? [] : [webhook])],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  // A test that fails before it disposes of the child must not leave it behind.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    child,
    settings: {
      S3_ENDPOINT: line.toString().trim(),
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'secret',
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
