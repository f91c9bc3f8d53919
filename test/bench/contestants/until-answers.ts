import { setTimeout as delay } from 'node:timers/promises';

import type { StartedProcess } from './start-process.ts';

const POLL_MS = 20;

/**
 * Resolves when a contestant answers predictions. What it answers, the load generator checks.
 * @throws {Error} When it ends before.
 */
export async function untilAnswers(child: StartedProcess): Promise<void> {
  while (child.isRunning()) {
    const answer = await fetch(`http://127.0.0.1:${child.port}/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"sepal_length":1,"sepal_width":1,"petal_length":1,"petal_width":1}',
    }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.status === 200) return;
    await delay(POLL_MS);
  }
  throw new Error('it ended before it answered');
}
