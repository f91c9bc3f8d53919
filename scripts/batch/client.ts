import type { JobStatus } from '../../events/jobs/job-status.ts';
import { AnswerError, askAgain, NoAnswerError } from './ask-again.ts';
import type { Patience } from './ask-again.ts';

/** What to submit: a job, or records for a model. */
export type Submission =
  | { readonly kind: 'job'; readonly json: string }
  | {
      readonly kind: 'records';
      readonly type: string;
      readonly bytes: Uint8Array;
      readonly query: Readonly<Record<string, string>>;
    };

/** A page of the list. */
export interface JobList {
  readonly data: readonly JobStatus[];
  readonly next?: string;
}

/** One event that nobody took. */
export interface DeadLetterSummary {
  readonly name: string;
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly storedAt: string;
  readonly receiver?: string;
  readonly status?: number;
}

/** What of a request varies. */
interface Request {
  readonly method?: 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Longest time to an answer that is not held back. */
const TIMEOUT_MS = 90_000;

/** Answers in a row of which nothing came. */
const MAX_EMPTY = 3;

/** The function `batch` behind an address, as programs ask it. */
export class BatchClient {
  readonly #url: string;
  readonly #host: string | undefined;

  /** @param host Of the Service, where a gateway goes by it. */
  constructor(url: string, host?: string) {
    this.#url = url.replace(/\/+$/, '');
    this.#host = host;
  }

  /** Submits; `isNew` is false when the same job was there. */
  async submit(submission: Submission): Promise<{ status: JobStatus; isNew: boolean }> {
    const isJob = submission.kind === 'job';
    const query = isJob ? '' : `?${new URLSearchParams(submission.query).toString()}`;
    const response = await this.#send(`/v1/batches${query}`, {
      method: 'POST',
      headers: { 'content-type': isJob ? 'application/json' : submission.type },
      body: isJob ? submission.json : Buffer.from(submission.bytes),
    });
    return { status: (await response.json()) as JobStatus, isNew: response.status === 201 };
  }

  /** A job's state, at its end or after so many seconds. */
  async status(id: string, waitSeconds = 0): Promise<JobStatus> {
    const path = `/v1/batches/${encodeURIComponent(id)}?wait=${waitSeconds}`;
    return (await (await this.#send(path)).json()) as JobStatus;
  }

  async cancel(id: string): Promise<JobStatus> {
    const path = `/v1/batches/${encodeURIComponent(id)}/cancel`;
    return (await (await this.#send(path, { method: 'POST' })).json()) as JobStatus;
  }

  async list(limit: number): Promise<JobList> {
    return (await (await this.#send(`/v1/batches?limit=${limit}`)).json()) as JobList;
  }

  /** The lines of a job that is over, as they come; gone on with where the answer breaks off, or is cut off after its time. */
  async *results(id: string, patience: Partial<Patience> = {}): AsyncGenerator<Uint8Array, void> {
    const path = `/v1/batches/${encodeURIComponent(id)}/results`;
    let [received, empty, etag] = [0, 0, ''];
    for (;;) {
      const from = received;
      const rest = { range: `bytes=${from}-`, 'if-range': etag };
      const ask = (): Promise<Response> =>
        this.#send(path, from === 0 ? {} : { headers: rest }, false);
      const response = from === 0 ? await ask() : await askAgain(ask, patience);
      if (from > 0 && response.status !== 206) throw new Error('The results are others by now');
      etag = response.headers.get('etag') ?? '';
      try {
        for await (const piece of response.body ?? []) {
          received += piece.length;
          yield piece;
        }
        return;
      } catch (cause) {
        empty = received === from ? empty + 1 : 0;
        if (empty === MAX_EMPTY) throw cause;
      }
    }
  }

  async deadLetters(): Promise<DeadLetterSummary[]> {
    const found: DeadLetterSummary[] = [];
    let after = '';
    for (;;) {
      const response = await this.#send(`/v1/dead-letters?limit=1000${after}`);
      const page = (await response.json()) as { data: DeadLetterSummary[]; next?: string };
      found.push(...page.data);
      if (page.next === undefined) return found;
      after = `&after=${page.next}`;
    }
  }

  async replay(name: string): Promise<DeadLetterSummary> {
    const path = `/v1/dead-letters/${encodeURIComponent(name)}/replay`;
    return (await (await this.#send(path, { method: 'POST' })).json()) as DeadLetterSummary;
  }

  async #send(path: string, init: Request = {}, isTimed = true): Promise<Response> {
    const response = await this.#fetch(path, {
      ...init,
      headers: { ...init.headers, ...(this.#host === undefined ? {} : { host: this.#host }) },
      ...(isTimed ? { signal: AbortSignal.timeout(TIMEOUT_MS) } : {}),
    });
    if (response.ok) return response;
    const text = await response.text();
    throw new AnswerError(
      response.status,
      messageOf(text) ?? `${response.status}: ${text.slice(0, 200)}`,
    );
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(`${this.#url}${path}`, init);
    } catch (cause) {
      const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
      const message = why instanceof Error ? why.message : String(why);
      throw new NoAnswerError(
        `${this.#url} does not answer (${message}). Is npm start running? Another address: --url`,
        { cause },
      );
    }
  }
}

function messageOf(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: string; message?: string } };
    return error?.message === undefined ? undefined : `${error.message} (${error.code ?? 'error'})`;
  } catch {
    return undefined;
  }
}
