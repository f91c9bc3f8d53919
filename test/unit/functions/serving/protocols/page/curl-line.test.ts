import { execFileSync } from 'node:child_process';

import { expect, it } from 'vitest';

import { curlLine } from '../../../../../../functions/serving/protocols/page/browser/curl-line.ts';
import { requestOf } from '../../../../../../functions/serving/protocols/page/browser/request-of.ts';
import type { PageRequest } from '../../../../../../functions/serving/protocols/page/browser/request-of.ts';
import type { PageCall } from '../../../../../../functions/serving/protocols/page/page-facts.ts';

/** The words that a shell makes of the command. */
function wordsOf(request: PageRequest): string[] {
  const line = curlLine('http://localhost:8080/x/', request);
  const print = `curl() { for word in "$@"; do printf '%s\\0' "$word"; done; }; ${line}`;
  return execFileSync('sh', ['-c', print]).toString().split('\0').slice(0, -1);
}

const json = { contentType: 'application/json', deadlineMs: 0, target: 'predict' };

it.each([
  ['quotes', `it's "so"`],
  ['what a shell would run', '$(id) `id` $HOME \\ ! ; | & * ? ~'],
  ['a file by its form', '@/etc/passwd'],
  ['line ends', 'one\ntwo\n'],
  ['other letters', 'Größe 漢字 🜂'],
  ['nothing', ''],
])('keeps a body with %s as it is', (_what, body) => {
  expect(wordsOf({ ...json, body })).toEqual([
    '-s',
    'http://localhost:8080/x/predict',
    '-H',
    'content-type: application/json',
    '--data-raw',
    body,
  ]);
});

it('names files and texts of a form, whatever is in their names', () => {
  const body = [
    ['image', new File(['x'], 'my "best"; picture.jpg')],
    ['image', new File(['x'], 'plain.jpg')],
    ['text', "@it's; type=text/plain"],
  ] as const;

  expect(
    wordsOf({ target: 'predict?top_k=3', contentType: undefined, body, deadlineMs: 250 }),
  ).toEqual([
    '-s',
    'http://localhost:8080/x/predict?top_k=3',
    '-H',
    'x-request-timeout-ms: 250',
    '-F',
    String.raw`image=@"my \"best\"; picture.jpg"`,
    '-F',
    'image=@plain.jpg',
    '--form-string',
    "text=@it's; type=text/plain",
  ]);
});

it('takes a long text from a file', () => {
  expect(wordsOf({ ...json, body: 'x'.repeat(5000) }).slice(-2)).toEqual([
    '--data-binary',
    '@input.txt',
  ]);
});

const call: PageCall = {
  path: 'predict',
  description: '',
  body: 'json',
  contentType: 'application/json',
  fields: [
    { name: 'size', kind: 'number', description: '', isRequired: true },
    { name: 'name', kind: 'text', description: '', isRequired: true },
    { name: 'points', kind: 'json', description: '', isRequired: true },
    { name: 'data', kind: 'file', description: '', isRequired: true },
  ],
  options: [{ name: 'top k', kind: 'number', description: '', isRequired: false, initial: 5 }],
  sample: {},
  notes: {},
};

it('makes JSON of what is filled in, and of nothing else', async () => {
  const data = new File([Uint8Array.of(0, 255, 62)], 'x');

  const request = await requestOf(call, { size: 1e-7, points: '[[1,2', data, 'top k': 2 }, 0);

  // What is no JSON stays as it is: the function says what is wrong with it.
  expect(request.body).toBe('{"size": 1e-7, "points": [[1,2, "data": "AP8+"}');
  expect(request.target).toBe('predict?top%20k=2');
});

it('leaves out an option that is what the function takes anyway', async () => {
  expect((await requestOf(call, { 'top k': 5 }, 0)).target).toBe('predict');
});
