import type { RevisionSpec, ServiceSpec } from '../../knative/local/manifests/read-services.ts';
import type { FunctionRuntime } from '../../knative/local/process/launch.ts';
import { buildFunction } from '../build/build-function.ts';

/** Runs the same bundles as the image, built when they are missing or old. */
export const bundleRuntime: FunctionRuntime = {
  programFor: (revision) => buildFunction(functionOf(revision)),
};

/**
 * The function that a Service runs.
 * @throws {Error} When its manifest does not say.
 */
export function functionOf(of: RevisionSpec | ServiceSpec): string {
  const [service, env] = 'template' in of ? [of.name, of.template.env] : [of.service, of.env];
  const name = env['FUNCTION_TARGET'];
  if (name === undefined || name === '') {
    throw new Error(`Service ${service} does not say which function it runs: FUNCTION_TARGET`);
  }
  return name;
}
