import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { runProgram, type RunningProgram } from '../../support/run-program.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/local');

/** A folder with an overlay to change and a data folder that outlives a run. */
async function workplace(): Promise<{ overlay: string; start: () => RunningProgram; dir: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'pilotlight-revisions-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const overlay = join(dir, 'overlay');
  await cp(join(FIXTURES, 'overlay'), overlay, { recursive: true });
  const env = { PORT: '0', S3_PORT: '0', PILOTLIGHT_DATA: join(dir, 'data') };
  const start = (): RunningProgram => runProgram([join(FIXTURES, 'stand-in.ts'), overlay], env);
  return { overlay, start, dir };
}

async function changeManifest(overlay: string, from: string, to: string): Promise<void> {
  const file = join(overlay, 'service.yaml');
  const text = await readFile(file, 'utf8');
  expect(text).toContain(from);
  await writeFile(file, text.replace(from, to));
}

async function who(router: string, path: string): Promise<Record<string, string>> {
  const answer = await fetch(`${router}${path}`);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { env: Record<string, string> }).env;
}

test('revisions are remembered between runs, so that traffic can name an earlier one', async () => {
  const { overlay, start } = await workplace();
  {
    await using program = start();
    const [, router = ''] = await program.wrote(/^router (http:\S+)$/m);
    expect((await who(router, '/fixture/who'))['K_REVISION']).toBe('fixture-00001');
    program.kill('SIGTERM');
    expect(await program.ended).toBe(0);
  }
  await changeManifest(overlay, 'timeoutSeconds: 20', 'timeoutSeconds: 21');
  await changeManifest(
    overlay,
    'spec:\n  template:',
    'spec:\n  traffic:\n' +
      '    - {revisionName: fixture-00001, percent: 100}\n' +
      '    - {latestRevision: true, tag: canary}\n' +
      '  template:',
  );

  await using program = start();
  const [, router = ''] = await program.wrote(/^router (http:\S+)$/m);

  expect((await who(router, '/fixture/who'))['K_REVISION']).toBe('fixture-00001');
  expect((await who(router, '/canary-fixture/who'))['K_REVISION']).toBe('fixture-00002');
  const { services } = (await (await fetch(`${router}/_local`)).json()) as { services: unknown[] };
  expect(services).toMatchObject([
    {
      revision: 'fixture-00002',
      revisions: [
        { name: 'fixture-00001', percent: 100, tags: [], urls: [] },
        {
          name: 'fixture-00002',
          percent: 0,
          tags: ['canary'],
          urls: [`${router}/canary-fixture`],
        },
      ],
    },
  ]);
});

test('a manifest that names a revision which never was is refused, exit 1', async () => {
  const { overlay, start } = await workplace();
  await changeManifest(
    overlay,
    'spec:\n  template:',
    'spec:\n  traffic:\n    - {revisionName: fixture-7, percent: 100}\n  template:',
  );

  await using program = start();

  expect(await program.ended).toBe(1);
  expect(program.output()).toBe(
    'Service fixture: spec.traffic.0.revisionName: there is no revision fixture-7 here; ' +
      'there are: fixture-00001\n',
  );
});

test('a file of revisions that cannot be read counts as none', async () => {
  const { start, dir } = await workplace();
  {
    await using program = start();
    await program.wrote(/^router /m);
    program.kill('SIGTERM');
    await program.ended;
  }
  await writeFile(join(dir, 'data/revisions.json'), '{"format":1,"serv');

  await using program = start();
  const [, router = ''] = await program.wrote(/^router (http:\S+)$/m);

  expect((await who(router, '/fixture/who'))['K_REVISION']).toBe('fixture-00001');
});
