import { expect, test } from 'vitest';

import { chooseTarget } from '../../../../../knative/local/traffic/choose-target.ts';
import { seededRandom } from '../../../../support/seeded-random.ts';

test('each target gets its percent of the requests', () => {
  const targets = [
    { name: 'a', percent: 70 },
    { name: 'b', percent: 0 },
    { name: 'c', percent: 25 },
    { name: 'd', percent: 5 },
  ];
  const random = seededRandom(1);
  const counts: Record<string, number> = {};
  const requests = 20_000;

  for (let count = 0; count < requests; count += 1) {
    const { name } = chooseTarget(targets, random);
    counts[name] = (counts[name] ?? 0) + 1;
  }

  // Four standard deviations of the largest share, √(0.7 × 0.3 ÷ 20,000), are 1.3 points.
  for (const { name, percent } of targets) {
    expect(Math.abs(((counts[name] ?? 0) / requests) * 100 - percent)).toBeLessThan(1.3);
  }
  expect(counts['b']).toBeUndefined();
});

test.each([
  [0, 'a'],
  [0.0999, 'a'],
  [0.1, 'b'],
  [0.999_999, 'b'],
])('a draw of %d is for %s', (draw, name) => {
  const targets = [
    { name: 'a', percent: 10 },
    { name: 'b', percent: 90 },
  ];

  expect(chooseTarget(targets, () => draw).name).toBe(name);
});
