import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { findPython } from '../../../scripts/models/python-environment.ts';
import { TrainError, trainModel } from '../../../scripts/models/train-model.ts';

let scratch: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'pilotlight-train-'));
  env = { PATH: process.env['PATH'], XDG_CACHE_HOME: join(scratch, 'cache') };
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

/** A model whose training writes down what it got, and ends with 7. */
async function trainable(): Promise<string> {
  const train = join(scratch, 'model', 'train');
  await mkdir(train, { recursive: true });
  await writeFile(join(train, 'requirements.txt'), '# nothing\n');
  await writeFile(
    join(train, 'train.py'),
    [
      'import json, os, sys',
      'open(sys.argv[1], "w").write(json.dumps([sys.argv[2:], os.environ["OMP_NUM_THREADS"], sys.prefix]))',
      'sys.exit(7)',
    ].join('\n'),
  );
  return join(scratch, 'model');
}

it('runs the script in an environment that is made once', async (context) => {
  const python = await findPython(env);
  if ('missing' in python) context.skip(python.missing);
  const dir = await trainable();
  const told: string[] = [];
  const out = join(scratch, 'out.json');
  const train = (): Promise<number> =>
    trainModel({ dir, args: [out, '--seed', '1'], env, say: (text) => void told.push(text) });

  expect([await train(), await train()]).toEqual([7, 7]);

  const [args, threads, prefix] = JSON.parse(await readFile(out, 'utf8')) as unknown[];
  expect([args, threads]).toEqual([['--seed', '1'], '1']);
  expect(prefix).toMatch(/cache\/pilotlight\/python-[0-9a-f]{16}$/);
  expect(told).toEqual([expect.stringContaining('requirements.txt')]);
}, 300_000);

it('says that there is nothing to train', async () => {
  const training = trainModel({ dir: join(scratch, 'none'), args: [], env, say: () => undefined });

  await expect(training).rejects.toThrow(TrainError);
  await expect(training).rejects.toThrow('has no train/train.py');
});
