import { QueueFullError } from '../../../functions/runtime/errors.ts';
import type { ReceivedEvent } from '../../../events/wire/received-event.ts';
import type { BrokerSpec, Destination, TriggerSpec } from '../manifests/eventing-spec.ts';
import { EventLog, type Undelivered } from './event-log.ts';
import { passes } from './filters.ts';
import type { StoredEvent } from './stored-event.ts';
import { TriggerQueue, type QueueStatus } from './trigger-queue.ts';

/** What a broker needs. */
export interface BrokerOptions {
  readonly spec: BrokerSpec;
  /** Folder of its log. */
  readonly dir: string;
  /** The address of a Service, of a broker, or any other. */
  readonly resolve: (destination: Destination) => string;
  readonly log: (line: string) => void;
  readonly wait?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined;
  /** Events that may wait; more are refused. @default 10,000 */
  readonly maxEvents?: number | undefined;
}

/** An event dropped because it has gone from hop to hop too often. */
export class TtlExhaustedError extends Error {
  override readonly name = 'TtlExhaustedError';
}

/** Knative's own: so many hops has an event that says nothing of it. */
const MAX_TTL = 255;
const MAX_EVENTS = 10_000;
/** All data that wait, together. */
const MAX_BYTES = 64 * 1024 * 1024;
const TTL = 'knativebrokerttl';

/** A Broker: takes events in, keeps them, and gives each of its Triggers those that pass its filters. */
export class Broker {
  readonly #options: BrokerOptions;
  readonly #log: EventLog;
  readonly #triggers = new Map<
    string,
    { readonly spec: TriggerSpec; readonly queue: TriggerQueue }
  >();
  /** Queues of triggers that are gone or were replaced, until their deliveries have ended. */
  readonly #retired = new Set<Promise<void>>();
  /** How many triggers have not taken an event yet, and its size. */
  readonly #waiting = new Map<number, { triggers: number; readonly bytes: number }>();
  #bytes = 0;

  private constructor(options: BrokerOptions, log: EventLog) {
    this.#options = options;
    this.#log = log;
  }

  /** Opens the broker with its triggers, and goes on with what an earlier process left. */
  static async open(options: BrokerOptions, triggers: readonly TriggerSpec[]): Promise<Broker> {
    const { log, undelivered } = await EventLog.open({ dir: options.dir });
    const broker = new Broker(options, log);
    for (const spec of triggers) broker.#addTrigger(spec);
    broker.#resume(undelivered);
    return broker;
  }

  /** Takes over other triggers: those that stay as they are keep their queues, of the others the events are moved. */
  update(triggers: readonly TriggerSpec[]): void {
    for (const [name, { spec, queue }] of this.#triggers) {
      const next = triggers.find((one) => one.name === name);
      if (next !== undefined && JSON.stringify(next) === JSON.stringify(spec)) continue;
      this.#triggers.delete(name);
      const left = queue.retire();
      const closing = queue.close().finally(() => this.#retired.delete(closing));
      this.#retired.add(closing);
      if (next !== undefined) this.#addTrigger(next);
      for (const event of left) this.#give(event, name);
    }
    for (const spec of triggers) this.#addTrigger(spec);
  }

  /**
   * Takes an event in; it is on the disk when this resolves.
   * @throws {QueueFullError} When too many are waiting.
   * @throws {TtlExhaustedError} When it has no hops left.
   */
  async take(received: ReceivedEvent, headers: Readonly<Record<string, string>>): Promise<void> {
    const { maxEvents = MAX_EVENTS } = this.#options;
    if (this.#waiting.size >= maxEvents || this.#bytes >= MAX_BYTES) {
      throw new QueueFullError('Too many events are waiting for their receivers', {
        retryAfterSeconds: 1,
      });
    }
    const { [TTL]: ttl } = received.event;
    await this.#keep(
      received,
      /^-?\d{1,9}$/.test(String(ttl)) ? Number(ttl) : MAX_TTL + 1,
      headers,
    );
  }

  status(): QueueStatus[] {
    return [...this.#triggers.values()].map(({ queue }) => queue.status());
  }

  /** Ends deliveries in order; what is left is delivered after the next start. */
  async close(): Promise<void> {
    const queues = [...this.#triggers.values()].map(({ queue }) => queue.close());
    await Promise.all([...queues, ...this.#retired]);
    await this.#log.close();
  }

  async #keep(
    { event, bytes, contentType }: ReceivedEvent,
    hops: number,
    headers: Readonly<Record<string, string>>,
  ): Promise<void> {
    const ttl = hops - 1;
    if (ttl <= 0) throw new TtlExhaustedError('The event has been passed on too often');
    const { [TTL]: _old, data: _data, datacontenttype: _type, ...attributes } = event;
    const arrival = { knativearrivaltime: new Date().toISOString() };
    const seen = { ...attributes, ...arrival, datacontenttype: contentType };
    const to = [...this.#triggers].filter(([, { spec }]) => passes(seen, spec.filters));
    if (to.length === 0) return;
    const names = to.map(([name]) => name);
    const stored = await this.#log.append(
      {
        attributes: { ...attributes, ...arrival },
        contentType,
        data: bytes,
        ttl,
        headers,
      },
      names,
    );
    this.#hand(stored, names);
  }

  /** Triggers may have changed while the event was written. */
  #hand(event: StoredEvent, names: readonly string[]): void {
    const bytes = event.data?.length ?? 0;
    this.#waiting.set(event.number, { triggers: names.length, bytes });
    this.#bytes += bytes;
    for (const name of names) this.#give(event, name);
  }

  #give(event: StoredEvent, name: string): void {
    const trigger = this.#triggers.get(name);
    if (trigger === undefined) this.#done(event, name);
    else trigger.queue.add(event);
  }

  #resume(undelivered: readonly Undelivered[]): void {
    for (const { event, to } of undelivered) this.#hand(event, to);
  }

  #done(event: StoredEvent, trigger: string): void {
    this.#log.done(event.number, trigger);
    const waiting = this.#waiting.get(event.number);
    if (waiting === undefined) return;
    waiting.triggers -= 1;
    if (waiting.triggers > 0) return;
    this.#waiting.delete(event.number);
    this.#bytes -= waiting.bytes;
  }

  #addTrigger(spec: TriggerSpec): void {
    if (this.#triggers.has(spec.name)) return;
    const { resolve, log, wait } = this.#options;
    const { deadLetterSink } = spec.delivery;
    const queue = new TriggerQueue({
      spec,
      subscriberUrl: resolve(spec.subscriber),
      deadLetterUrl: deadLetterSink === undefined ? undefined : resolve(deadLetterSink),
      onReply: (reply, to) => this.#takeReply(reply, to),
      onDone: (event) => this.#done(event, spec.name),
      onLeft: (event) => this.#give(event, spec.name),
      log,
      wait,
    });
    this.#triggers.set(spec.name, { spec, queue });
  }

  /** A reply is one hop further than what it answers; it is let in however many are waiting. */
  async #takeReply(reply: ReceivedEvent, to: StoredEvent): Promise<void> {
    try {
      await this.#keep(reply, to.ttl, to.headers);
    } catch (cause) {
      if (!(cause instanceof TtlExhaustedError)) throw cause;
      this.#options.log(`a reply to ${String(to.attributes['id'])} is dropped: ${cause.message}`);
    }
  }
}
