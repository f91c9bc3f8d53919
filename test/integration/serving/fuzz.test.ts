import { afterAll, beforeAll, expect, it } from 'vitest';

import { ERROR_TABLE } from '../../../functions/runtime/errors.ts';
import { SETOSA, SETOSA_TENSOR, expectError, json, post } from '../../support/http-client.ts';
import type { Answer } from '../../support/http-client.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { startFunction } from '../../support/start-function.ts';
import type { RunningFunction } from '../../support/start-function.ts';

/** How many mutants of each body; `FUZZ_CASES=20000` for a long look. */
const CASES = Number(process.env['FUZZ_CASES'] ?? 300);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1936);

/** What careless and hostile clients put in place of something. */
const PIECES: readonly string[] = [
  'null true "" [] {} -0 1e400 -1e39 1e-400 9007199254740993 0x1 NaN "__proto__" [[[[[]]]]] [null]',
  '[1,[2]] {"__proto__":{}} "FP16" "BYTES" "INT64" [0,4] [-1,4] [2147483648,4] [1,4,1] "features"',
  '"label" {"binary_data":true} {"instances":[]} "\\ud800" \u0000',
].flatMap((line) => line.split(' '));

/** A body with a few faults in it: pieces swapped, cut out, doubled, bytes turned. */
function mutate(body: string, random: () => number): Buffer {
  const below = (bound: number): number => Math.floor(random() * bound);
  let text = body;
  for (let fault = below(4) >> 1; fault >= 0; fault -= 1) {
    const tokens = text.split(/(?<=[[\]{},:])|(?=[[\]{},:])/);
    const at = below(tokens.length);
    const piece = PIECES[below(PIECES.length)] ?? '';
    const kind = below(5);
    if (kind === 0) tokens[at] = piece;
    else if (kind === 1) tokens.splice(at, 1 + below(3));
    else if (kind === 2) tokens.splice(at, 0, tokens[below(tokens.length)] ?? '');
    else if (kind === 3)
      tokens[at] = tokens[at]?.startsWith('"') === true ? `"${below(99)}"` : piece;
    else tokens.splice(at, 0, piece, ',');
    text = tokens.join('');
  }
  const bytes = Buffer.from(text);
  if (bytes.length > 0 && below(4) === 0) bytes[below(bytes.length)] = below(256);
  return bytes;
}

const TARGETS = [
  ['/predict', SETOSA],
  ['/predict', { instances: [SETOSA, SETOSA] }],
  [
    '/v2/models/iris/infer',
    { id: 'x', inputs: [SETOSA_TENSOR], outputs: [{ name: 'label', parameters: { a: 1 } }] },
  ],
  [
    '/v2/models/iris/infer',
    {
      inputs: [
        {
          ...SETOSA_TENSOR,
          shape: [2, 4],
          data: [
            [1, 2, 3, 4],
            [5, 6, 7, 8],
          ],
        },
      ],
    },
  ],
] as const;

let server: RunningFunction;

beforeAll(async () => {
  server = await startFunction();
});

afterAll(() => server.stop());

it.each(TARGETS)('no mutant of a body for %s is more than refused (%#)', async (path, body) => {
  const random = seededRandom(SEED);
  const text = JSON.stringify(body);
  const said = new Set<string>();

  for (let start = 0; start < CASES; start += 20) {
    const mutants = Array.from({ length: Math.min(20, CASES - start) }, () => mutate(text, random));
    const answers = await Promise.all(mutants.map((mutant) => post(server.url + path, mutant)));
    for (const [index, answer] of answers.entries()) {
      said.add(expectFair(answer, path, mutants[index]?.toString('latin1') ?? ''));
    }
  }

  // Mutants that all fail alike would look at one line of the code only.
  expect(said.size).toBeGreaterThan(5);
  expect(server.isRunning()).toBe(true);
  expect(json(await post(`${server.url}/predict`, SETOSA))).toMatchObject({ prediction: 'setosa' });
  expect(server.logs.filter(({ level }) => level === 'error')).toEqual([]);
});

/** Asserts that a mutant was answered or refused, and returns what was said of it. */
function expectFair(answer: Answer, path: string, mutant: string): string {
  if (answer.status === 200) {
    expect(() => JSON.parse(answer.text) as unknown, mutant).not.toThrow();
    return 'answered';
  }
  expect(answer.status, mutant).toBe(ERROR_TABLE.INVALID_REQUEST.status);
  const form = path.startsWith('/v2') ? 'protocol' : 'typed';
  return expectError(answer, 'INVALID_REQUEST', form).message.slice(0, 40);
}
