import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { buildFunction } from '../../../scripts/build/build-function.ts';
import { bundle } from '../../../scripts/build/bundle.ts';
import { CONTESTANT_NAMES, nodeEnvironment } from './contestant.ts';
import type {
  AbsentContestant,
  Contestant,
  ContestantContext,
  ContestantName,
} from './contestant.ts';
import { pythonContestant } from './python.ts';

/** Who serves a model, ours first; for a model that is not here, `pilotlight` alone. */
const SERVED_BY: Readonly<Record<string, readonly ContestantName[]>> = {
  iris: CONTESTANT_NAMES,
  image: ['pilotlight', 'stock', 'fastapi', 'bentoml', 'litserve'],
  text: ['pilotlight', 'stock', 'fastapi', 'bentoml', 'litserve'],
  clip: ['pilotlight', 'stock', 'fastapi', 'bentoml', 'litserve'],
};

/** Models whose every contestant reads `{"instances": […]}`; of the others only ours does. */
const LISTS_READ_BY_ALL: readonly string[] = ['text'];

/** Which of `wanted` (undefined: the usual ones) can answer requests of so many instances. */
export function readersOf(
  model: string,
  instances: number,
  wanted: readonly ContestantName[] | undefined,
): readonly ContestantName[] | undefined {
  return instances === 1 || LISTS_READ_BY_ALL.includes(model) ? wanted : ['pilotlight'];
}

/**
 * The contestants that serve the model, built and ready to start.
 * @param names Who is wanted. @default all
 */
export async function prepareContestants(
  context: ContestantContext,
  names: readonly ContestantName[] = CONTESTANT_NAMES,
): Promise<readonly (Contestant | AbsentContestant)[]> {
  const contestants: (Contestant | AbsentContestant)[] = [];
  // One after the other: the first time, those in Python fill a disk and a network.
  for (const name of SERVED_BY[context.model] ?? ['pilotlight']) {
    if (names.includes(name)) contestants.push(await MAKERS[name](context));
  }
  return contestants;
}

/** Ours and the floor, for a package that is iris in form. */
export async function prepareOursAndFloor(
  context: ContestantContext,
): Promise<readonly Contestant[]> {
  return [await pilotlight(context), await floor(context)];
}

/** The bundle as the image runs it: same files, same environment. */
export async function pilotlight(context: ContestantContext): Promise<Contestant> {
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

/** A server that answers `/healthz` and does nothing else. */
export function bareServer(root: string): Pick<Contestant, 'command' | 'args' | 'env'> {
  return { command: process.execPath, args: [join(root, peer('bare/main.mjs'))], env: {} };
}

async function stock(context: ContestantContext): Promise<Contestant> {
  const { root } = context;
  return {
    name: 'stock',
    what: 'functions-framework CLI, @aws-sdk/client-s3, zod, onnxruntime-node, from node_modules',
    command: process.execPath,
    args: [
      join(root, 'node_modules', '.bin', 'functions-framework'),
      `--source=${join(root, peer(context.model === 'iris' ? 'stock' : `stock-${context.model}`))}`,
      '--target=predict',
    ],
    env: nodeEnvironment(context),
    weights: 's3',
    hasInfo: false,
  };
}

const MAKERS: Readonly<
  Record<ContestantName, (context: ContestantContext) => Promise<Contestant | AbsentContestant>>
> = {
  pilotlight,
  floor,
  stock,
  fastapi: (context) => pythonContestant('fastapi', context),
  bentoml: (context) => pythonContestant('bentoml', context),
  litserve: (context) => pythonContestant('litserve', context),
};

function peer(path: string): string {
  return join('test', 'bench', 'peers', path);
}
