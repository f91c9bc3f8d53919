/** How often something happened, and for how long in all. */
export interface Duration {
  readonly count: number;
  /** Nanoseconds, whole. */
  readonly ns: number;
}

/** What the runs of one size took; `count` is runs. */
export interface BatchStatistics {
  readonly batchSize: number;
  readonly computeInput: Duration;
  readonly computeInfer: Duration;
  readonly computeOutput: Duration;
}

/**
 * What one model has done since the process started, as the Open Inference Protocol's statistics
 * extension counts it: `count` is requests, and each request of a batch is charged the whole of its runs.
 * https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_statistics.md
 */
export interface EngineStatistics {
  /** When the last request succeeded, in milliseconds since 1970; 0 before the first. */
  readonly lastInferenceMs: number;
  /** Rows of requests that succeeded. */
  readonly inferenceCount: number;
  /** Runs of the model that succeeded. */
  readonly executionCount: number;
  /** From the engine's door to the answer. */
  readonly success: Duration;
  /** The same for requests that got an error, refused and abandoned ones included. */
  readonly fail: Duration;
  /** Waiting for the model to be free. */
  readonly queue: Duration;
  /** Joining the rows of a batch. */
  readonly computeInput: Duration;
  /** The run itself. */
  readonly computeInfer: Duration;
  /** Giving each request its own rows. */
  readonly computeOutput: Duration;
  /** By size, rising. */
  readonly batches: readonly BatchStatistics[];
}

/** Milliseconds of the steps of a request. */
export interface ComputeTimes {
  readonly inputMs: number;
  readonly inferMs: number;
  readonly outputMs: number;
}

/** Counts what an engine does. */
export interface StatisticsRecorder {
  /** One run of `rows` rows, whatever becomes of the requests that it is part of. */
  ran(rows: number, inferMs: number): void;
  /** What joining its inputs and handing out its outputs took, as far as it took anything. */
  moved(rows: number, times: { readonly inputMs: number; readonly outputMs: number }): void;
  /** One request was answered. */
  succeeded(request: {
    readonly rows: number;
    readonly totalMs: number;
    readonly queueMs: number;
    readonly compute: ComputeTimes;
  }): void;
  /** One request got an error, so long after it came. */
  failed(totalMs: number): void;
  read(): EngineStatistics;
}

interface Counter {
  count: number;
  ms: number;
}

interface Compute {
  readonly input: Counter;
  readonly infer: Counter;
  readonly output: Counter;
}

/** A recorder with everything at 0. It takes additions only: some fifty nanoseconds per request. */
export function createStatistics(): StatisticsRecorder {
  const [success, fail, queue] = [counter(), counter(), counter()];
  const requests = compute();
  const batches = new Map<number, Compute>();
  let lastInferenceMs = 0;
  let inferenceCount = 0;
  let executionCount = 0;
  return {
    ran(rows, inferMs) {
      executionCount += 1;
      let batch = batches.get(rows);
      if (batch === undefined) batches.set(rows, (batch = compute()));
      addCompute(batch, { inputMs: 0, inferMs, outputMs: 0 });
    },
    moved(rows, { inputMs, outputMs }) {
      const batch = batches.get(rows);
      if (batch === undefined) return;
      batch.input.ms += inputMs;
      batch.output.ms += outputMs;
    },
    succeeded({ rows, totalMs, queueMs, compute: times }) {
      lastInferenceMs = Date.now();
      inferenceCount += rows;
      add(success, totalMs);
      add(queue, queueMs);
      addCompute(requests, times);
    },
    failed: (totalMs) => add(fail, totalMs),
    read: () => ({
      lastInferenceMs,
      inferenceCount,
      executionCount,
      success: duration(success),
      fail: duration(fail),
      queue: duration(queue),
      ...durations(requests),
      batches: [...batches]
        .toSorted(([a], [b]) => a - b)
        .map(([batchSize, times]) => ({ batchSize, ...durations(times) })),
    }),
  };
}

function counter(): Counter {
  return { count: 0, ms: 0 };
}

function compute(): Compute {
  return { input: counter(), infer: counter(), output: counter() };
}

function add(to: Counter, ms: number): void {
  to.count += 1;
  to.ms += ms;
}

function addCompute(to: Compute, { inputMs, inferMs, outputMs }: ComputeTimes): void {
  add(to.input, inputMs);
  add(to.infer, inferMs);
  add(to.output, outputMs);
}

function duration({ count, ms }: Counter): Duration {
  return { count, ns: Math.round(ms * 1e6) };
}

function durations({ input, infer, output }: Compute): Omit<BatchStatistics, 'batchSize'> {
  return {
    computeInput: duration(input),
    computeInfer: duration(infer),
    computeOutput: duration(output),
  };
}
