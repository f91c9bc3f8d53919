import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { goldenFile } from '../../../../models/loader/package-schema.ts';
import { expectError, json, post } from '../../../support/http-client.ts';
import { startFunction } from '../../../support/start-function.ts';
import type { RunningFunction } from '../../../support/start-function.ts';

interface Prediction {
  readonly prediction: string;
  readonly confidence: number;
  readonly probabilities: Readonly<Record<string, number>>;
}

const ROOT = join(import.meta.dirname, '../../../..');
const golden = goldenFile.parse(
  JSON.parse(readFileSync(join(ROOT, 'models/text/golden.json'), 'utf8')),
);
const SHIPPED_LATE = 'The courier lost my parcel';

let server: RunningFunction;
beforeAll(async () => {
  server = await startFunction({ env: { FUNCTION_TARGET: 'text', MODEL_URI: 'file:models/text' } });
});
afterAll(() => server?.stop());

const predict = (body: unknown) => post(`${server.url}/predict`, body);
async function predictOne(text: string): Promise<Prediction> {
  const answer = await predict({ text });
  expect([answer.status, answer.text.slice(0, 500)]).toEqual([200, expect.any(String)]);
  return json<Prediction>(answer);
}

/** The share of each topic in training, which naive Bayes falls back to. */
const nothingKnown = async (): Promise<Prediction['probabilities']> =>
  (await predictOne('')).probabilities;

describe('text over HTTP', () => {
  it('answers its sample', async () => {
    const sample = JSON.parse(readFileSync(join(ROOT, 'functions/text/sample.json'), 'utf8')) as {
      text: string;
    };

    const { prediction, confidence, probabilities } = await predictOne(sample.text);

    expect(prediction).toBe('delivery');
    expect(probabilities['delivery']).toBe(confidence);
    const sum = Object.values(probabilities).reduce((total, each) => total + each, 0);
    expect(sum).toBeCloseTo(1, 5);
  });

  it('answers what scikit-learn answers, on the typed route and by the protocol', async () => {
    for (const { inputs, outputs, instances = [], predictions = [] } of golden.cases) {
      const typed = json<{ predictions: Prediction[] }>(await predict({ instances }));
      const raw = json<{ outputs: { name: string; data: number[] }[] }>(
        await post(`${server.url}/v2/models/text/infer`, { inputs }),
      );

      expect(typed.predictions).toHaveLength(instances.length);
      for (const [row, ours] of typed.predictions.entries()) {
        const theirs = predictions[row] as unknown as Prediction;
        expect(ours.prediction).toBe(theirs.prediction);
        for (const [topic, probability] of Object.entries(theirs.probabilities)) {
          expect(ours.probabilities[topic]).toBeCloseTo(probability, 5);
        }
      }
      for (const { name, data } of outputs) {
        const own = raw.outputs.find((output) => output.name === name)?.data ?? [];
        expect(own).toHaveLength(data.length);
        data.forEach((value, index) => expect(own[index]).toBeCloseTo(Number(value), 5));
      }
    }
  });

  it.each([
    ['an empty text', ''],
    ['spaces of all kinds', ' \t\n\r\u00a0\u2003\u3000\ufeff\u0085'],
    ['emoji', '😡👨‍👩‍👧‍👦🇺🇳👍🏽'],
    ['Arabic and Hebrew, with marks of direction', '\u202eأين طردي؟\u202c איפה החבילה\u200f'],
    ['Chinese', '我的包裹在哪里'],
    ['half of a surrogate pair', '\ud83d'],
    ['a megabyte of one letter', '好'.repeat(349_525)],
    ['a megabyte of combining marks', '\u0301'.repeat(524_288)],
  ])('tells nothing from %s: each topic as often as in training', async (_, text) => {
    const { probabilities, confidence } = await predictOne(text);

    expect(probabilities).toEqual(await nothingKnown());
    expect(confidence).toBeLessThan(0.2);
  });

  it.each([
    ['after emoji', `😡😡😡 ${SHIPPED_LATE} 😡`],
    ['amid a right-to-left text', `شكرا \u200f${SHIPPED_LATE}\u200e שלום`],
    ['in capitals', SHIPPED_LATE.toUpperCase()],
    ['a megabyte long', `${SHIPPED_LATE}! `.repeat(37_000)],
    ['at the end of a megabyte of nothing', `${' '.repeat(1_000_000)}${SHIPPED_LATE}`],
  ])('reads a letter %s', async (_, text) => {
    expect((await predictOne(text)).prediction).toBe('delivery');
  });

  it('answers 1,000 letters in one request, each as if it came alone', async () => {
    const letters = ['lost parcel', 'reset my password', 'pay the invoice', ''];
    const alone = await Promise.all(letters.map(predictOne));
    const instances = Array.from({ length: 1000 }, (_, row) => ({ text: letters[row % 4] }));

    const answer = json<{ predictions: Prediction[] }>(await predict({ instances }));

    expect(answer.predictions).toHaveLength(1000);
    for (const [row, { prediction, confidence }] of answer.predictions.entries()) {
      expect(prediction).toBe(alone[row % 4]?.prediction);
      expect(confidence).toBeCloseTo(alone[row % 4]?.confidence ?? 0, 5);
    }
  });

  it.each<[string, unknown]>([
    ['no text', {}],
    ['a number', { text: 5 }],
    ['null', { text: null }],
    ['too long a text', { text: 'x'.repeat(1_048_577) }],
    ['an unknown key', { text: 'x', lang: 'en' }],
    ['more than 1,000 letters', { instances: Array.from({ length: 1001 }, () => ({ text: '' })) }],
    ['very many letters', { instances: Array.from({ length: 500_000 }, () => ({ text: '' })) }],
    ['a list as the text', [{ text: 'x' }]],
  ])('refuses %s', async (_, body) => {
    expectError(await predict(body), 'INVALID_REQUEST', 'typed');
  });

  it('names the letter that is at fault', async () => {
    const answer = await predict({ instances: [{ text: 'a' }, { text: 7 }] });

    expect(expectError(answer, 'INVALID_REQUEST', 'typed').details).toEqual([
      expect.objectContaining({ instance: 1, path: 'text' }),
    ]);
  });

  it('describes its features by the protocol', async () => {
    const answer = await fetch(`${server.url}/v2/models/text`);

    expect(await answer.json()).toMatchObject({
      inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 4096] }],
      outputs: [
        { name: 'label', datatype: 'INT64', shape: [-1] },
        { name: 'probabilities', datatype: 'FP32', shape: [-1, 6] },
      ],
    });
  });
});
