import type * as z from 'zod';

import type { InputForm } from './input-form.ts';
import type { PredictContext } from './predict-context.ts';

/**
 * One more `POST` route of a function, for one instance at a time: its own request, answer, body limit and
 * forms of the answer. JSON is always read, and is what a caller gets that asks for nothing else.
 */
export interface Endpoint<Instance, Answer, Options extends z.ZodObject = z.ZodObject> {
  /** Segments of small letters, digits and `-`: `/test`. */
  readonly path: `/${string}`;
  /** One sentence for OpenAPI. */
  readonly description: string;
  /** @default the setting `MAX_BODY_BYTES` */
  readonly maxBodyBytes?: number;
  readonly request: z.ZodType<Instance>;
  /** The JSON answer, to which the envelope is added. */
  readonly response: z.ZodType<Answer>;
  /** An instance as JSON carries it, for OpenAPI: it works, and a test proves it. */
  readonly example?: unknown;
  /** An instance for the page to begin with, loaded when somebody opens it. @default `example` */
  sample?(this: void): Promise<unknown>;
  readonly options?: Options;
  readonly forms?: readonly InputForm[];
  /**
   * The answer to one instance, from as many runs of the model as it takes.
   * @throws {InvalidRequestError} For what only the model's facts can tell.
   */
  predict(instance: Instance, context: PredictContext<z.infer<Options>>): Promise<Answer>;
  /**
   * Other forms of the answer by media type, for callers whose `Accept` prefers them; the first of equals
   * wins, JSON before all. `application/json` itself takes the place of the usual JSON.
   */
  readonly produces?: Readonly<Record<string, WriteAnswer<Answer, z.infer<Options>>>>;
}

/**
 * Writes an answer in one form: whole, or piece by piece. Pieces are asked for as fast as the client takes
 * them; when it goes or the deadline passes, the iterator's `return` is called.
 */
export type WriteAnswer<Answer, Options> = (
  answer: Answer,
  context: WriteContext<Options>,
) => string | Uint8Array | AsyncIterable<Uint8Array>;

/** What {@link WriteAnswer} works with. */
export interface WriteContext<Options> {
  readonly options: Options;
  /** What every JSON answer has beside its own fields. */
  readonly envelope: Readonly<Record<string, string | number>>;
}

/** An endpoint whose types are the platform's business no more. */
// oxlint-disable-next-line typescript/no-explicit-any -- the types only meet inside one endpoint
export type AnyEndpoint = Endpoint<any, any, any>;

/** Gives an endpoint its types; {@link defineModel} checks it. */
export function defineEndpoint<Instance, Answer, Options extends z.ZodObject = z.ZodObject>(
  endpoint: Endpoint<Instance, Answer, Options>,
): Endpoint<Instance, Answer, Options> {
  return endpoint;
}
