import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { loadFixture } from '../../fixtures/onnx/load-fixture.ts';
import { IDENTITIES, SCALAR, SUMS } from '../../fixtures/onnx/models.ts';
import { serveModel } from '../../support/serve-model.ts';
import { startFunction } from '../../support/start-function.ts';

const run = promisify(execFile);

/** Installing a client may take minutes. */
export const CLIENT_TIMEOUT_MS = 600_000;

/**
 * Runs a Python program of this folder against iris, served by a process of its own, and the fixture models,
 * served by this one: `program http-address {"model": "address", …}`, without `http://`.
 * @returns What it printed, as JSON.
 */
export async function runClient(python: string, program: string): Promise<unknown> {
  const iris = await startFunction();
  const models = await Promise.all(
    [...IDENTITIES, SCALAR, SUMS].map(async (fixture) => ({
      name: fixture.name,
      served: await serveModel(await loadFixture(fixture)),
    })),
  );
  try {
    const addresses = models.map(({ name, served }) => [name, `127.0.0.1:${served.port}`]);
    const { stdout } = await run(
      python,
      [
        join(import.meta.dirname, program),
        `127.0.0.1:${iris.port}`,
        JSON.stringify(Object.fromEntries(addresses)),
      ],
      // Nothing of the tests' own environment: a proxy that it names would be asked for 127.0.0.1.
      { env: { PATH: process.env['PATH'] }, maxBuffer: 2 ** 24 },
    );
    return JSON.parse(stdout) as unknown;
  } finally {
    await Promise.all(models.map(({ served }) => served.stop()));
    await iris.stop('SIGKILL');
  }
}
