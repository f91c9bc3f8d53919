/** A part of the tree, and the parts below it that it may import. */
export interface Layer {
  readonly name: string;
  /** Files or folders (with a slash at the end); of several that fit a file, the longest counts. */
  readonly paths: readonly string[];
  /** Names of layers. A layer's files may always import each other, unless they are `apart`. */
  readonly mayImport: readonly string[];
  /** Each folder below these paths stands by itself: no function imports another. */
  readonly apart?: true;
}

const PRODUCT_AND_TOOLS: readonly Layer[] = [
  { name: 'runtime', paths: ['functions/runtime/'], mayImport: [] },
  { name: 'inputs', paths: ['functions/inputs/'], mayImport: ['runtime'] },
  { name: 'loader', paths: ['models/'], mayImport: ['runtime'] },
  { name: 'events', paths: ['events/'], mayImport: ['runtime'] },
  {
    name: 'authoring',
    paths: [
      'functions/define-model.ts',
      'functions/endpoint.ts',
      'functions/input-form.ts',
      'functions/predict-context.ts',
    ],
    mayImport: ['runtime', 'loader'],
  },
  { name: 'engine', paths: ['functions/serving/engine/'], mayImport: ['runtime', 'loader'] },
  { name: 'http', paths: ['functions/serving/http/'], mayImport: ['runtime'] },
  { name: 'openapi', paths: ['functions/serving/openapi/'], mayImport: ['runtime', 'http'] },
  {
    name: 'service',
    paths: ['functions/serving/service.ts', 'functions/serving/event-work.ts'],
    mayImport: ['runtime', 'loader', 'events', 'authoring', 'engine'],
  },
  {
    name: 'page',
    paths: [
      'functions/serving/protocols/page/assets.ts',
      'functions/serving/protocols/page/page-facts.ts',
      'functions/serving/protocols/page/browser/',
    ],
    mayImport: [],
  },
  {
    name: 'protocols',
    paths: ['functions/serving/protocols/'],
    mayImport: [
      'runtime',
      'inputs',
      'loader',
      'events',
      'authoring',
      'engine',
      'http',
      'openapi',
      'service',
      'page',
    ],
  },
  {
    name: 'scoring',
    paths: ['functions/scoring/'],
    mayImport: ['runtime', 'inputs', 'loader', 'events', 'authoring', 'engine', 'service'],
  },
  {
    name: 'serving',
    paths: ['functions/serving/'],
    mayImport: [
      'runtime',
      'loader',
      'authoring',
      'engine',
      'http',
      'service',
      'protocols',
      'scoring',
    ],
  },
  {
    name: 'batch',
    paths: ['functions/batch/'],
    mayImport: ['runtime', 'inputs', 'events', 'http', 'openapi'],
  },
  {
    name: 'uploads',
    paths: ['functions/uploads/'],
    mayImport: ['runtime', 'inputs', 'events', 'http'],
  },
  {
    name: 'functions',
    paths: ['functions/'],
    mayImport: ['runtime', 'inputs', 'loader', 'events', 'authoring'],
    apart: true,
  },
  {
    name: 'catalogue',
    paths: ['functions/catalogue.ts'],
    mayImport: ['authoring', 'http', 'batch', 'uploads', 'functions'],
  },
  {
    name: 'main',
    paths: ['functions/main.ts', 'functions/framework.ts', 'functions/load-configured-model.ts'],
    mayImport: ['runtime', 'loader', 'http', 'serving', 'catalogue'],
  },
  { name: 'local', paths: ['knative/local/'], mayImport: ['runtime', 'events'] },
  {
    name: 'scripts',
    paths: ['scripts/'],
    // The engine's own way of joining rows is what an import proves a model with.
    mayImport: ['runtime', 'loader', 'events', 'authoring', 'engine', 'page', 'catalogue', 'local'],
  },
];

const PRODUCT_NAMES = PRODUCT_AND_TOOLS.map(({ name }) => name);
const BENCH_IMPORTS = [
  'runtime',
  'loader',
  'events',
  'engine',
  'scoring',
  'functions',
  'local',
  'scripts',
  'support',
];

/** Which way imports point, from the bottom up. `docs/ARCHITECTURE.md` draws it. */
export const LAYERS: readonly Layer[] = [
  ...PRODUCT_AND_TOOLS,
  { name: 'support', paths: ['test/support/'], mayImport: PRODUCT_NAMES },
  // The command is part of it: no other script may lean on what measures them all.
  { name: 'bench', paths: ['test/bench/', 'scripts/bench.ts'], mayImport: BENCH_IMPORTS },
  {
    name: 'test',
    paths: ['test/', 'vitest.config.ts'],
    mayImport: [...PRODUCT_NAMES, 'support', 'bench'],
  },
];

/**
 * Packages that only some files may import, so that each can be replaced in one place. The name covers what
 * lies below it (`pino/file`); tests are free.
 */
export const CONFINED_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@aws-sdk': ['functions/runtime/object-store/'],
  '@google-cloud/functions-framework': ['functions/serving/http/register-function.ts'],
  '@redis/client': ['functions/serving/engine/cache/'],
  '@smithy': ['functions/runtime/object-store/'],
  cloudevents: ['events/'],
  esbuild: ['scripts/build/'],
  'lru-cache': ['functions/serving/engine/cache/'],
  'onnxruntime-node': ['models/loader/open-session.ts', 'models/loader/ort-tensor.ts'],
  'oxc-parser': ['scripts/check/'],
  'prom-client': ['functions/runtime/metrics.ts'],
  sharp: ['functions/inputs/image/decode.ts'],
  vitest: ['scripts/test.ts', 'vitest.config.ts'],
  yaml: ['knative/local/', 'scripts/'],
};
