import { createHash } from 'node:crypto';
import { join } from 'node:path';

import type { Sequencer } from '../sequencer.ts';
import { eventPayload } from './event-payload.ts';
import type { EventOrigin, ObjectEvent } from './event-payload.ts';
import { EventQueue } from './event-queue.ts';
import { targetsOf } from './rules.ts';
import type { NotificationRule } from './rules.ts';
import { postEvent } from './webhook.ts';
import type { WebhookTarget } from './webhook.ts';

/** What a notifier is made of. */
export interface NotifierOptions {
  readonly dataDir: string;
  readonly targets: readonly WebhookTarget[];
  readonly retryMs: number;
  readonly sequencer: Sequencer;
}

/** Tells webhooks of what happens to objects. */
export class Notifier {
  readonly #queues: ReadonlyMap<string, EventQueue>;
  readonly #sequencer: Sequencer;

  private constructor(queues: ReadonlyMap<string, EventQueue>, sequencer: Sequencer) {
    this.#queues = queues;
    this.#sequencer = sequencer;
  }

  /** Opens a queue for each target and begins to deliver what is in it. */
  static async open({ dataDir, targets, retryMs, sequencer }: NotifierOptions): Promise<Notifier> {
    const queues = new Map<string, EventQueue>();
    for (const target of targets) {
      // Hashed: a name need not be one of a folder.
      const folder = createHash('sha256').update(target.name).digest('hex').slice(0, 16);
      const queue = await EventQueue.open({
        dir: join(dataDir, 'webhooks', folder),
        deliver: (payload, signal) => postEvent(target, payload, signal),
        retryMs,
      });
      queues.set(target.name, queue);
    }
    return new Notifier(queues, sequencer);
  }

  /** Names that bucket rules may use. */
  get targets(): ReadonlySet<string> {
    return new Set(this.#queues.keys());
  }

  /** Queues an event for every target whose rules cover it; all are on disk when this resolves. */
  async publish(
    event: ObjectEvent,
    rules: readonly NotificationRule[],
    origin: EventOrigin,
  ): Promise<void> {
    const payload = JSON.stringify(eventPayload(event, origin, new Date()));
    const subject = `${origin.bucket}/${event.object.key}`;
    const order = this.#sequencer.next();
    const queues = [...targetsOf(rules, event.name, event.object.key)].flatMap(
      // A rule may outlive its target; that one then hears nothing, as from MinIO.
      (name) => this.#queues.get(name) ?? [],
    );
    await Promise.all(queues.map((queue) => queue.add(payload, { order, subject })));
  }

  /** Stops delivering. */
  async close(): Promise<void> {
    for (const queue of this.#queues.values()) await queue.close();
  }
}
