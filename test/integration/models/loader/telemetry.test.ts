import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { IRIS_FOLDER } from '../../../support/package-fixture.ts';

const LOADER = join(import.meta.dirname, '../../../../models/loader/load-model.ts');

const program = `
  const { loadModel } = await import(${JSON.stringify(LOADER)});
  const { manifest } = await loadModel({
    uri: ${JSON.stringify(`file:${IRIS_FOLDER}`)},
    openStore: () => { throw new Error('no store'); },
    signal: new AbortController().signal,
  });
  console.log(manifest.name);
`;

it('a process that loads a model leaves no telemetry of ONNX Runtime behind', async () => {
  const home = await mkdtemp(join(tmpdir(), 'home-'));
  // The runtime switches its telemetry off by itself where it sees a CI system: nothing is passed on.
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    env: { HOME: home, TMPDIR: home, XDG_CACHE_HOME: join(home, '.cache') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = Array.fromAsync(child.stdout.setEncoding('utf8'));
  const [code] = (await once(child, 'exit')) as [number];

  expect({ code, output: (await output).join('') }).toEqual({ code: 0, output: 'iris\n' });
  expect(await readdir(home, { recursive: true })).toEqual([]);
  await rm(home, { recursive: true });
});
