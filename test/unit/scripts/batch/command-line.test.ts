import { expect, it } from 'vitest';

import { parseCommandLine, UsageError } from '../../../../scripts/batch/command-line.ts';

it.each<[string, Record<string, unknown>]>([
  [
    'submit a.jsonl --model iris --id nightly-1 --watch',
    {
      action: 'submit',
      source: { kind: 'records', file: 'a.jsonl' },
      model: 'iris',
      id: 'nightly-1',
      watch: true,
    },
  ],
  [
    'submit --prefix in/x/ --model image --format files',
    { source: { kind: 'prefix', prefix: 'in/x/', format: 'files' }, watch: false },
  ],
  ['submit --spec job.json', { source: { kind: 'spec', file: 'job.json' } }],
  ['watch job-1', { action: 'watch', id: 'job-1' }],
  ['results job-1 --output out.jsonl', { action: 'results', output: 'out.jsonl' }],
  [
    'cancel job-1 --url http://x/batch --host b.example',
    { url: 'http://x/batch', host: 'b.example' },
  ],
  ['list', { action: 'list', limit: 20 }],
])('%s', (line, expected) => {
  expect(parseCommandLine(line.split(' '))).toMatchObject(expected);
});

it.each([
  'submit',
  'submit a.jsonl',
  'submit a.jsonl b.jsonl --model iris',
  'submit a.jsonl --prefix in/ --model iris',
  'submit --spec job.json --model iris',
  'watch',
  'watch a b',
  'watch a --watch',
  'list --limit 0',
  'list --limit 101',
  'list a',
  'resubmit a',
  'list --unknown',
])('refuses: %s', (line) => {
  expect(() => parseCommandLine(line.split(' '))).toThrow(UsageError);
});

it.each([[[]], [['--help']], [['submit', '-h']]])('%j asks for help', (args) => {
  expect(parseCommandLine(args)).toBeUndefined();
});
