import type { TriggerSpec } from '../manifests/eventing-spec.ts';
import { pauseMs, waitFor } from './backoff.ts';
import { deliver, type Delivery } from './deliver.ts';
import type { StoredEvent } from './stored-event.ts';
import type { ReceivedEvent } from '../../../events/wire/received-event.ts';

/** What a queue needs of its broker. */
export interface TriggerQueueOptions {
  readonly spec: TriggerSpec;
  readonly subscriberUrl: string;
  readonly deadLetterUrl: string | undefined;
  /** Takes a reply in; its event counts as delivered only then. */
  readonly onReply: (reply: ReceivedEvent, to: StoredEvent) => Promise<void>;
  /** The trigger needs this event no more. */
  readonly onDone: (event: StoredEvent) => void;
  /** Was not delivered before the queue was given up: its successor's. */
  readonly onLeft: (event: StoredEvent) => void;
  /** Says what people should know. */
  readonly log: (line: string) => void;
  /** A clock for tests. @default the real one */
  readonly wait?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined;
}

/** How a queue stands. */
export interface QueueStatus {
  readonly trigger: string;
  readonly subscriber: string;
  /** Not yet delivered, those below included. */
  readonly pending: number;
  readonly inFlight: number;
  /** Since the start. */
  readonly delivered: number;
  readonly deadLettered: number;
  readonly dropped: number;
}

/** One event on its way: to the subscriber, then, if need be, to the dead letter sink. */
interface Item {
  readonly event: StoredEvent;
  retries: number;
  /** Why the subscriber did not take it. */
  failure: Delivery | undefined;
}

/** Deliveries of one trigger under way at once. */
const MAX_IN_FLIGHT = 16;
/** Of what the receiver said, in bytes; Knative cuts there too. */
const MAX_ERROR_DATA = 1024;

/** The events of one Trigger, delivered side by side; one that has to wait for its repetition lets others pass. */
export class TriggerQueue {
  readonly #options: TriggerQueueOptions;
  readonly #ready: Item[] = [];
  /** Waiting for their repetition. */
  readonly #paused = new Set<Item>();
  readonly #inFlight = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #isRetired = false;
  #pending = 0;
  #delivered = 0;
  #deadLettered = 0;
  #dropped = 0;

  constructor(options: TriggerQueueOptions) {
    this.#options = options;
  }

  /** Takes an event; it is delivered in its turn. */
  add(event: StoredEvent): void {
    this.#pending += 1;
    this.#ready.push({ event, retries: 0, failure: undefined });
    this.#run();
  }

  status(): QueueStatus {
    return {
      trigger: this.#options.spec.name,
      subscriber: this.#options.subscriberUrl,
      pending: this.#pending,
      inFlight: this.#inFlight.size,
      delivered: this.#delivered,
      deadLettered: this.#deadLettered,
      dropped: this.#dropped,
    };
  }

  /**
   * Gives the queue up: starts no more deliveries, and gives back the events that wait. What is under way ends, or
   * comes back by `onLeft`.
   */
  retire(): StoredEvent[] {
    this.#isRetired = true;
    this.#stopping.abort();
    const left = [...this.#ready, ...this.#paused].map(({ event }) => event);
    this.#ready.length = 0;
    this.#paused.clear();
    return left;
  }

  /** Starts no more deliveries and waits for those under way; what is left stays with the log. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#inFlight);
  }

  #run(): void {
    while (this.#inFlight.size < MAX_IN_FLIGHT && !this.#stopping.signal.aborted) {
      const item = this.#ready.shift();
      if (item === undefined) return;
      const attempt = this.#attempt(item).finally(() => {
        this.#inFlight.delete(attempt);
        this.#run();
      });
      this.#inFlight.add(attempt);
    }
  }

  async #attempt(item: Item): Promise<void> {
    const { spec, subscriberUrl, deadLetterUrl } = this.#options;
    const isDeadLetter = item.failure !== undefined;
    const delivery = await deliver(item.event, {
      url: (isDeadLetter ? deadLetterUrl : undefined) ?? subscriberUrl,
      namespace: spec.namespace,
      format: spec.delivery.format,
      timeoutMs: spec.delivery.timeoutMs,
      ...(item.failure === undefined
        ? {}
        : { extensions: errorExtensions(subscriberUrl, item.failure) }),
    });
    if (delivery.outcome === 'acknowledge') {
      if (isDeadLetter) return this.#finish(item, 'dead-lettered');
      if (delivery.reply === undefined) return this.#finish(item, 'delivered');
      try {
        await this.#options.onReply(delivery.reply, item.event);
        return this.#finish(item, 'delivered');
      } catch (cause) {
        const body = Buffer.from((cause as Error).message);
        return this.#failed(item, { ...delivery, outcome: 'retry', code: 503, body });
      }
    }
    this.#failed(item, delivery);
  }

  #failed(item: Item, delivery: Delivery): void {
    if (this.#isRetired) return this.#options.onLeft(item.event);
    const { spec, deadLetterUrl, log, subscriberUrl } = this.#options;
    if (delivery.outcome === 'retry' && item.retries < spec.delivery.retry) {
      const ms = pauseMs(spec.delivery, item.retries, delivery.retryAfterMs);
      item.retries += 1;
      void this.#later(item, ms);
      return;
    }
    const { id, source } = item.event.attributes;
    const what = `event ${String(source)} ${String(id)} of trigger ${spec.name}`;
    if (item.failure === undefined && deadLetterUrl !== undefined) {
      log(`${what}: ${subscriberUrl} answered ${delivery.code}: goes to the dead letter sink`);
      item.failure = delivery;
      item.retries = 0;
      this.#ready.push(item);
      return;
    }
    const where =
      item.failure === undefined ? subscriberUrl : `the dead letter sink ${deadLetterUrl}`;
    log(`${what} is dropped: ${where} answered ${delivery.code}`);
    this.#finish(item, 'dropped');
  }

  async #later(item: Item, ms: number): Promise<void> {
    const { wait = waitFor } = this.#options;
    const { signal } = this.#stopping;
    this.#paused.add(item);
    await wait(ms, signal).catch(() => undefined);
    if (signal.aborted) return;
    this.#paused.delete(item);
    // It has waited: those that came meanwhile have not.
    this.#ready.unshift(item);
    this.#run();
  }

  #finish(item: Item, end: 'delivered' | 'dead-lettered' | 'dropped'): void {
    this.#pending -= 1;
    if (end === 'delivered') this.#delivered += 1;
    else if (end === 'dead-lettered') this.#deadLettered += 1;
    else this.#dropped += 1;
    this.#options.onDone(item.event);
  }
}

/** https://knative.dev/docs/eventing/event-delivery/#configuring-subscription-event-delivery */
function errorExtensions(
  subscriber: string,
  { code, body }: Delivery,
): Record<string, string | number> {
  return {
    knativeerrordest: subscriber,
    knativeerrorcode: code,
    ...(body.length === 0
      ? {}
      : { knativeerrordata: body.toString('base64').slice(0, MAX_ERROR_DATA) }),
  };
}
