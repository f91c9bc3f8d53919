import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest';

import { startFunction } from '../../support/start-function.ts';
import type { RunningFunction, Via } from '../../support/start-function.ts';
import { FRAMEWORK_EXCEPTIONS } from './framework-exceptions.ts';

/** Which servers to test, and with what environment. */
export interface SuiteOptions {
  /** @default all three */
  readonly vias?: readonly Via[];
  readonly env?: Readonly<Record<string, string>>;
  /** Whether every test gets a process of its own, which it may end. @default false */
  readonly eachItsOwn?: boolean;
}

/**
 * The same tests against every way to run iris: the sources, the bundle of the image, and the framework's
 * own command, there without the tests that {@link FRAMEWORK_EXCEPTIONS} lists for `name`.
 */
export function onEveryServer(
  name: string,
  { vias = ['main', 'bundle', 'framework'], env = {}, eachItsOwn = false }: SuiteOptions,
  suite: (server: () => RunningFunction, via: Via) => void,
): void {
  describe.each(vias)(`${name}, run by %s`, (via) => {
    const exceptions = via === 'framework' ? (FRAMEWORK_EXCEPTIONS[name] ?? {}) : {};
    const met = new Set<string>();
    let server: RunningFunction | undefined;
    const running = (): RunningFunction => {
      if (server === undefined) throw new Error('The function is not running');
      return server;
    };
    const start = async (): Promise<void> => {
      server = await startFunction({ via, env });
    };
    const stop = async (): Promise<void> => {
      await server?.stop('SIGKILL');
    };

    beforeEach(({ task, skip }) => {
      const reason = exceptions[task.name];
      if (reason === undefined) return;
      met.add(task.name);
      skip(reason);
    });
    (eachItsOwn ? beforeEach : beforeAll)(start);
    (eachItsOwn ? afterEach : afterAll)(stop);

    afterAll(() => {
      const unmet = Object.keys(exceptions).filter((test) => !met.has(test));
      expect(unmet, 'exceptions that name no test').toEqual([]);
    });

    suite(running, via);
  });
}
