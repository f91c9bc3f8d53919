import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { goldenFile } from '../../../models/loader/package-schema.ts';
import { requireClose } from '../../../scripts/build/self-test-requests.ts';
import type { Tolerance } from '../../../scripts/build/self-test-requests.ts';

/** One request, and what the original framework answers. Plain data: it travels to the load generator. */
export interface Question {
  /** What is posted to `/predict`, in JSON: pictures in base64, which all contestants can read. */
  readonly body: Uint8Array;
  /** What must be in the answer; it may have more. */
  readonly expected: Readonly<Record<string, unknown>>;
  readonly tolerance: Tolerance;
}

/** Of iris the 45 held-out flowers, so no answer can be guessed; its other cases are for proofs. */
const ONLY_CASE: Readonly<Record<string, number>> = { iris: 2 };

interface Row {
  readonly instance: unknown;
  readonly prediction: unknown;
}

/**
 * The questions of a model package with golden typed cases, one instance each; so many of them in every
 * request when `instances` is above 1, taken in turn.
 * @throws {Error} When the package has no typed cases.
 */
export async function readQuestions(
  packageDir: string,
  instances = 1,
): Promise<readonly Question[]> {
  const text = await readFile(join(packageDir, 'golden.json'), 'utf8');
  const { cases, tolerance } = goldenFile.parse(JSON.parse(text));
  const only = ONLY_CASE[basename(packageDir)];
  const chosen = only === undefined ? cases : cases.slice(only, only + 1);
  const rows: Row[] = chosen.flatMap(({ instances: asked = [], predictions = [] }) =>
    asked.map((instance, row) => ({ instance, prediction: predictions[row] })),
  );
  if (rows.length === 0) throw new Error(`${packageDir} has no golden instances to ask`);
  if (instances === 1) {
    return rows.map(({ instance, prediction }) => ({
      body: json(instance),
      expected: prediction as Question['expected'],
      tolerance,
    }));
  }
  const many = Array.from({ length: instances }, (_, row) => rows[row % rows.length]);
  return [
    {
      body: json({ instances: many.map((row) => row?.instance) }),
      expected: { predictions: many.map((row) => row?.prediction) },
      tolerance,
    },
  ];
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** What is wrong with an answer; undefined when it is right. */
export function faultOf(question: Question, status: number, answer: Buffer): string | undefined {
  const text = answer.toString();
  if (status !== 200) return `status ${status}: ${text.slice(0, 200)}`;
  const { body, expected, tolerance } = question;
  try {
    requireClose(JSON.parse(text), expected, tolerance, 'answer');
    return undefined;
  } catch (cause) {
    const asked = Buffer.from(body.subarray(0, 200)).toString();
    return `wrong answer to ${asked}: ${text.slice(0, 200)}: ${String(cause)}`;
  }
}
