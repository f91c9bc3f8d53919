import type * as z from 'zod';

import type { ModelFacts } from '../models/loader/loaded-model.ts';
import type { AnyEndpoint } from './endpoint.ts';
import type { InputForm } from './input-form.ts';
import type { PredictContext } from './predict-context.ts';
import type { TensorMap } from './runtime/tensor.ts';

/**
 * One deployable model: everything the platform cannot know by itself. Routes, OpenAPI, the Open Inference
 * Protocol, batching and error handling derive from it.
 */
export type ModelDefinition<Instance, Prediction, Options extends z.ZodObject = z.ZodObject> =
  | RowModel<Instance, Prediction, Options>
  | InstanceModel<Instance, Prediction, Options>;

/** What every model says of itself. */
interface ModelBasics<Instance, Prediction, Options extends z.ZodObject> {
  /** The model's name in URLs, metrics and events. */
  readonly name: string;
  /** One thing to predict on; units and ranges in `.describe()`. */
  readonly request: z.ZodType<Instance>;
  /** One prediction. May not use a name of the answer's envelope ({@link ENVELOPE_NAMES}). */
  readonly response: z.ZodType<Prediction>;
  /**
   * Reads what the package brings for this function alone (`model.assets`), once, before the model is ready:
   * what is wrong there must end the start, not fail a request.
   * @throws {Error} Saying what is wrong; it becomes a permanent `ModelLoadError`.
   */
  prepare?(model: ModelFacts): void;
  /** An instance as JSON carries it, for OpenAPI: it works, and a test proves it. */
  readonly example?: unknown;
  /** An instance for the page to begin with, loaded when somebody opens it. @default `example` */
  sample?(this: void): Promise<unknown>;
  /**
   * What a caller may choose per request, in the query string or in fields of a form. Numbers and booleans
   * are read from their text; every option needs a default or to be optional.
   */
  readonly options?: Options;
  /** Other ways than JSON to send one instance to `/predict` and `/infer`. At most one is multipart. */
  readonly forms?: readonly InputForm[];
  /**
   * How `/infer` answers: as `/predict` does, or with the prediction under `output` and the envelope beside
   * it. @default 'flat'
   */
  readonly output?: 'flat' | 'enveloped';
  /** Answers only the protocols' routes: there is no typed form of its requests. @default false */
  readonly protocolsOnly?: true;
  /** Further routes, beside the ones that every model has. */
  readonly endpoints?: readonly AnyEndpoint[];
}

/** A model whose instances are rows of its tensors: requests run together, whoever sent them. */
export interface RowModel<
  Instance,
  Prediction,
  Options extends z.ZodObject = z.ZodObject,
> extends ModelBasics<Instance, Prediction, Options> {
  readonly predict?: undefined;
  /**
   * N instances to tensors with N rows each, in the same order.
   * @throws {InvalidRequestError} For what only the model's facts can tell.
   */
  preprocess(
    instances: readonly Instance[],
    model: ModelFacts,
    options: z.infer<Options>,
  ): TensorMap | Promise<TensorMap>;
  /** All outputs, N rows each, to N predictions in the same order. */
  postprocess(
    outputs: TensorMap,
    instances: readonly Instance[],
    model: ModelFacts,
    options: z.infer<Options>,
  ): readonly Prediction[] | Promise<readonly Prediction[]>;
}

/** A model where one instance is not one row: windows of a signal, an image beside several texts. */
export interface InstanceModel<
  Instance,
  Prediction,
  Options extends z.ZodObject = z.ZodObject,
> extends ModelBasics<Instance, Prediction, Options> {
  readonly preprocess?: undefined;
  readonly postprocess?: undefined;
  /**
   * One prediction, from as many runs as it takes.
   * @throws {InvalidRequestError} For what only the model's facts can tell.
   */
  predict(instance: Instance, context: PredictContext<z.infer<Options>>): Promise<Prediction>;
}

/** A definition whose types are the platform's business no more. */
// oxlint-disable-next-line typescript/no-explicit-any -- the types only meet inside one definition
export type AnyModelDefinition = ModelDefinition<any, any>;

/** Names that the `/predict` answer uses itself. */
const ENVELOPE_NAMES = [
  'model_name',
  'model_version',
  'request_id',
  'processing_time_ms',
  'batch_size',
] as const;

/**
 * Checks and returns a model definition.
 * @throws {TypeError} When the response schema uses a name of the envelope, or two forms read the same body.
 */
export function defineModel<Instance, Prediction, Options extends z.ZodObject = z.ZodObject>(
  definition: RowModel<Instance, Prediction, Options>,
): RowModel<Instance, Prediction, Options>;
/**
 * The same for a model that predicts instance by instance.
 * @throws {TypeError} As above.
 */
export function defineModel<Instance, Prediction, Options extends z.ZodObject = z.ZodObject>(
  definition: InstanceModel<Instance, Prediction, Options>,
): InstanceModel<Instance, Prediction, Options>;
/**
 * Either.
 * @throws {TypeError} As above.
 */
export function defineModel(definition: AnyModelDefinition): AnyModelDefinition;
/** All of them. */
export function defineModel(definition: AnyModelDefinition): AnyModelDefinition {
  const refuse: Refuse = (why) => {
    throw new TypeError(`Cannot define "${definition.name}" as ${why}`);
  };
  checkResponse(definition.response, refuse);
  checkForms(definition.forms ?? [], definition.options, refuse);
  const paths = new Set<string>();
  for (const { path, response, forms = [], options } of definition.endpoints ?? []) {
    const refuseEndpoint: Refuse = (why) => refuse(`its endpoint ${path}: ${why}`);
    if (!ENDPOINT_PATH.test(path)) refuseEndpoint('its path is not like "/test"');
    if (paths.has(path) || OWN_PATHS.test(path)) refuseEndpoint('its path is taken');
    paths.add(path);
    checkResponse(response, refuseEndpoint);
    checkForms(forms, options, refuseEndpoint);
  }
  return definition;
}

type Refuse = (why: string) => never;

const ENDPOINT_PATH = /^(?:\/[a-z][a-z0-9-]*)+$/;
/** What every function answers by itself, and what the platform may come to answer. */
const OWN_PATHS =
  /^\/(?:v\d+|predict|infer|healthz?|ready|metrics|info|events|dead-letters)(?:\/|$)/;

function checkResponse(response: z.ZodType, refuse: Refuse): void {
  const { shape = {} } = response as { readonly shape?: Readonly<Record<string, unknown>> };
  const taken = ENVELOPE_NAMES.filter((name) => name in shape);
  if (taken.length > 0) refuse(`its response uses ${taken.join(', ')}`);
}

function checkForms(
  forms: readonly InputForm[],
  options: z.ZodObject | undefined,
  refuse: Refuse,
): void {
  const types = forms.flatMap((form) =>
    form.multipart === undefined ? form.mediaTypes : ['multipart/form-data'],
  );
  const twice = types.find((type, index) => types.indexOf(type) < index);
  if (twice !== undefined) refuse(`two forms read ${twice}`);
  if (types.includes('application/json')) refuse('a form reads application/json');
  const odd = types.find((type) => type !== type.toLowerCase());
  if (odd !== undefined) refuse(`${odd} is not in lower case`);
  if (options?.safeParse({}, { jitless: true }).success === false)
    refuse('its options have no defaults');
  const fields = forms.flatMap((form) => Object.keys(form.multipart ?? {}));
  const both = fields.find((name) => options !== undefined && name in options.shape);
  if (both !== undefined) refuse(`"${both}" is a field of a form and an option`);
}
