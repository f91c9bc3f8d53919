import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';

import type { JobStatus } from '../events/jobs/job-status.ts';
import { clientOf } from './batch/address.ts';
import type { BatchClient, Submission } from './batch/client.ts';
import { parseCommandLine, USAGE, UsageError } from './batch/command-line.ts';
import type { BatchCommand } from './batch/command-line.ts';
import { statusText } from './batch/progress.ts';
import { watchJob } from './batch/watch-job.ts';
import type { Screen } from './batch/watch-job.ts';

/** npm runs us in the clone's root, wherever it was called. */
const CWD = process.env['INIT_CWD'] ?? process.cwd();
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.jsonl': 'application/x-ndjson',
  '.ndjson': 'application/x-ndjson',
};

// A reader that goes away (| head) is no failure.
process.stdout.on('error', () => process.exit(0));
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    const command = parseCommandLine(args);
    if (command === undefined) {
      process.stdout.write(USAGE);
      return 0;
    }
    return await execute(command, clientOf(command, process.env));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    process.stderr.write(cause instanceof UsageError ? `${message}\n\n${USAGE}` : `${message}\n`);
    return cause instanceof UsageError ? 64 : 1;
  }
}

async function execute(command: BatchCommand, client: BatchClient): Promise<number> {
  switch (command.action) {
    case 'submit': {
      const { status, isNew } = await client.submit(await submissionOf(command));
      process.stdout.write(`${status.id}\n`);
      if (!isNew) process.stderr.write('The same job was there already\n');
      return command.watch ? await watch(client, status.id) : 0;
    }
    case 'watch':
      return await watch(client, command.id);
    case 'results':
      await writeResults(client, command.id, command.output);
      return 0;
    case 'cancel':
      process.stdout.write(`${statusText(await client.cancel(command.id))}\n`);
      return 0;
    case 'list': {
      const { data } = await client.list(command.limit);
      for (const one of data) process.stdout.write(`${listLine(one)}\n`);
      return 0;
    }
  }
}

async function submissionOf(
  command: Extract<BatchCommand, { action: 'submit' }>,
): Promise<Submission> {
  const { source, model = '', version, id } = command;
  if (source.kind === 'spec') {
    return { kind: 'job', json: await readFile(resolve(CWD, source.file), 'utf8') };
  }
  if (source.kind === 'prefix') {
    const { prefix, format } = source;
    const job = { jobId: id, model: { name: model, version }, inputs: { format, prefix } };
    return { kind: 'job', json: JSON.stringify(job) };
  }
  const type = MEDIA_TYPES[extname(source.file).toLowerCase()];
  if (type === undefined) {
    throw new UsageError(`"${source.file}" does not end in ${Object.keys(MEDIA_TYPES).join(', ')}`);
  }
  const bytes = await readFile(resolve(CWD, source.file));
  const query = {
    model,
    ...(version === undefined ? {} : { version }),
    ...(id === undefined ? {} : { jobId: id }),
  };
  return { kind: 'records', type, bytes, query };
}

/** 0 when every record has its line. */
async function watch(client: BatchClient, id: string): Promise<number> {
  const { stderr } = process;
  const screen: Screen = {
    columns: stderr.isTTY ? stderr.columns : undefined,
    write: (text) => void stderr.write(text),
  };
  const { state } = await watchJob(client, id, screen);
  return state.startsWith('completed') ? 0 : 1;
}

async function writeResults(
  client: BatchClient,
  id: string,
  output: string | undefined,
): Promise<void> {
  const file = output === undefined ? undefined : createWriteStream(resolve(CWD, output));
  const target: Writable = file ?? process.stdout;
  for await (const piece of client.results(id))
    if (!target.write(piece)) await once(target, 'drain');
  if (file === undefined) return;
  file.end();
  await finished(file);
}

function listLine(status: JobStatus): string {
  return `${status.createdAt}  ${status.id}  ${status.model.name}  ${statusText(status)}`;
}
