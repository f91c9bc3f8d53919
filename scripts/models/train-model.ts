import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { type PythonEnvironment, ensureEnvironment, findPython } from './python-environment.ts';

/** What to train, and where Python environments are kept. */
export interface TrainOptions {
  /** The model's folder in `models/`. */
  readonly dir: string;
  /** What the script gets. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly say: (text: string) => void;
}

/** Training cannot even begin; the message says what is missing. */
export class TrainError extends Error {}

/**
 * Runs a model's training script, with its output on ours.
 * @returns Its exit code.
 * @throws {TrainError} When there is no script, no Python, or its packages cannot be installed.
 */
export async function trainModel({ dir, args, env, say }: TrainOptions): Promise<number> {
  const folder = join(dir, 'train');
  const [script, requirements] = [join(folder, 'train.py'), join(folder, 'requirements.txt')];
  if (!existsSync(script)) {
    throw new TrainError(
      `${dir} has no train/train.py: it was made elsewhere, and is not trained here`,
    );
  }
  const python = await findPython(env);
  if ('missing' in python) throw new TrainError(python.missing);
  const environment: PythonEnvironment = await ensureEnvironment({
    python,
    requirements,
    env,
    say,
  });
  const child = spawn(environment.python, [script, ...args], {
    // One thread: the same machine then gives the same weights again.
    env: { OMP_NUM_THREADS: '1', ...env },
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}
