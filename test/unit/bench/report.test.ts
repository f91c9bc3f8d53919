import { expect, test } from 'vitest';

import { parseOrder } from '../../bench/command-line.ts';
import { inOrderOf } from '../../bench/cold/measure-cold.ts';
import { parseSmapsRollup } from '../../bench/cold/private-memory.ts';
import { ReplyReader } from '../../bench/contestants/http-exchange.ts';
import { faultOf } from '../../bench/contestants/question.ts';
import { coldRatios, largeRatios, podRatios, warmRatios } from '../../bench/report/ratios.ts';
import { median, percentile, summarize } from '../../bench/report/statistics.ts';
import { createAnswerCheck } from '../../bench/warm/answer-check.ts';

test('median and percentiles are those of the textbook', () => {
  const values = [15, 20, 35, 40, 50];

  expect(median(values)).toBe(35);
  expect(median([1, 2, 3, 10])).toBe(2.5);
  // Nearest rank, the example of https://en.wikipedia.org/wiki/Percentile.
  expect([5, 30, 40, 50, 100].map((each) => percentile(values, each))).toEqual([
    15, 20, 20, 35, 50,
  ]);
  expect(summarize([3, 1, 2])).toEqual({ median: 2, p95: 3, min: 1, max: 3 });
});

test('every contestant comes first, and after each other one', () => {
  const orders = Array.from({ length: 6 }, (_, round) =>
    inOrderOf(round, ['a', 'b', 'c']).join(''),
  );

  expect(orders).toEqual(['abc', 'bca', 'cab', 'cba', 'acb', 'bac']);
});

const summary = (value: number): { median: number; p95: number; min: number; max: number } => ({
  median: value,
  p95: value,
  min: value,
  max: value,
});

test('ratios are ours over theirs, and say whether the target is met', () => {
  const start = (name: 'pilotlight' | 'floor' | 'stock', value: number) => ({
    name,
    what: '',
    first_answer_ms: summary(value),
    all_ms: [value],
    weights: 's3' as const,
    store_requests: 1,
  });

  expect(
    coldRatios([start('pilotlight', 100), start('floor', 50), start('stock', 250)], 'iris'),
  ).toEqual([
    { of: 'first answer', to: 'floor', value: 2, target: '≤ 2', met: true },
    { of: 'first answer', to: 'stock', value: 0.4, target: '≤ 1/3', met: false },
  ]);
  expect(
    coldRatios([start('floor', 50), { name: 'pilotlight', what: '', absent: 'x' }], 'iris'),
  ).toEqual([]);
  const starts = [start('pilotlight', 100), start('stock', 250)];
  expect(coldRatios(starts, 'iris')).toMatchObject([{ target: '≤ 1/3', met: false }]);
  expect(coldRatios(starts, 'text')).toEqual([{ of: 'first answer', to: 'stock', value: 0.4 }]);
});

test('a pod has targets against Go and FastAPI, and none against what is not there', () => {
  const pod = (name: 'pilotlight' | 'go-hello', value: number) => ({
    name,
    what: '',
    first_answer_ms: summary(value),
    own_ms: summary(value),
  });
  const absent = { name: 'fastapi' as const, what: '', absent: 'no base image' };

  expect(podRatios([pod('pilotlight', 1800), pod('go-hello', 1500), absent])).toEqual([
    { of: 'first answer of a pod', to: 'go-hello', value: 1.2, target: '≤ 1.15', met: false },
  ]);
});

test('a large graph has the target of its size, against the floor', () => {
  const start = (name: 'pilotlight' | 'floor', value: number) => ({
    name,
    what: '',
    first_answer_ms: summary(value),
    all_ms: [value],
    weights: 's3' as const,
    store_requests: 1,
  });
  const contestants = [start('pilotlight', 140), start('floor', 100)];
  const sizes = [151, 14.2, 1].map((graph_mb) => ({ graph_mb, contestants }));

  expect(largeRatios(sizes)).toEqual([
    { of: 'first answer of 151 MB', to: 'floor', value: 1.4, target: '≤ 1.25', met: false },
    { of: 'first answer of 14 MB', to: 'floor', value: 1.4, target: '≤ 1.5', met: true },
    { of: 'first answer of 1 MB', to: 'floor', value: 1.4 },
  ]);
});

test('throughput has its targets at 32 connections', () => {
  const at = (name: 'pilotlight' | 'stock', rate: number) => ({
    name,
    what: '',
    points: [1, 32].map((connections) => ({
      connections,
      requests_per_second: rate,
      p50_ms: 1,
      p95_ms: 1,
      p99_ms: 1,
      answers: 1,
      refused: 0,
    })),
  });

  expect(warmRatios([at('pilotlight', 4000), at('stock', 1000)], 'iris')).toEqual([
    { of: 'requests/s at 1', to: 'stock', value: 4 },
    { of: 'requests/s at 32', to: 'stock', value: 4, target: '≥ 3.5', met: true },
  ]);
});

