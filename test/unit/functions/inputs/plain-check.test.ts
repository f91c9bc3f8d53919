import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { plainCheckOf } from '../../../../functions/inputs/plain-check.ts';
import { irisInstance } from '../../../../functions/iris/request.ts';
import { textInstance } from '../../../../functions/text/request.ts';
import { seededRandom } from '../../../support/seeded-random.ts';

const plain = {
  iris: irisInstance,
  text: textInstance,
  lengths: z.strictObject({ name: z.string().min(1).max(3), is_new: z.boolean() }),
  'not strict': z.object({ a: z.number().max(2), b: z.number() }),
  // Names that every object has.
  inherited: z.strictObject({ toString: z.number(), constructor: z.string() }),
} as const;

const OWN = ['text', 'name', 'is_new', 'a', 'b', 'toString', 'constructor', '__proto__', 'more'];
const FIELDS = [...Object.keys(irisInstance.shape), ...OWN];
const NUMBERS = [0, -0, 1, 2, 3.5, 100, 100.5, -1, 1e308, Infinity, -Infinity, Number.NaN];
const VALUES = [...NUMBERS, '', 'a', 'abc', 'abcd', '1', true, null, undefined, [], {}, [1], 1n];
const OTHERS = [...VALUES, new Date(0), new Map(), Object.create(null), () => {}, Symbol('a')];

/** An object with properties that JSON could give it, mostly those of `names`. */
function someObject(random: () => number, names: readonly string[]): Record<string, unknown> {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const chosen = names.filter(() => random() < 0.95);
  if (random() < 0.2) chosen.push(pick(FIELDS));
  const friendly = random() < 0.7;
  return Object.fromEntries(
    chosen.map((name) => [
      name,
      friendly && random() < 0.9 ? pick([1, 2, 'a', true]) : pick(VALUES),
    ]),
  );
}

describe('plainCheckOf()', () => {
  it.each(Object.entries(plain))('says yes only to what zod takes as it is: %s', (_, schema) => {
    const random = seededRandom(11);
    const check = plainCheckOf(schema);
    const names = Object.keys(schema.shape);
    let accepted = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const value = someObject(random, names);
      if (check?.(value) !== true) continue;
      accepted += 1;
      expect(schema.safeParse(value)).toEqual({ success: true, data: value });
    }
    for (const value of OTHERS) expect(check?.(value)).toBe(false);
    expect(accepted).toBeGreaterThan(20);
  });

  it('says yes to a flower', () => {
    const flower = { sepal_length: 5.1, sepal_width: 0, petal_length: 100, petal_width: 0.2 };

    expect(plainCheckOf(irisInstance)?.(flower)).toBe(true);
    expect(plainCheckOf(irisInstance)?.({ ...flower, sepal_width: -0.1 })).toBe(false);
    expect(plainCheckOf(irisInstance)?.({ ...flower, more: 1 })).toBe(false);
  });

  it('leaves what an own __proto__ hides to zod', () => {
    const text = '{"__proto__":1,"sepal_width":1,"petal_length":1,"petal_width":1}';

    expect(plainCheckOf(irisInstance)?.(JSON.parse(text))).toBe(false);
  });

  it.each<[string, z.ZodType]>([
    ['a text', z.string()],
    ['a coerced number', z.strictObject({ a: z.coerce.number() })],
    ['a whole number', z.strictObject({ a: z.int() })],
    ['a number above a bound', z.strictObject({ a: z.number().gt(1) })],
    ['a number below a bound', z.strictObject({ a: z.number().lt(1) })],
    ['a multiple', z.strictObject({ a: z.number().multipleOf(2) })],
    ['a format', z.strictObject({ a: z.email() })],
    ['a pattern', z.strictObject({ a: z.string().regex(/a/) })],
    ['a text that is changed', z.strictObject({ a: z.string().trim() })],
    ['a rule of its own', z.strictObject({ a: z.number().refine((n) => n !== 3) })],
    ['a rule of the whole', z.strictObject({ a: z.number() }).refine(({ a }) => a !== 3)],
    ['what is changed', z.strictObject({ a: z.string().transform(Number) })],
    ['a default', z.strictObject({ a: z.number().default(1) })],
    ['what may be missing', z.strictObject({ a: z.number().optional() })],
    ['other keys', z.looseObject({ a: z.number() })],
    ['other keys of a kind', z.object({ a: z.number() }).catchall(z.string())],
    ['a list', z.strictObject({ a: z.array(z.number()) })],
  ])('knows no quick look for %s', (_, schema) => {
    expect(plainCheckOf(schema)).toBeUndefined();
  });
});
