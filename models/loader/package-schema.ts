import * as z from 'zod';

import { DATATYPES } from '../../functions/runtime/tensor.ts';

/** Names of models: they become host names, path segments and event attributes. */
export const MODEL_NAME = /^[a-z][a-z0-9-]{0,62}$/;

const fileName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'must be a plain file name without folders');

const file = z.strictObject({
  name: fileName,
  /** What the file is for; exactly one is `model`. */
  role: z.enum([
    'model',
    'labels',
    'vocabulary',
    'tokenizer',
    'golden',
    'card',
    'metrics',
    'other',
  ]),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  size_bytes: z.int().nonnegative(),
});

const axis = z.union([z.int().nonnegative(), z.string().regex(/^[a-z][a-z0-9_]*$/)]);

const tensor = z.strictObject({
  name: z.string().min(1),
  datatype: z.enum(DATATYPES),
  /** A number is a fixed size, a name an axis that varies (`batch` is the batch axis). */
  shape: z.array(axis),
  description: z.string().optional(),
});

/** Session options a package may set; everything else is decided by the server. */
const session = z.strictObject({
  graph_optimization_level: z.enum(['disabled', 'basic', 'extended', 'layout', 'all']).optional(),
  execution_mode: z.enum(['sequential', 'parallel']).optional(),
  intra_op_threads: z.int().min(1).max(64).optional(),
  inter_op_threads: z.int().min(1).max(64).optional(),
  enable_cpu_mem_arena: z.boolean().optional(),
  enable_mem_pattern: z.boolean().optional(),
  disable_prepacking: z.boolean().optional(),
});

const distribution = z.strictObject({
  name: z.string().min(1),
  /** Numeric feature: inner bin edges, rising; `proportions` has one more entry than `edges`. */
  edges: z.array(z.number()).optional(),
  /** Categorical feature or predicted class: the categories, one per proportion. */
  categories: z.array(z.string()).optional(),
  proportions: z.array(z.number().min(0).max(1)).min(1),
});

/** The file of the graph; fixed, since it is requested before `model.json` has been read. */
export const MODEL_FILE = 'model.onnx';

/** The function that serves packages without code of their own. */
export const GENERIC_FUNCTION = 'model';

/** The manifest's own name in a package. */
export const MANIFEST_FILE = 'model.json';

const manifestObject = z.strictObject({
  schema_version: z.literal(1),
  name: z.string().regex(MODEL_NAME),
  version: z.int().positive(),
  /** What it does: `classification`, `image-classification`, `denoising`, `zero-shot`, … */
  task: z.string().regex(/^[a-z][a-z0-9-]*$/),
  description: z.string().min(1),
  licence: z.string().min(1),
  /** `model` for a package that the generic function serves. @default the function of the model's own name */
  function: z.literal(GENERIC_FUNCTION).optional(),
  files: z
    .array(file)
    .min(1)
    .refine((files) => files.filter(({ role }) => role === 'model').length === 1, {
      message: 'must list exactly one file with the role "model"',
    })
    .refine(
      (files) => files.every(({ role, name }) => (role === 'model') === (name === MODEL_FILE)),
      {
        message: `must call the file with the role "model" ${MODEL_FILE}, and no other`,
      },
    )
    .refine((files) => files.filter(({ role }) => role === 'golden').length === 1, {
      message: 'must list exactly one file with the role "golden"',
    })
    .refine((files) => files.every(({ name }) => name !== MANIFEST_FILE), {
      message: `must not list ${MANIFEST_FILE} itself`,
    })
    .refine((files) => new Set(files.map(({ name }) => name)).size === files.length, {
      message: 'must not list a file twice',
    }),
  inputs: z.array(tensor).min(1),
  outputs: z.array(tensor).min(1),
  /** Where requests may be joined into one run; absent when rows are not independent. */
  batch: z.strictObject({ axis: z.literal(0), max_rows: z.int().min(1).max(65_536) }).optional(),
  /** `inline` for runs of about a millisecond, else `worker`; measured when the package is made. */
  execution: z.enum(['inline', 'worker']),
  session: session.default({}),
  /** Constants of the model's own preprocessing: image size, mean, window, vocabulary options. */
  preprocessing: z.record(z.string(), z.json()).default({}),
  /** The file (a JSON array of strings) that names the classes. */
  labels: fileName.optional(),
  /** What inputs and predictions looked like in training; drift is measured against it. */
  training_baseline: z
    .strictObject({
      rows: z.int().positive(),
      features: z.array(distribution),
      predictions: z.array(distribution),
    })
    .optional(),
  /** How it was made: framework and exporter versions, seed, date. */
  provenance: z.record(z.string(), z.string()).default({}),
});

