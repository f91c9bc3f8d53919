import { describe, expect, it } from 'vitest';

import { passes } from '../../../../../knative/local/broker/filters.ts';
import type { TriggerFilter } from '../../../../../knative/local/manifests/eventing-spec.ts';

const event = {
  specversion: '1.0',
  id: '1',
  source: '/shop',
  type: 'a.b.v1',
  subject: 'in/x.jsonl',
  n: 5,
  flag: false,
};
const yes = { exact: { source: '/shop' } };
const no = { exact: { source: '/other' } };

const FILTERS: readonly (readonly [string, readonly TriggerFilter[], boolean])[] = [
  ['none', [], true],
  ['attributes: equal', [{ attributes: { type: 'a.b.v1', source: '/shop' } }], true],
  ['attributes: one differs', [{ attributes: { type: 'a.b.v1', source: '/' } }], false],
  ['attributes: empty is any', [{ attributes: { subject: '' } }], true],
  ['attributes: empty is not none', [{ attributes: { other: '' } }], false],
  ['attributes: nothing asked', [{ attributes: {} }], true],
  ['exact: all pairs', [{ exact: { type: 'a.b.v1', source: '/other' } }], false],
  ['exact: no such attribute', [{ exact: { other: 'x' } }], false],
  ['exact: a number by its text', [{ exact: { n: '5', flag: 'false' } }], true],
  ['exact: of every object', [{ exact: { constructor: 'x' } }], false],
  ['prefix', [{ prefix: { type: 'a.', subject: 'in/' } }], true],
  ['prefix: another', [{ prefix: { type: 'b' } }], false],
  ['prefix: no such attribute', [{ prefix: { other: 'x' } }], false],
  ['suffix', [{ suffix: { subject: '.jsonl' } }], true],
  ['suffix: another', [{ suffix: { subject: '.csv' } }], false],
  ['several: all must match', [yes, no], false],
  ['all', [{ all: [yes, { prefix: { type: 'a' } }] }], true],
  ['all: one does not', [{ all: [yes, no] }], false],
  ['any', [{ any: [no, yes] }], true],
  ['any: none does', [{ any: [no, no] }], false],
  ['not', [{ not: no }], true],
  ['not: it does', [{ not: yes }], false],
  ['nested', [{ not: { any: [no, { all: [yes, no] }] } }], true],
];

describe('passes()', () => {
  it.each(FILTERS)('%s', (_what, filters, expected) => {
    expect(passes(event, filters)).toBe(expected);
  });
});
