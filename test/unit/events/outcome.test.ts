import { describe, expect, it } from 'vitest';

import { outcomeOfError, outcomeOfStatus } from '../../../events/outcome.ts';
import {
  ERROR_TABLE,
  ModelNotFoundError,
  QueueFullError,
} from '../../../functions/runtime/errors.ts';

describe('outcomeOfStatus()', () => {
  it.each([
    [200, 'acknowledge'],
    [202, 'acknowledge'],
    [204, 'acknowledge'],
    [301, 'dead-letter'],
    [400, 'dead-letter'],
    [401, 'dead-letter'],
    [404, 'retry'],
    [408, 'retry'],
    [409, 'retry'],
    [413, 'dead-letter'],
    [415, 'dead-letter'],
    [422, 'dead-letter'],
    [429, 'retry'],
    [500, 'retry'],
    [503, 'retry'],
    [504, 'retry'],
  ])('%i: %s', (status, outcome) => {
    expect(outcomeOfStatus(status)).toBe(outcome);
  });

  it('tries again exactly what the table of errors calls retriable', () => {
    for (const [code, { event, retriable }] of Object.entries(ERROR_TABLE)) {
      if (code === 'CONFIGURATION') continue;
      expect([code, outcomeOfStatus(event) === 'retry']).toEqual([code, retriable]);
    }
  });
});

describe('outcomeOfError()', () => {
  it('makes of an unknown model a 400, as a 404 would be tried again', () => {
    expect(outcomeOfError(new ModelNotFoundError('no'))).toMatchObject({
      status: 400,
      outcome: 'dead-letter',
    });
  });

  it('says when to try again', () => {
    expect(outcomeOfError(new QueueFullError('full', { retryAfterSeconds: 3 }))).toEqual({
      status: 429,
      outcome: 'retry',
      retryAfterSeconds: 3,
    });
  });

  it('takes what it does not know for a failure of ours', () => {
    expect(outcomeOfError(new TypeError('x'))).toMatchObject({ status: 500, outcome: 'retry' });
  });
});
