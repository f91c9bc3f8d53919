import { describe, it } from 'vitest';

import type { Role } from '../../support/jobs/job-world.ts';
import type { Step } from '../../support/jobs/mortal-process.ts';
import {
  after,
  expectWhole,
  isClaim,
  isPart,
  isResult,
  isTally,
  LAYOUT,
  once,
  scene,
} from '../../support/jobs/scene.ts';

describe('a process is killed', () => {
  it.each<[string, Role['name'], (step: Step) => boolean]>([
    [
      'planner before its first page',
      'planner',
      ({ on, when }) => on.includes('/plan/') && when === 'before',
    ],
    [
      'planner before it commits the plan',
      'planner',
      (step) => step.on === LAYOUT.plan && step.verb === 'put' && !after(step),
    ],
    [
      'planner before it asks for chunks',
      'planner',
      (step) => step.on === LAYOUT.plan && step.verb === 'put' && after(step),
    ],
    ['worker before it claims', 'worker', (step) => isClaim(step) && !after(step)],
    ['worker after it claimed', 'worker', (step) => isClaim(step) && after(step)],
    ['worker while it reads', 'worker', (step) => step.on === 'in/a.jsonl'],
    ['worker before it commits', 'worker', (step) => isPart(step) && !after(step)],
    [
      'worker after it committed, before it is counted',
      'worker',
      (step) => isPart(step) && after(step),
    ],
    [
      'worker after it counted, before it asks for the next',
      'worker',
      (step) => isTally(step) && after(step),
    ],
    ['worker before the result', 'worker', (step) => isResult(step) && !after(step)],
    [
      'worker after the result, before the event',
      'worker',
      (step) => isResult(step) && after(step),
    ],
    [
      'worker after the event, before the marker is gone',
      'worker',
      ({ verb, on }) => verb === 'delete' && on === LAYOUT.active,
    ],
    ['sweeper in the middle', 'sweeper', ({ on }) => on.startsWith(LAYOUT.tallyPrefix)],
  ])('%s', async (_, name, isThere) => {
    const one = await scene({ fateOf: once(name, 'die', isThere), pauseMs: () => 6000 });

    await one.submit();

    await expectWhole(one);
  });
});
