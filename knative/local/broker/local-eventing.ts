/**
 * START HERE. Knative Eventing on one machine, from the same Brokers, Triggers and PingSources: `ingress.ts` takes an
 * event, `broker.ts` keeps it in its log and hands it to the queues of the Triggers whose filters it passes,
 * `trigger-queue.ts` delivers it, again and again if need be, and `ping.ts` sends events by the clock.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { lockDataDir } from '../s3/data-lock.ts';
import type { Destination, EventingSpec, TriggerSpec } from '../manifests/eventing-spec.ts';
import { Broker } from './broker.ts';
import { openIngress } from './ingress.ts';
import { startPing } from './ping.ts';
import type { QueueStatus } from './trigger-queue.ts';

/** What Eventing needs. */
export interface LocalEventingOptions {
  /** Gets a folder for each broker. */
  readonly dir: string;
  /** Where the Services are: `http://127.0.0.1:8080`. */
  readonly router: string;
  /** What there will be, so that addresses can be told before `apply` opens it. @default nothing */
  readonly spec?: EventingSpec | undefined;
  readonly log: (line: string) => void;
  /** A clock for repetitions, for tests. */
  readonly wait?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined;
  /** Events that may wait in one broker. @default 10,000 */
  readonly maxEvents?: number | undefined;
}

/** One broker as it stands. */
export interface BrokerStatus {
  readonly namespace: string;
  readonly name: string;
  readonly url: string;
  readonly triggers: readonly QueueStatus[];
}

/** Brokers, triggers and sources at work. */
export class LocalEventing implements AsyncDisposable {
  readonly #options: LocalEventingOptions;
  readonly #brokers = new Map<string, Broker>();
  readonly #lock: Awaited<ReturnType<typeof lockDataDir>>;
  #ingress: Awaited<ReturnType<typeof openIngress>> | undefined;
  #pings: readonly Disposable[] = [];
  #spec: EventingSpec;

  private constructor(
    options: LocalEventingOptions,
    lock: Awaited<ReturnType<typeof lockDataDir>>,
  ) {
    this.#options = options;
    this.#lock = lock;
    this.#spec = options.spec ?? { brokers: [], triggers: [], pings: [] };
  }

  /**
   * Listens; there are no brokers before `apply`.
   * @throws {Error} When another process uses the folder.
   */
  static async open(options: LocalEventingOptions): Promise<LocalEventing> {
    await mkdir(options.dir, { recursive: true, mode: 0o700 });
    const eventing = new LocalEventing(options, await lockDataDir(options.dir));
    eventing.#ingress = await openIngress((namespace, name) =>
      eventing.#brokers.get(`${namespace}/${name}`),
    );
    return eventing;
  }

  /** Takes over what the manifests say, at the start with what an earlier process left, and whenever they change. */
  async apply(spec: EventingSpec): Promise<void> {
    for (const [key, broker] of this.#brokers) {
      if (spec.brokers.some((one) => keyOf(one) === key)) continue;
      this.#brokers.delete(key);
      await broker.close();
    }
    this.#spec = spec;
    for (const one of spec.brokers) {
      const key = keyOf(one);
      const triggers = triggersOf(spec, one);
      const known = this.#brokers.get(key);
      if (known !== undefined) {
        known.update(triggers);
        continue;
      }
      const { dir, log, wait, maxEvents } = this.#options;
      const options = {
        spec: one,
        dir: join(dir, `${one.namespace}.${one.name}`),
        resolve: (destination: Destination) => this.#addressOf(destination),
        log,
        wait,
        maxEvents,
      };
      this.#brokers.set(key, await Broker.open(options, triggers));
    }
    for (const ping of this.#pings) ping[Symbol.dispose]();
    this.#pings = spec.pings.map((ping) =>
      startPing(ping, { url: this.#addressOf(ping.sink), log: this.#options.log }),
    );
  }

  /** The address of the first broker, of a namespace if one is given. */
  brokerUrl(namespace?: string): string | undefined {
    const found = this.#spec.brokers.find(
      (one) => namespace === undefined || one.namespace === namespace,
    );
    return found && this.#addressOf({ kind: 'broker', ...found });
  }

  status(): BrokerStatus[] {
    return this.#spec.brokers.map(({ namespace, name }) => ({
      namespace,
      name,
      url: this.#addressOf({ kind: 'broker', namespace, name }),
      triggers: this.#brokers.get(`${namespace}/${name}`)?.status() ?? [],
    }));
  }

  /** Takes no more events, ends deliveries in order; what is left is delivered after the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const ping of this.#pings) ping[Symbol.dispose]();
    await this.#ingress?.close();
    await Promise.all([...this.#brokers.values()].map((broker) => broker.close()));
    await this.#lock.release();
  }

  #addressOf(destination: Destination): string {
    if (destination.kind === 'address') return destination.url;
    if (destination.kind === 'service') {
      return `${this.#options.router}/${destination.name}${destination.path}`;
    }
    const { namespace, name } = destination;
    return `http://localhost:${this.#ingress?.port ?? 0}/${namespace}/${name}`;
  }
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

function triggersOf(
  { triggers }: EventingSpec,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): TriggerSpec[] {
  return triggers.filter((one) => one.namespace === namespace && one.broker === name);
}
