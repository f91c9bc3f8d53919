import type { S3Settings } from '../store/counting-store.ts';

/** The programs that are compared, ours first. */
export const CONTESTANT_NAMES = [
  'pilotlight',
  'floor',
  'stock',
  'fastapi',
  'bentoml',
  'litserve',
] as const;

/** Which program. */
export type ContestantName = (typeof CONTESTANT_NAMES)[number];

/** A program that serves the model at `POST /predict`. */
export interface Contestant {
  readonly name: ContestantName;
  /** What it is, in one line. */
  readonly what: string;
  readonly command: string;
  readonly args: readonly string[];
  /** All of its environment but `PORT`. */
  readonly env: Readonly<Record<string, string>>;
  /** `s3`: a start without a GET of the weights at the store is no start. */
  readonly weights: 's3' | 'local file';
  /** Whether `/info` tells of a code cache, which must be accepted then. */
  readonly hasInfo: boolean;
}

/** A contestant that cannot run on this machine, and why. */
export interface AbsentContestant {
  readonly name: ContestantName;
  readonly what: string;
  readonly absent: string;
}

/** What a contestant is made with. */
export interface ContestantContext {
  /** The clone. */
  readonly root: string;
  /** Which model; the others than `pilotlight` serve only some. */
  readonly model: string;
  readonly s3: S3Settings;
  /** `s3://models/_shared/iris/1` */
  readonly modelUri: string;
}

/** Nothing of the caller's environment: one variable can cost a start 50 ms (`NODE_EXTRA_CA_CERTS`). */
export function nodeEnvironment({
  s3,
  modelUri,
}: ContestantContext): Readonly<Record<string, string>> {
  return {
    ...s3,
    MODEL_URI: modelUri,
    NODE_ENV: 'production',
    // Its vendor's default would have every contestant write files and start a thread.
    ORT_DISABLE_TELEMETRY: '1',
  };
}

/** Whether a contestant can run here. */
export function isPresent(contestant: Contestant | AbsentContestant): contestant is Contestant {
  return !('absent' in contestant);
}