test('private memory is clean and dirty pages that nobody shares, in units of 10⁶ bytes', () => {
  const text = [
    'Rss:              100000 kB',
    'Shared_Clean:      50000 kB',
    'Private_Clean:      1000 kB',
    'Private_Dirty:     29000 kB',
    'Private_Hugetlb:       0 kB',
  ].join('\n');

  expect(parseSmapsRollup(text)).toEqual({
    private_mb: 30.7,
    private_dirty_mb: 29.7,
    rss_mb: 102.4,
  });
});

test('an answer is read whole, wherever its bytes are cut', () => {
  const bytes = Buffer.from('HTTP/1.1 503 No\r\nContent-Length: 5\r\n\r\nhello');
  for (let cut = 1; cut < bytes.length; cut += 1) {
    const reader = new ReplyReader();

    expect(reader.push(bytes.subarray(0, cut))).toBeUndefined();
    expect(reader.push(bytes.subarray(cut))).toEqual({
      status: 503,
      body: Buffer.from('hello'),
    });
  }
});

const question = {
  body: Buffer.from('{}'),
  expected: { prediction: 'setosa', probabilities: { setosa: 0.75, virginica: 0.25 } },
  tolerance: { absolute: 1e-5, relative: 0 },
};

test('an answer is right only with the class and all probabilities', () => {
  const right = { prediction: 'setosa', probabilities: { setosa: 0.750001, virginica: 0.25 } };
  const fault = (answer: object, status = 200): string | undefined =>
    faultOf(question, status, Buffer.from(JSON.stringify(answer)));

  expect(fault(right)).toBeUndefined();
  expect(fault(right, 500)).toContain('status 500');
  expect(fault({ ...right, prediction: 'virginica' })).toContain('wrong answer');
  expect(fault({ ...right, probabilities: { setosa: 0.76, virginica: 0.25 } })).toContain('wrong');
  expect(fault({ ...right, probabilities: { setosa: 0.75 } })).toContain('wrong answer');
  expect(fault({ prediction: 'setosa' })).toContain('wrong answer');
  expect(faultOf(question, 200, Buffer.from('no JSON'))).toContain('wrong answer');
});

test('an answer that begins as a right one is right, and no other is taken for it', () => {
  const check = createAnswerCheck(question);
  const text = (setosa: number, more: string): string =>
    `{"prediction":"setosa","probabilities":{"setosa":${setosa},"virginica":0.25}${more}}`;
  const fault = (answer: string, status = 200): string | undefined =>
    check({ status, body: Buffer.from(answer) });
  const answers = ['', ',"request_id":"a","batch_size":1', ',"request_id":"b","batch_size":32', ''];

  for (const more of answers) expect(fault(text(0.75, more))).toBeUndefined();
  expect(fault(text(0.76, ',"request_id":"c"'))).toContain('wrong answer');
  expect(fault(text(0.75, ''), 500)).toContain('status 500');
  expect(fault('{"prediction":"setosa"')).toContain('wrong answer');
  expect(fault(text(0.75, '').replace('0.25', '0.26'))).toContain('wrong answer');
});

test.each([
  [['cold'], { kind: 'cold', model: 'iris', runs: 15, out: undefined }],
  [
    ['warm', '--runs', '2', '--out', 'a.json'],
    {
      kind: 'warm',
      model: 'iris',
      instances: 1,
      connections: [1, 8, 32, 128],
      runs: 2,
      seconds: 3,
      out: 'a.json',
    },
  ],
  [
    ['warm', '--model', 'text', '--instances', '1000', '--connections', '1,2'],
    {
      kind: 'warm',
      model: 'text',
      instances: 1000,
      connections: [1, 2],
      runs: 3,
      seconds: 3,
      out: undefined,
    },
  ],
  [['large', '--runs', '3'], { kind: 'large', runs: 3, out: undefined }],
  [['health', '--seconds', '2'], { kind: 'health', runs: 3, seconds: 2, out: undefined }],
  [['pods'], { kind: 'pods', runs: 10, out: undefined }],
  [
    ['cold', '--against', 'pilotlight,litserve'],
    { kind: 'cold', model: 'iris', runs: 15, against: ['pilotlight', 'litserve'] },
  ],
  [['image', 'localhost:5000/a'], { kind: 'image', image: 'localhost:5000/a' }],
])('%j is understood', (args, order) => {
  expect(parseOrder(args)).toEqual(order);
});

test.each([
  [[]],
  [['cold', 'more']],
  [['image']],
  [['cold', '--runs', '0']],
  [['warm', '--seconds', 'x']],
  [['warm', '--instances', '0']],
  [['warm', '--model', '../iris']],
  [['cold', '--instances', '2']],
  [['large', '--model', 'text']],
  [['health', '--connections', '8']],
  [['pods', '--seconds', '2']],
  [['warm', '--against', 'triton']],
  [['warm', '--connections', '1,']],
  [['warm', '--connections', '1;2']],
])('%j is refused', (args: string[]) => {
  expect(() => parseOrder(args)).toThrow(TypeError);
});
