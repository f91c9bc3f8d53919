import { setTimeout as delay } from 'node:timers/promises';

import type { Question } from './question.ts';
import type { StartedProcess } from './start-process.ts';

const POLL_MS = 20;

/**
 * Resolves when a contestant answers predictions. What it answers, the load generator checks.
 * @throws {Error} When it ends before.
 */
export async function untilAnswers(
  child: StartedProcess,
  { body }: Pick<Question, 'body'>,
): Promise<void> {
  while (child.isRunning()) {
    const answer = await fetch(`http://127.0.0.1:${child.port}/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(body),
    }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.status === 200) return;
    await delay(POLL_MS);
  }
  throw new Error('it ended before it answered');
}
