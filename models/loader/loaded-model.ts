import type { TensorMap, TensorSpec } from '../../functions/runtime/tensor.ts';
import type { ModelManifest } from './package-schema.ts';

/** An opened ONNX graph. `run` is asynchronous whether it computes here or in a worker. */
export interface Session {
  /** From the graph itself, not from `model.json`. */
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /**
   * Computes the outputs asked for, or all. Rejects with whatever the runtime throws; callers decide whose
   * fault it is.
   */
  run(inputs: TensorMap, outputs?: readonly string[]): Promise<TensorMap>;
  release(): Promise<void>;
}

/** A run's process ended before its answer: it crashed, was killed, or was replaced. */
export class SessionLostError extends Error {}

/** Sessions of one model in processes of their own, each replaced when it ends. */
export interface SessionPool {
  /** Those that can run now, one run each at a time; none while all are being replaced. */
  sessions(): readonly Session[];
  /** How many there are when all is well. */
  readonly size: number;
  /** Ends a session that computes wrong, or without end; a new one takes its place once it is proven. */
  replace(session: Session, reason: string): void;
  /** Set while no session runs and an attempt to replace one has failed: milliseconds to the next. */
  outage(): { readonly retryInMs: number } | undefined;
  /** Has `onChange` called whenever a session came or went, or an attempt failed. */
  watch(onChange: () => void): void;
}

/** What preprocessing and postprocessing may know of the model. */
export interface ModelFacts {
  readonly manifest: ModelManifest;
  /** sha256 of `model.json`, 64 hexadecimal digits. */
  readonly digest: string;
  /** Class names, when the package has a labels file. */
  readonly labels: readonly string[];
  /** The package's vocabulary and tokenizer files as they are, verified, by name. */
  readonly assets: ReadonlyMap<string, Buffer>;
}

/** The steps of a cold start, in order; also the label of `pilotlight_cold_start_seconds`. */
export const PHASES = ['boot', 'fetch', 'verify', 'session', 'warmup', 'ready'] as const;

/** One step of a cold start. */
export type Phase = (typeof PHASES)[number];

/** How long each step took, in milliseconds; `ready` is the whole, from the start of the process. */
export type PhaseTimes = Readonly<Partial<Record<Phase, number>>>;

/** A verified model, opened and proven against its golden example. */
export interface LoadedModel extends ModelFacts {
  readonly session: Session;
  /** Present when the model runs in processes of its own; `session` then runs in one of them. */
  readonly pool?: SessionPool;
  readonly phases: PhaseTimes;
  /**
   * Runs the first golden case again.
   * @param session In this one of the pool. @default `session`
   * @throws {ModelLoadError} When the outputs are no longer those of the original framework.
   */
  proveGolden(session?: Session): Promise<void>;
}
