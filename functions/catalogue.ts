import type { AnyModelDefinition } from './define-model.ts';
import type { RouteFunction } from './serving/http/route-function.ts';

/**
 * Every function that serves a model, by the name that `FUNCTION_TARGET` gives. A function's code is
 * loaded when it is asked for; the build puts only that one into its bundle.
 */
export const CATALOGUE: Readonly<Record<string, () => Promise<AnyModelDefinition>>> = {
  clip: async () => (await import('./clip/index.ts')).clip,
  denoise: async () => (await import('./denoise/index.ts')).denoise,
  flava: async () => (await import('./flava/index.ts')).flava,
  image: async () => (await import('./image/index.ts')).image,
  iris: async () => (await import('./iris/index.ts')).iris,
  model: async () => (await import('./model/index.ts')).model,
  text: async () => (await import('./text/index.ts')).text,
};

/** Every function that serves none, in the same way. */
export const ROUTE_FUNCTIONS: Readonly<Record<string, () => Promise<RouteFunction>>> = {
  batch: async () => (await import('./batch/index.ts')).batch,
  uploads: async () => (await import('./uploads/index.ts')).uploads,
};

/** Every function by its name, and of which kind it is. */
export const FUNCTIONS: Readonly<Record<string, 'model' | 'routes'>> = Object.fromEntries([
  ...Object.keys(CATALOGUE).map((name) => [name, 'model'] as const),
  ...Object.keys(ROUTE_FUNCTIONS).map((name) => [name, 'routes'] as const),
]);
