import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { goldenFile } from '../../../models/loader/package-schema.ts';

/** One flower, and what scikit-learn says of it. Plain data: it travels to the load generator. */
export interface Question {
  /** What is posted to `/predict`. */
  readonly body: string;
  readonly prediction: string;
  readonly probabilities: Readonly<Record<string, number>>;
  /** Largest difference to a probability. */
  readonly tolerance: number;
}

/** The golden file's held-out rows: 45 flowers of three species, so no answer can be guessed. */
const HELD_OUT_CASE = 2;

/** The questions of a model package with golden typed cases. */
export async function readQuestions(packageDir: string): Promise<readonly Question[]> {
  const text = await readFile(join(packageDir, 'golden.json'), 'utf8');
  const { cases, tolerance } = goldenFile.parse(JSON.parse(text));
  const { instances = [], predictions = [] } = cases[HELD_OUT_CASE] ?? {};
  return instances.map((instance, row) => ({
    ...(predictions[row] as Pick<Question, 'prediction' | 'probabilities'>),
    body: JSON.stringify(instance),
    tolerance: tolerance.absolute,
  }));
}

/** What is wrong with an answer; undefined when it is right. */
export function faultOf(question: Question, status: number, text: string): string | undefined {
  if (status !== 200) return `status ${status}: ${text.slice(0, 200)}`;
  const answer = JSON.parse(text) as Partial<Pick<Question, 'prediction' | 'probabilities'>>;
  const isRight =
    answer.prediction === question.prediction &&
    Object.entries(question.probabilities).every(
      ([name, theirs]) =>
        Math.abs((answer.probabilities?.[name] ?? Number.NaN) - theirs) <= question.tolerance,
    );
  return isRight ? undefined : `wrong answer to ${question.body}: ${text.slice(0, 200)}`;
}
