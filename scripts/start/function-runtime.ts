import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { ServiceSpec } from '../../knative/local/manifests/read-services.ts';
import type { Command } from '../../knative/local/process/function-process.ts';
import type { FunctionRuntime } from '../../knative/local/process/launch.ts';

/** What `scripts/build.ts` gives: builds a function when its bundle is not fresh. */
type BuildFunction = (name: string) => Promise<Command>;

/** Runs the same bundles as the image, built when they are missing or old. */
export function bundleRuntime(root: string): FunctionRuntime {
  return {
    async programFor(service) {
      const name = functionOf(service);
      const script = join(root, 'scripts', 'build.ts');
      if (existsSync(script)) {
        const { buildFunction } = (await import(script)) as { buildFunction: BuildFunction };
        return buildFunction(name);
      }
      return { command: process.execPath, args: [join(root, 'functions', 'main.ts')] };
    },
  };
}

function functionOf(service: ServiceSpec): string {
  const name = service.env['FUNCTION_TARGET'];
  if (name === undefined || name === '') {
    throw new Error(`Service ${service.name} does not say which function it runs: FUNCTION_TARGET`);
  }
  return name;
}
