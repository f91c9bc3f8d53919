import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { InvalidRequestError } from '../../../../../../functions/runtime/errors.ts';
import { readOptions } from '../../../../../../functions/serving/protocols/typed/read-options.ts';

const schema = z.object({
  top_k: z.int().min(1).max(1000).default(5),
  rate: z.number().positive().optional(),
  loud: z.boolean().default(false),
  kind: z.enum(['a', 'b']).default('a'),
  name: z.string().nullable().default(null),
});
const DEFAULTS = { top_k: 5, loud: false, kind: 'a', name: null };

describe('readOptions()', () => {
  it.each([
    ['', {}],
    ['top_k=7', { top_k: 7 }],
    ['rate=1e3', { rate: 1000 }],
    ['rate=0.25&loud=true', { rate: 0.25, loud: true }],
    ['loud=false&kind=b', { kind: 'b' }],
    ['name=5', { name: '5' }],
    ['name=a%20b+c', { name: 'a b c' }],
    ['utm_source=x&utm_source=y&top_K=9', {}],
    ['__proto__=1&constructor=2&toString=3', {}],
  ])('reads ?%s', (query, expected) => {
    expect(readOptions(schema, new URLSearchParams(query))).toEqual({ ...DEFAULTS, ...expected });
  });

  it.each([
    'top_k=',
    'top_k=0',
    'top_k=-1',
    'top_k=1.5',
    'top_k=1001',
    'top_k=abc',
    'top_k=0x10',
    'top_k=%205',
    'top_k=05',
    'top_k=1e400',
    'top_k=NaN',
    'rate=Infinity',
    'rate=1_000',
    'rate=.5',
    'loud=',
    'loud=1',
    'loud=TRUE',
    'kind=c',
    'top_k=5&top_k=5',
  ])('refuses ?%s, naming the option', (query) => {
    const name = query.split('=')[0];

    expect(() => readOptions(schema, new URLSearchParams(query))).toThrow(
      expect.objectContaining({
        constructor: InvalidRequestError,
        details: [expect.objectContaining({ path: name })],
      }),
    );
  });

  it('reads fields of a form beside the query', () => {
    const query = new URLSearchParams('loud=true');

    expect(readOptions(schema, query, [['top_k', '9']])).toMatchObject({ top_k: 9, loud: true });
  });

  it('refuses an option that is in the query and in the form', () => {
    expect(() => readOptions(schema, new URLSearchParams('top_k=9'), [['top_k', '9']])).toThrow(
      'The option "top_k" is given twice',
    );
  });

  it('reads nothing for a model without options', () => {
    expect(readOptions(undefined, new URLSearchParams('top_k=x'))).toEqual({});
  });
});
