import { element } from './elements.ts';
import type { Outcome } from './send-request.ts';
import { inMs } from './server-timing.ts';

/** Steps of a start from zero, which the first request is told of. */
const START = ['boot', 'fetch', 'verify', 'session', 'warmup', 'ready'];

/** How long an answer took: here, and step by step in the function. */
export function showTiming({ totalMs, steps }: Pick<Outcome, 'totalMs' | 'steps'>): HTMLElement[] {
  const isOfStart = ([step]: readonly [string, number]): boolean => START.includes(step);
  const words = (some: typeof steps): string =>
    some.map(([step, ms]) => `${step}\u00a0${inMs(ms)}`).join(' · ');
  const own = words(steps.filter((step) => !isOfStart(step)));
  const start = words(steps.filter(isOfStart));
  return [
    element(
      'p',
      { class: 'timing' },
      element('strong', {}, inMs(totalMs)),
      own === '' ? '' : ` · ${own}`,
    ),
    ...(start === '' ? [] : [element('p', { class: 'timing' }, `Cold start: ${start}`)]),
  ];
}
