import { PreconditionFailedError } from '../../functions/runtime/object-store/errors.ts';
import { canonicalJson } from './canonical-json.ts';
import type { JobContext } from './job-context.ts';
import { readLease } from './lease.ts';
import type { Lease, LeaseBody, Span } from './lease.ts';

/** Another worker has the chunk now. */
export class LeaseLostError extends Error {
  constructor(key: string) {
    super(`${key} has been taken over`);
    this.name = 'LeaseLostError';
  }
}

/** What a write changes; an undefined probe takes it away. */
type Change = Partial<Omit<LeaseBody, 'probe'>> & { readonly probe?: Span | undefined };

/** A lease that stays ours while we work. */
export interface KeptLease {
  /** Aborted with a {@link LeaseLostError} once another worker has taken over. */
  readonly signal: AbortSignal;
  readonly body: LeaseBody;
  /** Says, before it happens, which records are scored next. */
  probe(span: Span): Promise<void>;
  /** Says that nothing is being scored any more. */
  calm(): Promise<void>;
  /** Gives the chunk back; `counts` says whether this was one of its attempts. */
  release(counts: boolean): Promise<void>;
  /** Ends the renewals; the lease runs out by itself. */
  stop(): Promise<void>;
}

/** Renews a lease at every third of its time, until it is stopped. */
export function keepLease(context: JobContext, key: string, lease: Lease): KeptLease {
  const keeper = new LeaseKeeper(context, key, lease);
  keeper.start();
  return keeper;
}

class LeaseKeeper implements KeptLease {
  readonly #context: JobContext;
  readonly #key: string;
  readonly #lost = new AbortController();
  readonly #stopped = new AbortController();
  #body: LeaseBody;
  #etag: string;
  /** Nonces of writes whose answer never came since the last one that did. */
  #unsure: string[] = [];
  /** Writes go one after the other: each names the ETag of the one before. */
  #writes: Promise<void> = Promise.resolve();
  #renewals: Promise<void> = Promise.resolve();

  constructor(context: JobContext, key: string, { body, etag }: Lease) {
    [this.#context, this.#key, this.#body, this.#etag] = [context, key, body, etag];
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  get body(): LeaseBody {
    return this.#body;
  }

  start(): void {
    this.#renewals = this.#renew();
  }

  async probe(span: Span): Promise<void> {
    await this.#write({ probe: span });
  }

  async calm(): Promise<void> {
    await this.#write({ probe: undefined });
  }

  async release(counts: boolean): Promise<void> {
    await this.stop();
    const { attempt } = this.#body;
    await this.#write({
      attempt: counts ? attempt : attempt - 1,
      isReleased: true,
      probe: undefined,
    });
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#renewals;
  }

  async #renew(): Promise<void> {
    const everyMs = (this.#body.leaseSeconds * 1000) / 3;
    for (;;) {
      await this.#context.wait(everyMs, this.#stopped.signal);
      if (this.#stopped.signal.aborted || this.#lost.signal.aborted) return;
      try {
        await this.#write({});
      } catch (cause) {
        // Lost, or the store has a bad moment: there are two more chances before the lease runs out.
        if (!this.#lost.signal.aborted) this.#context.warn(`${this.#key} was not renewed`, cause);
      }
    }
  }

  /** @throws {LeaseLostError} When the claim is another's by now. */
  #write(change: Change): Promise<void> {
    const written = this.#writes.then(() => this.#writeNow(change));
    this.#writes = written.catch(() => {});
    return written;
  }

  async #writeNow(change: Change): Promise<void> {
    if (this.#lost.signal.aborted) throw new LeaseLostError(this.#key);
    const mine = this.#body;
    const { probe, ...rest } = { ...mine, ...change, nonce: this.#context.nonce() };
    const next: LeaseBody = { ...rest, ...(probe === undefined ? {} : { probe }) };
    try {
      await this.#put(next);
    } catch (cause) {
      if (!(cause instanceof PreconditionFailedError)) {
        // It may have been written all the same: then the next write will find this one.
        this.#unsure.push(next.nonce);
        throw cause;
      }
      const present = await readLease(this.#context.store, this.#key);
      // A write whose answer never came: the claim is ours, in the state of that write.
      const isOurs =
        typeof present === 'object' && [mine.nonce, ...this.#unsure].includes(present.body.nonce);
      if (!isOurs) {
        this.#lost.abort(new LeaseLostError(this.#key));
        throw new LeaseLostError(this.#key);
      }
      this.#etag = present.etag;
      await this.#put(next);
    }
  }

  async #put(next: LeaseBody): Promise<void> {
    const { store } = this.#context;
    const { etag } = await store.put(this.#key, canonicalJson(next), { ifMatch: this.#etag });
    [this.#body, this.#etag, this.#unsure] = [next, etag, []];
  }
}
