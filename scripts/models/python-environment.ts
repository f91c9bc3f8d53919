import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What the requirements of the trainings are pinned for. */
const VERSION = '3.11';

/** A Python that can make environments. */
export interface Python {
  readonly command: string;
  /** All that it says of its version. */
  readonly version: string;
}

/** A virtual environment with everything installed. */
export interface PythonEnvironment {
  readonly python: string;
}

/** The Python for trainings, or what to tell people who have none. */
export async function findPython(
  env: NodeJS.ProcessEnv,
): Promise<Python | { readonly missing: string }> {
  const others: string[] = [];
  for (const command of [`python${VERSION}`, 'python3', 'python']) {
    // Debian splits `venv` and `ensurepip` off into a package of their own.
    const asked = ['-c', 'import sys; print(sys.version); import ensurepip, venv'];
    const found = await run(command, asked, { env }).catch((cause: { stdout?: string }) => ({
      stdout: '',
      told: cause.stdout,
    }));
    const version = found.stdout.trim();
    if (version.startsWith(`${VERSION}.`)) return { command, version };
    const told = 'told' in found ? (found.told ?? '') : '';
    if (told.startsWith(`${VERSION}.`)) {
      return {
        missing: `Training needs the venv module of Python ${VERSION}, which ${command} lacks: on Debian and Ubuntu, apt-get install python${VERSION}-venv`,
      };
    }
    if (version !== '') others.push(`${command} is ${version.split(' ')[0]}`);
  }
  const there = others.length === 0 ? 'there is no Python here' : others.join(', ');
  return {
    missing: `Training needs Python ${VERSION} (its packages are pinned for it), and ${there}. Models that are trained already need none`,
  };
}

/** What to install, and where. */
export interface EnvironmentOptions {
  readonly python: Python;
  /** A file as pip reads it. */
  readonly requirements: string;
  readonly env: NodeJS.ProcessEnv;
  readonly say: (text: string) => void;
}

/**
 * An environment with exactly these requirements, kept in the user's cache folder: made when it is not
 * there yet, and shared by trainings with the same requirements.
 * @throws {Error} When the packages cannot be installed.
 */
export async function ensureEnvironment(options: EnvironmentOptions): Promise<PythonEnvironment> {
  const { python, requirements, env, say } = options;
  const wanted = await readFile(requirements);
  const hash = createHash('sha256').update(python.version).update(wanted).digest('hex');
  const { XDG_CACHE_HOME: cacheHome } = env;
  const cache = join(
    cacheHome === undefined || cacheHome === '' ? join(homedir(), '.cache') : cacheHome,
    'pilotlight',
  );
  const ready = join(cache, `python-${hash.slice(0, 16)}`);
  const environment = { python: join(ready, 'bin', 'python') };
  if (existsSync(environment.python)) return environment;

  say(`Installing what ${requirements} lists into ${ready}, once\n`);
  // Made aside and moved: a half-made environment never has the name. A moved one runs as long as it is
  // entered by its `python`.
  const making = `${ready}.${process.pid}`;
  await mkdir(cache, { recursive: true });
  try {
    await runAloud(python.command, ['-m', 'venv', making], env);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
    await runAloud(join(making, 'bin', 'python'), [...pip, '-r', requirements], env);
    await rename(making, ready).catch((cause: unknown) => {
      // Somebody else was as fast.
      if (!existsSync(environment.python)) throw cause;
    });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return environment;
}

async function runAloud(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const child = spawn(command, args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${command} ${args.slice(0, 3).join(' ')} ended with ${code}`);
}
