import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { pythonVenv } from '../../support/python.ts';
import type {
  AbsentContestant,
  Contestant,
  ContestantContext,
  ContestantName,
} from './contestant.ts';

const run = promisify(execFile);

/** A server in Python: where its code and its pinned packages are. */
interface PythonServer {
  readonly what: string;
  /** Below `test/bench/peers/`; has the `requirements.txt`. */
  readonly folder: string;
  /** In that folder. */
  readonly program: string;
  /** From that folder: what writes the model that it reads, from the model's training. */
  readonly pickled?: string;
}

type PythonName = Extract<ContestantName, 'fastapi' | 'bentoml' | 'litserve'>;

const SERVING_PEERS: Readonly<Record<'bentoml' | 'litserve', PythonServer>> = {
  bentoml: {
    what: 'BentoML, one worker; the same ONNX file in ONNX Runtime on one thread',
    folder: 'bentoml',
    program: 'service.py',
  },
  litserve: {
    what: 'LitServe, one worker, fast_queue; the same ONNX file in ONNX Runtime on one thread',
    folder: 'litserve',
    program: 'app.py',
  },
};

function serverOf(name: PythonName, model: string): PythonServer {
  const fastapi = FASTAPI[model] ?? FASTAPI_IRIS;
  if (name === 'fastapi') return fastapi;
  // Of text they take scikit-learn's vectorizer, as FastAPI does.
  return model === 'text' ? { ...SERVING_PEERS[name], pickled: TEXT_PICKLE } : SERVING_PEERS[name];
}

const TEXT_PICKLE = '../fastapi/train_text.py';
const FASTAPI_SERVER = 'FastAPI, uvicorn with uvloop and httptools';

const FASTAPI_IRIS: PythonServer = {
  what: `${FASTAPI_SERVER}, scikit-learn; the forest from a pickle`,
  folder: 'fastapi',
  program: 'app.py',
  pickled: 'train.py',
};

const FASTAPI: Readonly<Record<string, PythonServer>> = {
  image: {
    what: `${FASTAPI_SERVER}, torchvision on one thread`,
    folder: 'fastapi-image',
    program: 'app.py',
  },
  text: {
    what: `${FASTAPI_SERVER}, scikit-learn; vectorizer and naive Bayes from a pickle`,
    folder: 'fastapi',
    program: 'text.py',
    pickled: TEXT_PICKLE,
  },
  clip: {
    what: `${FASTAPI_SERVER}, tokenizers, Pillow, ONNX Runtime on one thread`,
    folder: 'fastapi-clip',
    program: 'app.py',
  },
};

/** A server in Python, with an environment of its own. */
export async function pythonContestant(
  name: PythonName,
  { root, model }: Pick<ContestantContext, 'root' | 'model'>,
): Promise<Contestant | AbsentContestant> {
  const { what, folder, program, pickled } = serverOf(name, model);
  const path = join(root, 'test', 'bench', 'peers', folder);
  let python: string | undefined;
  try {
    python = await pythonVenv(join(path, 'requirements.txt'));
  } catch (cause) {
    const [reason = ''] = String((cause as { readonly stderr?: unknown }).stderr ?? cause)
      .trim()
      .split('\n')
      .slice(-1);
    return { name, what, absent: `its packages cannot be installed: ${reason.slice(0, 200)}` };
  }
  if (python === undefined) return { name, what, absent: 'no python3 with the venv module here' };
  return {
    name,
    what,
    command: python,
    args: [join(path, program)],
    env: {
      PYTHONDONTWRITEBYTECODE: '1',
      MODEL_NAME: model,
      MODEL_DIR: join(root, 'models', model),
      // What they keep for themselves.
      HOME: join(root, 'dist', 'bench-home'),
      DO_NOT_TRACK: '1',
      BENTOML_DO_NOT_TRACK: 'True',
      ...(pickled === undefined
        ? {}
        : { MODEL_FILE: await pickle(root, model, python, join(path, pickled)) }),
    },
    weights: 'local file',
    hasInfo: false,
  };
}

async function pickle(
  root: string,
  model: string,
  python: string,
  program: string,
): Promise<string> {
  const file = join(root, 'dist', 'bench-pickles', `${model}.pickle`);
  await mkdir(join(file, '..'), { recursive: true });
  await run(python, [program, join(root, 'models', model, 'train'), file]);
  return file;
}
