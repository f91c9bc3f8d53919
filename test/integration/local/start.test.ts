import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { expect, onTestFinished, test } from 'vitest';

import type { StandInStatus } from '../../../knative/local/status.ts';
import { runProgram } from '../../support/run-program.ts';

const ROOT = join(import.meta.dirname, '../../..');
const START = join(ROOT, 'scripts/start.ts');

test('npm start serves iris, with weights from its own S3', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pilotlight-start-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  await using program = runProgram([START], {
    PORT: '0',
    S3_PORT: '0',
    PILOTLIGHT_DATA: dataDir,
  });
  const [, router = ''] = await program.wrote(/^router (http:\/\/localhost:\d+)$/m);
  const sample = await readFile(join(ROOT, 'functions/iris/sample.json'), 'utf8');
  expect(program.output()).toContain(`curl -s ${router}/iris/predict `);

  const answer = await fetch(`${router}/iris/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: sample,
  });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ prediction: 'setosa', model_name: 'iris' });

  // The same Service by its host name, and its metrics on their own port only.
  const byHost = get(`${router}/v2/health/ready`, { headers: { host: 'iris.localhost' } });
  const [ready] = (await once(byHost, 'response')) as [IncomingMessage];
  expect(await text(ready)).toContain('true');
  const status = (await (await fetch(`${router}/_local`)).json()) as StandInStatus;
  const iris = status.services.find(({ name }) => name === 'iris');
  expect(iris).toMatchObject({
    state: 'ready',
    revision: 'iris-00001',
    namespace: 'pilotlight-dev',
  });
  expect(await (await fetch(iris?.metrics ?? '')).text()).toContain('inference_requests_total');
  expect((await fetch(`${router}/iris/metrics`)).status).toBe(404);

  program.kill('SIGINT');
  expect(await program.ended).toBe(0);
});

test('--explain prints what each field of the manifests does, and starts nothing', async () => {
  await using program = runProgram([START, '--explain']);

  expect(await program.ended).toBe(0);
  expect(program.output()).toMatch(
    /^spec\.template\.spec\.timeoutSeconds +implemented +longest time/m,
  );
  expect(program.output()).toMatch(/resources +no effect locally +processes share this machine/);
});

test.each([
  [
    'an unknown manifest field',
    ['--overlay', join(ROOT, 'test/fixtures/local/misspelt')],
    'spec.template.spec.containers.0.redinessProbe: is not a field that the local stand-in knows',
  ],
  ['a missing overlay', ['--overlay', '/nowhere'], 'there is no kustomization.yaml'],
  ['an unknown option', ['--wach'], "Unknown option '--wach'"],
])('%s is refused by name, exit 1', async (_, args, message) => {
  await using program = runProgram([START, ...args]);

  expect(await program.ended).toBe(1);
  expect(program.output()).toContain(message);
  expect(program.output()).not.toContain('    at ');
});
