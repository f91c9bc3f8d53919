import { describe, expect, it } from 'vitest';

import { mapInstances } from '../../../../functions/inputs/map-instances.ts';
import {
  InferenceTimeoutError,
  InvalidImageError,
  InvalidRequestError,
} from '../../../../functions/runtime/errors.ts';

const failureOf = (result: Promise<unknown>): Promise<unknown> =>
  result.then(
    () => 'did not fail',
    (error: unknown) => error,
  );

describe('mapInstances()', () => {
  it('keeps the order, whichever is done first, and works on four at most', async () => {
    const finish: (() => void)[] = [];
    let atWork = 0;
    let most = 0;
    const result = mapInstances([...Array(9).keys()], async (value) => {
      atWork += 1;
      most = Math.max(most, atWork);
      await new Promise<void>((resolve) => finish.push(resolve));
      atWork -= 1;
      return value * 10;
    });
    // The last one begun is done first.
    while (finish.length > 0) {
      finish.pop()?.();
      await new Promise(setImmediate);
    }

    expect(await result).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80]);
    expect(most).toBe(4);
  });

  it.each([InvalidRequestError, InvalidImageError])(
    'names the first faulty instance in a %o, and begins no more',
    async (Fault) => {
      const begun: number[] = [];

      const error = await failureOf(
        mapInstances([...Array(100).keys()], async (value) => {
          begun.push(value);
          if (value === 2 || value === 3) throw new Fault(`bad ${value}`);
        }),
      );

      expect(error).toBeInstanceOf(Fault);
      expect((error as InvalidRequestError).details).toEqual([
        { instance: 2, path: '', message: 'bad 2' },
      ]);
      expect(begun.length).toBeLessThan(10);
    },
  );

  it('keeps the details that an error has', async () => {
    const details = [{ path: 'image', message: 'no image' }];

    const error = await failureOf(
      mapInstances([1], () => {
        throw new InvalidImageError('bad', { details });
      }),
    );

    expect(error).toMatchObject({
      code: 'INVALID_IMAGE',
      details: [{ instance: 0, path: 'image', message: 'no image' }],
    });
  });

  it('passes on what is not the request’s fault', async () => {
    const late = new InferenceTimeoutError('late');

    expect(await failureOf(mapInstances([1, 2], () => Promise.reject(late)))).toBe(late);
  });
});
