import type { Agent } from 'node:http';

import type { FunctionProcess, ProcessExit } from '../process/function-process.ts';

/** The right to forward one request to a process. */
export interface Lease {
  readonly port: number;
  readonly agent: Agent;
  /**
   * The request is over, however it went. To be called once.
   * @param isBroken The connection to the process broke: nothing is sent to it until it answers.
   */
  release(isBroken?: boolean): void;
}

/** Starts a process; rejects when there is nothing to start. */
export type Launch = () => Promise<FunctionProcess>;

/** Where one process stands; `draining` finishes its requests and then stops. */
export type WorkerState = 'starting' | 'ready' | 'draining' | 'exited';

/** What whoever holds a worker is told. */
export interface WorkerEvents {
  /** It takes requests from now on. */
  ready(worker: Worker): void;
  /** A request of it is over. */
  released(worker: Worker): void;
  /** It is gone; the reason is in words for people. */
  gone(worker: Worker, reason: string): void;
}

/** One process of a revision, from before it exists until it is gone. */
export class Worker {
  /** Resolves when it is gone. Never rejects. */
  readonly gone: Promise<void>;
  readonly #events: WorkerEvents;
  #process: FunctionProcess | undefined;
  #state: WorkerState = 'starting';
  #wasReady = false;
  #isRetired = false;
  #isDoubted = false;
  #inFlight = 0;

  constructor(launch: Launch, events: WorkerEvents) {
    this.#events = events;
    this.gone = Promise.resolve().then(() => this.#run(launch));
  }

  get state(): WorkerState {
    return this.#state;
  }

  /** Whether it was told to go. */
  get isRetired(): boolean {
    return this.#isRetired;
  }

  /** Whether it ever was ready. */
  get wasReady(): boolean {
    return this.#wasReady;
  }

  /** Requests that it works on. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whether it takes requests now. */
  get isFree(): boolean {
    return this.#state === 'ready' && !this.#isDoubted;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Where it serves its metrics on 127.0.0.1. */
  get metricsPort(): number | undefined {
    return this.#process?.metricsPort;
  }

  /** The right to one request; `undefined` when it is not ready. */
  lease(): Lease | undefined {
    if (!this.isFree || this.#process === undefined) return undefined;
    const { port, agent } = this.#process;
    this.#inFlight += 1;
    let isReleased = false;
    const release = (isBroken = false): void => {
      if (isReleased) return;
      isReleased = true;
      this.#inFlight -= 1;
      if (isBroken) this.#doubt();
      this.#stopWhenIdle();
      this.#events.released(this);
    };
    return { port, agent, release };
  }

  /** No new requests; SIGTERM after the last one, as queue-proxy holds it back until it has drained. */
  retire(): void {
    this.#isRetired = true;
    if (this.#state !== 'exited') this.#state = 'draining';
    this.#stopWhenIdle();
  }

  /** SIGKILL now. */
  kill(): void {
    this.#process?.kill();
  }

  async #run(launch: Launch): Promise<void> {
    let reason: string;
    try {
      this.#process = await launch();
      reason = exitReason(await this.#live(this.#process));
    } catch (cause) {
      reason = (cause as Error).message;
    }
    this.#events.gone(this, reason);
  }

  async #live(process: FunctionProcess): Promise<ProcessExit> {
    // Given up while it was being launched.
    this.#stopWhenIdle();
    // At once: its last lines may take a while, and nothing must be sent to it any more.
    void process.died.then(() => {
      this.#state = 'exited';
    });
    const isReady = await process.ready;
    if (isReady && this.#state === 'starting') {
      this.#state = 'ready';
      this.#wasReady = true;
      this.#events.ready(this);
    }
    return process.exited;
  }

  /**
   * A broken connection is often the first sign of a process that was killed: the news of its exit comes a
   * moment later. Until it has answered something, a free place in it would cost a waiting request its answer.
   */
  #doubt(): void {
    if (this.#isDoubted || this.#process === undefined) return;
    this.#isDoubted = true;
    void this.#process.answers().then((isAlive) => {
      this.#isDoubted = false;
      if (isAlive) this.#events.released(this);
      else if (this.#state === 'ready') this.#state = 'exited';
    });
  }

  #stopWhenIdle(): void {
    if (this.#state === 'draining' && this.#inFlight === 0) void this.#process?.stop();
  }
}

function exitReason({ code, signal, lastLine }: ProcessExit): string {
  // Without either the program did not even start, and the line says why.
  if (code === null && signal === null) return lastLine;
  const how = signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
  return lastLine === '' || code === 0 ? how : `${how}: ${lastLine.slice(0, 500)}`;
}
