import { describe, expect, it } from 'vitest';

import { parsePolicy } from '../../../../../../knative/local/s3/form/policy.ts';

const expiration = '2030-01-01T00:00:00Z';

describe('parsePolicy()', () => {
  it.each<[what: string, document: unknown]>([
    ['no JSON', undefined],
    ['a list', []],
    ['null', null],
    ['no expiration', { conditions: [] }],
    ['an expiration that is no date', { expiration: 'soon', conditions: [] }],
    ['no conditions', { expiration }],
    ['a condition that is a word', { expiration, conditions: ['key'] }],
    ['a condition that is null', { expiration, conditions: [null] }],
    ['an unknown condition', { expiration, conditions: [['ends-with', '$key', 'x']] }],
    ['a value that is a number', { expiration, conditions: [{ key: 1 }] }],
    ['sizes that are none', { expiration, conditions: [['content-length-range', 'a', 'b']] }],
  ])('refuses %s', (_, document) => {
    const encoded = Buffer.from(document === undefined ? '{' : JSON.stringify(document));

    expect(() => parsePolicy(encoded.toString('base64'))).toThrow(
      expect.objectContaining({ code: 'InvalidPolicyDocument' }),
    );
  });
});
