import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What to tell people who have no Python: one line. */
export const NO_PYTHON =
  'No python3 with the venv module found: tests with Python clients are skipped.';

/**
 * The Python of a virtual environment that has exactly `requirementsFile` installed. It is made once and
 * kept in `PILOTLIGHT_TEST_CACHE` (default: the system's temporary folder), named by the hash of the
 * requirements. Undefined when this machine has no `python3` that can make one.
 * @throws {Error} When the packages cannot be installed.
 */
export async function pythonVenv(requirementsFile: string): Promise<string | undefined> {
  // Debian splits `venv` and `ensurepip` off into a package of their own.
  const asked = ['-c', 'import ensurepip, venv, sys; print(sys.version)'];
  const version = await run('python3', asked).catch(() => undefined);
  if (version === undefined) return undefined;
  const requirements = await readFile(requirementsFile);
  const hash = createHash('sha256').update(version.stdout).update(requirements).digest('hex');
  const cache = process.env['PILOTLIGHT_TEST_CACHE'] ?? join(tmpdir(), 'pilotlight-test-cache');
  const ready = join(cache, `python-${hash.slice(0, 16)}`);
  const python = join(ready, 'bin', 'python');
  if (await exists(python)) return python;

  // Made aside and moved: a half-made environment never has the name, two makers do not meet.
  // A moved environment runs as long as it is entered by its `python`, not by its scripts.
  const making = `${ready}.${process.pid}`;
  await mkdir(cache, { recursive: true });
  try {
    await run('python3', ['-m', 'venv', making]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
    await run(join(making, 'bin', 'python'), [...pip, '-r', requirementsFile]);
    await rename(making, ready).catch(async (error: unknown) => {
      if (!(await exists(python))) throw error;
    });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return python;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
