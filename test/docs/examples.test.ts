import { expect, test } from 'vitest';

import { differences, examplesOf, outputFaults } from './support/examples.ts';

test('examples are the sh blocks, with the json block right after them', () => {
  const page = [
    '```sh\nnpm start\n```',
    '```sh\n# ask\ncurl -s a \\\n  -d b\n```\n\ntext\n\n```json\n{"a": 1}\n```',
    '```sh\nnpm test\ncurl -s c\n```',
    '```yaml\nkind: Service\n```',
  ].join('\n\n');

  expect(examplesOf(page)).toEqual([
    { line: 5, script: '# ask\ncurl -s a \\\n  -d b', output: { a: 1 } },
    { line: 17, script: 'curl -s c', output: undefined },
  ]);
});

test.each<[unknown, unknown, string[]]>([
  [{ a: 1, b: ['x'] }, { b: ['x'], a: 1 }, []],
  [{ a: 0.333333 }, { a: 0.3333334 }, []],
  [{ a: 0.333 }, { a: 0.334 }, ['$.a: 0.333 became 0.334']],
  [{ took_ms: 1.5 }, { took_ms: 99 }, []],
  [{ took_ms: 1.5 }, { took_ms: 'long' }, ['$.took_ms: 1.5 became "long"']],
  [{ a: '…' }, { a: { b: 1 } }, []],
  [{ a: '…' }, {}, ['$.a: is missing']],
  [{ a: 1 }, { a: 1, b: 2 }, ['$.b: is not on the page']],
  [{ a: 1, '…': '…' }, { a: 1, b: 2 }, []],
  [[1, '…'], [1, 2, 3], []],
  [[1, 2], [1], ['$: 2 items became 1']],
  [{ a: [{ b: 'x' }] }, { a: [{ b: 'y' }] }, ['$.a[0].b: "x" became "y"']],
  [{ a: null }, {}, ['$.a: is missing']],
  [{ a: [] }, { a: {} }, ['$.a: [] became {}']],
])('%j on the page, %j in truth: %j', (shown, actual, expected) => {
  expect(differences(shown, actual)).toEqual(expected);
});

test.each<[unknown, string, string[]]>([
  [undefined, 'text', []],
  [undefined, '{"live": true}', []],
  [undefined, '{"error": "no"}', ['an error: {"error": "no"}']],
  [{ a: 1 }, '{"a": 1}', []],
  [{ a: 1 }, 'text', ['$: {"a":1} became "text"']],
])('with %j shown, printing %j: %j', (output, printed, faults) => {
  expect(outputFaults({ output }, printed)).toEqual(faults);
});
