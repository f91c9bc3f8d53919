import type { RevisionSpec } from '../../knative/local/manifests/read-services.ts';
import type { FunctionRuntime } from '../../knative/local/process/launch.ts';
import { buildFunction } from '../build/build-function.ts';

/** Runs the same bundles as the image, built when they are missing or old. */
export const bundleRuntime: FunctionRuntime = {
  programFor: (revision) => buildFunction(functionOf(revision)),
};

function functionOf({ service, env }: Pick<RevisionSpec, 'service' | 'env'>): string {
  const name = env['FUNCTION_TARGET'];
  if (name === undefined || name === '') {
    throw new Error(`Service ${service} does not say which function it runs: FUNCTION_TARGET`);
  }
  return name;
}
