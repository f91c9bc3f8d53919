import type { AnyModelDefinition } from './define-model.ts';

/**
 * Every function that can be deployed, by the name that `FUNCTION_TARGET` gives. A function's code is
 * loaded when it is asked for; the build puts only that one into its bundle.
 */
export const CATALOGUE: Readonly<Record<string, () => Promise<AnyModelDefinition>>> = {
  clip: async () => (await import('./clip/index.ts')).clip,
  denoise: async () => (await import('./denoise/index.ts')).denoise,
  image: async () => (await import('./image/index.ts')).image,
  iris: async () => (await import('./iris/index.ts')).iris,
  model: async () => (await import('./model/index.ts')).model,
  text: async () => (await import('./text/index.ts')).text,
};
