import { expect, it } from 'vitest';

import { InvalidRequestError } from '../../../../../../functions/runtime/errors.ts';
import {
  hasInexactIntegers,
  parseExactIntegers,
} from '../../../../../../functions/serving/protocols/tensors/exact-integers.ts';

it.each<[unknown, boolean]>([
  [[0, -1, 2 ** 53 - 1, -(2 ** 53) + 1], false],
  [[1.5, '9007199254740993', null, true], false],
  [[0, 2 ** 53], true],
  [[[[0]], [[-(2 ** 53)]]], true],
  [2 ** 60, true],
  [undefined, false],
])('%j has whole numbers that may have lost digits: %j', (data, expected) => {
  expect(hasInexactIntegers(data)).toBe(expected);
});

it('whole numbers beyond 2^53 keep their digits, as strings; all else is as JSON.parse has it', () => {
  const text =
    '{"a":[9007199254740993,-9007199254740992,[18446744073709551615]],"b":[1,9007199254740991,-0,' +
    '1e300,1e19,9007199254740993.5,1.5],"9007199254740993":"9007199254740993"}';

  expect(parseExactIntegers(text)).toEqual({
    ...(JSON.parse(text) as object),
    a: ['9007199254740993', '-9007199254740992', ['18446744073709551615']],
  });
});

it('refuses what is nested deeper than the stack', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);

  expect(() => parseExactIntegers(deep)).toThrow(InvalidRequestError);
});
