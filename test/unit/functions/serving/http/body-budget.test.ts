import { describe, expect, it } from 'vitest';

import { QueueFullError } from '../../../../../functions/runtime/errors.ts';
import { createBodyBudget } from '../../../../../functions/serving/http/body-budget.ts';

describe('a budget of 10 bytes', () => {
  it('holds what fits, of several requests', () => {
    const claim = createBodyBudget(10);

    expect(() => {
      claim().grow(4);
      claim().grow(6);
    }).not.toThrow();
  });

  it('refuses what does not fit beside others, and says when to try again', () => {
    const claim = createBodyBudget(10);
    claim().grow(4);

    expect(() => claim().grow(7)).toThrow(
      expect.objectContaining({ code: 'QUEUE_FULL', retryAfterSeconds: 1 }),
    );
  });

  it('counts the growth of one request once', () => {
    const claim = createBodyBudget(10);
    const [first, second] = [claim(), claim()];
    first.grow(4);
    second.grow(2);
    second.grow(6);
    second.grow(6);

    expect(() => second.grow(7)).toThrow(QueueFullError);
  });

  it('takes one request alone, whatever its size', () => {
    const first = createBodyBudget(10)();

    expect(() => first.grow(1_000)).not.toThrow();
  });

  it('has room again for what is released, however often that is said', () => {
    const claim = createBodyBudget(10);
    const [first, second, third] = [claim(), claim(), claim()];
    first.grow(5);
    second.grow(5);
    first.release();
    first.release();
    third.grow(5);

    expect(() => claim().grow(1)).toThrow(QueueFullError);
  });
});
