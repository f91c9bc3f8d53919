import { expect, it } from 'vitest';

import { InvalidRequestError } from '../../../../../../functions/runtime/errors.ts';
import { checkBounds } from '../../../../../../functions/serving/protocols/open-inference/bounds.ts';

const many = (count: number): unknown[] => Array.from({ length: count }, () => 1);
const keys = (count: number): object =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]));

it.each([
  ['inputs', { inputs: many(65) }],
  ['outputs', { outputs: many(65) }],
  ['parameters', { parameters: keys(65) }],
  ['parameters', { inputs: [{ parameters: keys(65) }] }],
  ['parameters', { outputs: [{ parameters: keys(65) }] }],
  ['parameters', { parameters: many(65) }],
  ['shape', { inputs: [{ shape: many(65) }] }],
])('refuses too many entries in %s', (name, request) => {
  expect(() => checkBounds(request)).toThrow(InvalidRequestError);
  expect(() => checkBounds(request)).toThrow(`"${name}" has 65 entries`);
});

it.each([
  null,
  [],
  'inputs',
  {},
  { inputs: 'x', outputs: 3, parameters: null },
  { inputs: [null, 1, []], outputs: many(64), parameters: keys(64) },
])('leaves %j to the schema', (request) => {
  expect(() => checkBounds(request)).not.toThrow();
});
