import type { TensorMap, TensorSpec } from '../../functions/runtime/tensor.ts';
import type { ModelManifest } from './package-schema.ts';

/** An opened ONNX graph. `run` is asynchronous whether it computes here or in a worker. */
export interface Session {
  /** From the graph itself, not from `model.json`. */
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Computes all outputs. Rejects with whatever the runtime throws; callers decide whose fault it is. */
  run(inputs: TensorMap): Promise<TensorMap>;
  release(): Promise<void>;
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
  readonly phases: PhaseTimes;
  /**
   * Runs the first golden case again.
   * @throws {ModelLoadError} When the outputs are no longer those of the original framework.
   */
  proveGolden(): Promise<void>;
}