/**
 * `model.json`: everything there is to know about one version of a model. Its sha256 is the model's
 * digest. Versions are immutable, so every key that the platform will ever need is here from the start.
 */
export const modelManifest = manifestObject
  .refine(
    ({ labels, files }) => labels === undefined || files.some(({ name }) => name === labels),
    {
      message: 'must be one of the files',
      path: ['labels'],
    },
  )
  .refine(
    ({ batch, inputs, outputs }) =>
      batch === undefined || [...inputs, ...outputs].every(({ shape }) => shape[0] === 'batch'),
    {
      message: 'needs "batch" as the first axis of every input and output',
      path: ['batch'],
    },
  );

/** A parsed `model.json`. */
export type ModelManifest = z.infer<typeof modelManifest>;

/** One file of a package, as its manifest lists it. */
export type PackageFile = ModelManifest['files'][number];

/** The only file with this role. The schema sees to it that `model` and `golden` exist. */
export function fileWithRole(manifest: ModelManifest, role: 'model' | 'golden'): PackageFile {
  const found = manifest.files.find((entry) => entry.role === role);
  if (found === undefined)
    throw new TypeError(`The manifest lists no file with the role "${role}"`);
  return found;
}

/** The files that a model's own function reads: vocabularies and tokenizers. */
export function assetsOf({ files, labels }: ModelManifest): readonly PackageFile[] {
  return files.filter(
    ({ role, name }) => (role === 'vocabulary' || role === 'tokenizer') && name !== labels,
  );
}

/** A row of an image or a text has thousands: zod's own way, entry by entry, costs a cold start milliseconds. */
const goldenData = z.custom<readonly (number | string | boolean)[]>(
  (value) =>
    Array.isArray(value) &&
    value.every((entry) => ['number', 'string', 'boolean'].includes(typeof entry)),
  { message: 'must be a list of numbers, strings or booleans' },
);

const goldenTensor = z.strictObject({
  name: z.string(),
  datatype: z.enum(DATATYPES),
  shape: z.array(z.int().nonnegative()),
  data: goldenData,
});

/**
 * `golden.json`: inputs with the outputs of the original framework. The loader reproduces the first case
 * before the model is ready, `npm run models -- verify` and the tests all of them.
 */
export const goldenFile = z.strictObject({
  /** What produced the outputs, with its version. */
  producer: z.string(),
  /** |ours − theirs| must be at most absolute + relative · |theirs|. */
  tolerance: z.strictObject({
    absolute: z.number().nonnegative(),
    relative: z.number().nonnegative().default(0),
  }),
  cases: z
    .array(
      z.strictObject({
        inputs: z.array(goldenTensor).min(1),
        outputs: z.array(goldenTensor).min(1),
        /** The same inputs as `/predict` takes them, one per row, where the model has a typed form. */
        instances: z.array(z.json()).optional(),
        /** What `/predict` answers per row, without the envelope. */
        predictions: z.array(z.json()).optional(),
      }),
    )
    .min(1),
});

/** A parsed `golden.json`. */
export type GoldenFile = z.infer<typeof goldenFile>;
