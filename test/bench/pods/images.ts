import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { buildAndPush } from '../../../scripts/deploy/images.ts';
import { pythonVenv } from '../../support/python.ts';

const run = promisify(execFile);

type Registry = Parameters<typeof buildAndPush>[1];

/** Builds and pushes the Go program; its reference by digest. Go must be on the PATH. */
export async function goHelloImage(root: string, registry: Registry): Promise<string> {
  const folder = join(root, 'test/bench/peers/go-hello');
  return await withFolder(async (context) => {
    await run('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', join(context, 'hello'), '.'], {
      cwd: folder,
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod' },
    });
    const dockerfile = join(folder, 'Dockerfile');
    return buildAndPush(
      { name: 'pilotlight-bench-go-hello', tag: 'bench', dockerfile, context },
      registry,
    );
  });
}

/** Builds and pushes FastAPI with the forest that `npm run bench -- cold` uses; its reference by digest. */
export async function fastapiImage(root: string, registry: Registry): Promise<string> {
  const folder = join(root, 'test/bench/peers/fastapi');
  const python = await pythonVenv(join(folder, 'requirements.txt'));
  if (python === undefined) throw new Error('no python3 with the venv module here');
  return await withFolder(async (context) => {
    for (const file of ['app.py', 'requirements.txt']) {
      await copyFile(join(folder, file), join(context, file));
    }
    const train = join(root, 'models/iris/train');
    await run(python, [join(folder, 'train.py'), train, join(context, 'iris.pickle')]);
    const dockerfile = join(folder, 'Dockerfile');
    return buildAndPush(
      { name: 'pilotlight-bench-fastapi', tag: 'bench', dockerfile, context },
      registry,
    );
  });
}

async function withFolder(use: (folder: string) => Promise<string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pilotlight-bench-image-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
