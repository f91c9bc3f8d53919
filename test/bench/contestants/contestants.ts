import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { buildFunction } from '../../../scripts/build/build-function.ts';
import { bundle } from '../../../scripts/build/bundle.ts';
import { pythonVenv } from '../../support/python.ts';
import { nodeEnvironment } from './contestant.ts';
import type { AbsentContestant, Contestant, ContestantContext } from './contestant.ts';

const run = promisify(execFile);

/** All contestants that serve the model, built and ready to start; `pilotlight` alone for another than iris. */
export async function prepareContestants(
  context: ContestantContext,
): Promise<readonly (Contestant | AbsentContestant)[]> {
  if (context.model !== 'iris') return [await pilotlight(context)];
  return [await pilotlight(context), await floor(context), stock(context), await fastapi(context)];
}

/** Ours and the floor, for a package that is iris in form. */
export async function prepareOursAndFloor(
  context: ContestantContext,
): Promise<readonly Contestant[]> {
  return [await pilotlight(context), await floor(context)];
}

/** The bundle as the image runs it: same files, same environment. */
async function pilotlight(context: ContestantContext): Promise<Contestant> {
  const { command, args } = await buildFunction(context.model);
  return {
    name: 'pilotlight',
    what: 'the bundle of the image with its code cache',
    command,
    args,
    env: { ...nodeEnvironment(context), FUNCTION_TARGET: context.model },
    weights: 's3',
    hasInfo: true,
  };
}

/** Bundled as ours is: twenty small files of ONNX Runtime cost 8 ms, which a floor must not pay. */
async function floor(context: ContestantContext): Promise<Contestant> {
  const { root } = context;
  const outDir = join(root, 'dist', 'bench-floor');
  await mkdir(outDir, { recursive: true });
  await bundle({ root, entry: join(root, peer('floor/main.mjs')), outDir, recordPackages: false });
  return {
    name: 'floor',
    what: 'node:http, one signed GET by hand, onnxruntime-node; bundled, no checks of any kind',
    command: process.execPath,
    args: [join(outDir, 'main.cjs')],
    env: nodeEnvironment(context),
    weights: 's3',
    hasInfo: false,
  };
}

function stock(context: ContestantContext): Contestant {
  const { root } = context;
  return {
    name: 'stock',
    what: 'functions-framework CLI, @aws-sdk/client-s3, zod, onnxruntime-node, from node_modules',
    command: process.execPath,
    args: [
      join(root, 'node_modules', '.bin', 'functions-framework'),
      `--source=${join(root, peer('stock'))}`,
      '--target=predict',
    ],
    env: nodeEnvironment(context),
    weights: 's3',
    hasInfo: false,
  };
}

async function fastapi({ root }: ContestantContext): Promise<Contestant | AbsentContestant> {
  const name = 'fastapi';
  const what = 'FastAPI, uvicorn with uvloop and httptools, scikit-learn; the forest from a pickle';
  const folder = join(root, peer('fastapi'));
  const python = await pythonVenv(join(folder, 'requirements.txt'));
  if (python === undefined) return { name, what, absent: 'no python3 with the venv module here' };
  const pickle = join(root, 'dist', 'bench-fastapi', 'iris.pickle');
  await mkdir(join(pickle, '..'), { recursive: true });
  await run(python, [join(folder, 'train.py'), join(root, 'models', 'iris', 'train'), pickle]);
  return {
    name,
    what,
    command: python,
    args: [join(folder, 'app.py')],
    env: { PYTHONDONTWRITEBYTECODE: '1', MODEL_FILE: pickle },
    weights: 'local file',
    hasInfo: false,
  };
}

function peer(path: string): string {
  return join('test', 'bench', 'peers', path);
}
