import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { expect, it } from 'vitest';

type Line = Readonly<Record<string, unknown>>;

function start(task: string): ChildProcess {
  const program = join(import.meta.dirname, 'fixtures/log-writer.ts');
  return fork(program, [task], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], execArgv: [] });
}

/** Every line until the end of the output, or until one that `isLast`. */
async function read(
  child: ChildProcess,
  isLast = (_line: Line): boolean => false,
): Promise<Line[]> {
  const lines: Line[] = [];
  if (child.stdout === null) throw new TypeError('It has no output');
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    if (isLast(line)) break;
  }
  return lines;
}

it('writes one JSON line per event, with its fields, and errors with their causes', async () => {
  const lines = await read(start('fields'));

  const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;
  const common = { timestamp, function: 'iris', logger: 'pilotlight' };
  expect(lines).toEqual([
    { level: 'info', ...common, message: 'plain' },
    {
      level: 'warn',
      ...common,
      logger: 'access',
      status: 503,
      text: 'a "quoted"\nline',
      message: 'with fields',
    },
    {
      level: 'error',
      ...common,
      error: {
        type: 'TypeError',
        message: 'the failure',
        stack: expect.stringContaining('log-writer.ts') as string,
        cause: expect.objectContaining({ type: 'Error', code: 'ENOENT' }) as object,
      },
      message: 'failed',
    },
    {
      level: 'info',
      ...common,
      unwritable: expect.stringContaining('circular') as string,
      message: 'a circle',
    },
  ]);
});

it('loses no line when the process exits, though the pipe was full', async () => {
  const lines = await read(start('many-then-exit'));

  const indexes = lines.map(({ index }) => Number(index)).toSorted((a, b) => a - b);
  expect(indexes).toEqual(Array.from({ length: 3000 }, (_, index) => index));
});

it('stops nobody and holds only so much while nobody reads, and says what it dropped', async () => {
  const child = start('nobody-reads');

  const [said] = (await once(child, 'message')) as [string];
  const lines = await read(child, ({ lines: dropped }) => dropped !== undefined);
  child.kill();

  expect(said).toBe('still turning');
  const last = lines.at(-1);
  expect(last).toMatchObject({ level: 'warn', message: 'log lines dropped: nobody read them' });
  const dropped = Number(last?.['lines']);
  expect(dropped).toBeGreaterThan(2000);
  expect(lines.map(({ index }) => index).slice(0, -1)).toEqual(
    Array.from({ length: 12_000 - dropped }, (_, index) => index),
  );
});
