import type { ServiceSpec } from '../../knative/local/manifests/read-services.ts';
import type { FunctionRuntime } from '../../knative/local/process/launch.ts';
import { buildFunction } from '../build/build-function.ts';

/** Runs the same bundles as the image, built when they are missing or old. */
export const bundleRuntime: FunctionRuntime = {
  programFor: (service) => buildFunction(functionOf(service)),
};

function functionOf(service: ServiceSpec): string {
  const name = service.env['FUNCTION_TARGET'];
  if (name === undefined || name === '') {
    throw new Error(`Service ${service.name} does not say which function it runs: FUNCTION_TARGET`);
  }
  return name;
}
