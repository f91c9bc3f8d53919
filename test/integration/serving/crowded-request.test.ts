import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { SETOSA, expectError, post } from '../../support/http-client.ts';
import { startFunction } from '../../support/start-function.ts';
import type { RunningFunction } from '../../support/start-function.ts';

const MIB = 1024 * 1024;
/** A pod's heap is about half of its memory limit. */
const SMALL_HEAP = { NODE_OPTIONS: '--max-old-space-size=256' };

/** `unit` again and again between `before` and `after`, up to `size` (the limit on bodies). */
function filled(before: string, unit: string, after: string, size = 10 * MIB): string {
  const room = size - before.length - after.length;
  return before + `${unit},`.repeat(Math.floor(room / (unit.length + 1)) - 1) + unit + after;
}

/** `{"0":[],"1":[],…}` of about nine megabytes. */
function manyParameters(): string {
  return `{${Array.from({ length: 750_000 }, (_, index) => `"${index}":[]`).join(',')}}`;
}

const INPUT = '{"name":"features","shape":[1,4],"datatype":"FP32","data":[5.1,3.5,1.4,0.2]}';

describe('a body full of faults, in a process with little memory', () => {
  let server: RunningFunction;
  beforeAll(async () => {
    server = await startFunction({ env: SMALL_HEAP });
  });
  afterAll(async () => {
    await server.stop();
  });

  it.each<[string, () => string]>([
    ['objects for inputs', () => filled('{"inputs":[', '{}', ']}')],
    ['numbers for inputs', () => filled('{"inputs":[', '1', ']}')],
    ['objects for outputs', () => filled(`{"inputs":[${INPUT}],"outputs":[`, '{}', ']}')],
    ['numbers for outputs', () => filled(`{"inputs":[${INPUT}],"outputs":[`, '1', ']}')],
    ['lists for parameters', () => `{"inputs":[${INPUT}],"parameters":${manyParameters()}}`],
    [
      'lists for parameters of an input',
      () => `{"inputs":[${INPUT.replace('{', `{"parameters":${manyParameters()},`)}]}`,
    ],
    ['strings for a shape', () => filled('{"inputs":[{"name":"features","shape":[', '""', ']}]}')],
  ])('with %s is refused, and the process goes on', async (_, body) => {
    const answer = await post(`${server.url}/v2/models/iris/infer`, body());

    expectError(answer, 'INVALID_REQUEST', 'protocol');
    expect((await post(`${server.url}/predict`, SETOSA)).status).toBe(200);
  });

  it('with objects for instances is refused, and the process goes on', async () => {
    const answer = await post(`${server.url}/predict`, filled('{"instances":[', '{}', ']}'));

    expectError(answer, 'INVALID_REQUEST', 'typed');
    expect((await post(`${server.url}/predict`, SETOSA)).status).toBe(200);
  });
});

describe('large bodies together', () => {
  it('are refused above MAX_HELD_BODY_BYTES, and the rest is served', async () => {
    const env = { MAX_HELD_BODY_BYTES: String(3 * MIB), ...SMALL_HEAP };
    const server = await startFunction({ env });
    onTestFinished(async () => {
      await server.stop();
    });
    const large = filled('{"instances":[', JSON.stringify(SETOSA), ']}', 2 * MIB);

    const answers = await Promise.all(
      Array.from({ length: 6 }, () => post(`${server.url}/predict`, large)),
    );

    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) expectError(answer, 'QUEUE_FULL', 'typed');
    expect(answers.filter(({ status }) => status === 200).length).toBe(6 - refused.length);
    expect((await post(`${server.url}/predict`, SETOSA)).status).toBe(200);
  });
});
