import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import type { TestS3 } from './local-s3.ts';
import { pythonVenv } from './python.ts';

const CLIENT = join(import.meta.dirname, '../integration/s3');

/** The Python of an environment with the AWS command line; undefined on a machine that can make none. */
export function awsCliPython(): Promise<string | undefined> {
  return pythonVenv(join(CLIENT, 'aws-cli-requirements.txt'));
}

/** Runs lines of the AWS command line, each as its words, in the folder `cwd`: their exit codes and what they print. */
export async function runAwsCli(
  python: string,
  { S3_ENDPOINT, ...settings }: TestS3['settings'],
  cwd: string,
  lines: readonly (readonly string[])[],
): Promise<[code: number, printed: string][]> {
  const child = spawn(python, [join(CLIENT, 'aws_cli.py')], {
    cwd,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...settings,
      AWS_DEFAULT_REGION: settings.AWS_REGION,
      AWS_ENDPOINT_URL: S3_ENDPOINT,
      AWS_CONFIG_FILE: join(cwd, 'none'),
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PAGER: '',
      PYTHONIOENCODING: 'utf-8',
      PATH: process.env['PATH'],
    },
  });
  child.stdin.end(JSON.stringify(lines));
  const ended = once(child, 'exit');
  const printed = await text(child.stdout);
  await ended;
  return JSON.parse(printed) as [number, string][];
}
