import * as z from 'zod';

import { ANALYZERS } from './find-terms.ts';

// Lists of thousands: zod's own way, a fault noted per entry, costs a cold start 15 ms.
const runs = listOf<number>(
  'whole numbers from 0',
  (entry) => Number.isInteger(entry) && entry >= 0,
);
const integers = listOf<number>('whole numbers', Number.isInteger);
const numbers = listOf<number>('numbers', Number.isFinite);
const strings = listOf<string>('texts', (entry) => typeof entry === 'string' && entry !== '');

const part = z
  .strictObject({
    name: z.string().min(1),
    analyzer: z.enum(ANALYZERS),
    /** The shortest and the longest n-gram. */
    ngram_range: z
      .tuple([z.int().min(1).max(32), z.int().min(1).max(32)])
      .refine(([min, max]) => min <= max, { message: 'must rise' }),
    /** Whether a term counts 1 + log(n) instead of n. */
    sublinear_tf: z.boolean(),
    /** In the order of the columns. */
    terms: strings.refine((terms) => terms.length > 0, { message: 'must not be empty' }),
    /** One per term. */
    idf: numbers,
  })
  .refine(({ terms, idf }) => terms.length === idf.length, {
    message: 'must have as many numbers as there are terms',
    path: ['idf'],
  });

const vocabularyFile = z.strictObject({
  format: z.literal('pilotlight-tfidf-1'),
  unicode: z.strictObject({
    version: z.string(),
    word: runs,
    space: runs,
    cased: runs,
    case_ignorable: runs,
    lower: integers.refine((list) => list.length % 4 === 0, {
      message: 'must be runs of four numbers',
    }),
    lower_special: z.record(z.string().regex(/^\d{1,7}$/), z.string().min(1)),
  }),
  parts: z.array(part).min(1),
});

/**
 * `vocabulary.json`: which scikit-learn TfidfVectorizers, joined by a FeatureUnion, make a text's columns,
 * in which Unicode version. Lower-cased, no accents stripped, no stop words, norm `l2`.
 */
export type Vocabulary = z.infer<typeof vocabularyFile>;

/**
 * The parsed `vocabulary.json` in `bytes`.
 * @throws {TypeError} When it is not JSON, or not in this form; names the first faults.
 */
export function parseVocabulary(bytes: Uint8Array): Vocabulary {
  const parsed = vocabularyFile.safeParse(jsonOf(bytes), { jitless: true });
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
  throw new TypeError(`the vocabulary is not valid: ${faults.join('; ')}`);
}

function listOf<T>(what: string, isOne: (entry: T) => boolean): z.ZodType<readonly T[]> {
  const isList = (value: unknown): boolean => Array.isArray(value) && value.every(isOne);
  return z.custom<readonly T[]>(isList, { message: `must be a list of ${what}` });
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (cause) {
    throw new TypeError('the vocabulary is not JSON', { cause });
  }
}
