import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { startS3Server } from '../../../knative/local/s3/server.ts';
import { freePort } from '../../../knative/local/process/free-port.ts';
import type { Line } from '../../../scripts/doctor/check.ts';
import type { MACHINE_FINDINGS } from '../../../scripts/doctor/findings/machine.ts';
import { checkDataFolder, space } from '../../../scripts/doctor/machine/data-folder.ts';
import { checkImageBuilder } from '../../../scripts/doctor/machine/image-builder.ts';
import { checkNode, runningNode } from '../../../scripts/doctor/machine/node.ts';
import { checkPackages } from '../../../scripts/doctor/machine/packages.ts';
import { checkPort, checkPorts } from '../../../scripts/doctor/machine/ports.ts';
import { checkPython } from '../../../scripts/doctor/machine/python.ts';
import { codesOf, contextOf, emptyFolder, folderWith, listen, programs, ROOT } from './support.ts';

type Lines = Promise<readonly Line[]>;

const PIN = { 'scripts/node/package.json': '{"optionalDependencies":{"node-x":"24.21.0"}}' };
const LOCK = {
  'package-lock.json': JSON.stringify({
    packages: {
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0', optional: true },
    },
  }),
};
const packageOf = (version: string): Record<string, string> => ({
  'node_modules/a/package.json': JSON.stringify({ version }),
});

async function clonePinned(body?: string): Promise<string> {
  const root = await folderWith(PIN);
  if (body === undefined) return root;
  await mkdir(join(root, 'node_modules/.bin'), { recursive: true });
  const file = join(root, 'node_modules/.bin/node');
  await writeFile(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return root;
}

async function withPath(bodies: Record<string, string>, more = {}): Promise<NodeJS.ProcessEnv> {
  return { PATH: await programs(bodies), ...more };
}

async function freePorts(): Promise<{ PORT: string; S3_PORT: string }> {
  return { PORT: String(await freePort()), S3_PORT: String(await freePort()) };
}

async function portHeld(listener: Parameters<typeof listen>[0]): Lines {
  const { port } = await listen(listener);
  return checkPorts(contextOf(ROOT, { PORT: String(port), S3_PORT: '0' }));
}

const goodNode = async (): Lines => checkNode(contextOf(await clonePinned('echo v24.21.0')));
const goodPackages = async (): Lines =>
  checkPackages(contextOf(await folderWith({ ...LOCK, ...packageOf('1.0.0') })));
const goodPorts = async (): Lines => checkPorts(contextOf(ROOT, await freePorts()));
const goodData = async (): Lines =>
  checkDataFolder(contextOf(ROOT, { PILOTLIGHT_DATA: await emptyFolder() }));
const goodPython = async (): Lines =>
  checkPython(contextOf(ROOT, await withPath({ python3: 'echo Python 3.11.7' })));
const goodBuilder = async (): Lines =>
  checkImageBuilder(
    contextOf(ROOT, await withPath({ docker: 'echo Docker 27' }, { IMAGE_REGISTRY: 'r' })),
  );

/** For every code what brings it out, and the same check when all is well. */
const CASES: Record<keyof typeof MACHINE_FINDINGS, { provoke: () => Lines; absent: () => Lines }> =
  {
    NODE_WRONG_VERSION: {
      provoke: async () => [runningNode('v22.1.0', '24.21.0')],
      absent: goodNode,
    },
    NODE_PACKAGE_MISSING: {
      provoke: async () => checkNode(contextOf(await clonePinned())),
      absent: goodNode,
    },
    NODE_PACKAGE_BROKEN: {
      provoke: async () => checkNode(contextOf(await clonePinned('exit 1'))),
      absent: goodNode,
    },
    PACKAGES_NOT_INSTALLED: {
      provoke: async () => checkPackages(contextOf(await folderWith(LOCK))),
      absent: goodPackages,
    },
    PACKAGES_OUT_OF_STEP: {
      provoke: async () =>
        checkPackages(contextOf(await folderWith({ ...LOCK, ...packageOf('1.0.1') }))),
      absent: goodPackages,
    },
    SETTINGS_INVALID: {
      provoke: () => checkPorts(contextOf(ROOT, { PORT: '99999' })),
      absent: goodPorts,
    },
    PORT_TAKEN: {
      provoke: () => portHeld((_request, response) => response.writeHead(404).end()),
      absent: goodPorts,
    },
    PORT_NOT_ALLOWED: {
      provoke: async () => {
        const { signal } = contextOf(ROOT);
        return [await checkPort({ name: 'PORT', port: 80 }, signal, async () => 'EACCES')];
      },
      absent: goodPorts,
    },
    STAND_IN_RUNNING: {
      provoke: () =>
        portHeld((_request, response) =>
          response.end('{"router":"http://x","s3":{"endpoint":"http://y"}}'),
        ),
      absent: goodPorts,
    },
    DATA_NOT_WRITABLE: {
      provoke: async () => {
        const folder = await folderWith({ file: '' });
        return checkDataFolder(contextOf(ROOT, { PILOTLIGHT_DATA: join(folder, 'file/data') }));
      },
      absent: goodData,
    },
    DATA_SPACE_LOW: {
      provoke: async () => [await space(await emptyFolder(), Number.MAX_SAFE_INTEGER)],
      absent: goodData,
    },
    DATA_IN_USE: {
      provoke: async () => {
        const data = await emptyFolder();
        const keys = { accessKeyId: 'a', secretAccessKey: 'b' };
        const server = await startS3Server({ dataDir: join(data, 's3'), ...keys });
        onTestFinished(() => server.close());
        return checkDataFolder(contextOf(ROOT, { PILOTLIGHT_DATA: data }));
      },
      absent: goodData,
    },
    PYTHON_MISSING: {
      provoke: async () => checkPython(contextOf(ROOT, await withPath({}))),
      absent: goodPython,
    },
    PYTHON_WITHOUT_VENV: {
      provoke: async () => {
        const python3 = '[ "$1" = --version ] || { echo "No module named venv" >&2; exit 1; }';
        return checkPython(contextOf(ROOT, await withPath({ python3 })));
      },
      absent: goodPython,
    },
    IMAGE_BUILDER_MISSING: {
      provoke: async () =>
        checkImageBuilder(contextOf(ROOT, await withPath({}, { IMAGE_REGISTRY: 'r' }))),
      absent: goodBuilder,
    },
    DOCKER_DAEMON_DOWN: {
      provoke: async () => {
        const docker = '[ "$1" = --version ] || { echo "Cannot connect" >&2; exit 1; }';
        return checkImageBuilder(
          contextOf(ROOT, await withPath({ docker }, { IMAGE_REGISTRY: 'r' })),
        );
      },
      absent: goodBuilder,
    },
  };

test.each(Object.entries(CASES))('%s is found, and not where all is well', async (code, one) => {
  expect(codesOf(await one.provoke())).toContain(code);
  expect(codesOf(await one.absent())).toEqual([]);
});

test.runIf(process.platform === 'linux')('a taken port names its process', async () => {
  const lines = await portHeld((_request, response) => response.writeHead(404).end());

  expect(lines[0]?.text).toContain(`process ${process.pid} (`);
});

test('packages that are missing or of another version are named', async () => {
  const root = await folderWith({ ...LOCK, ...packageOf('1.0.1') });
  expect((await checkPackages(contextOf(root)))[0]?.text).toBe('a is 1.0.1, wanted is 1.0.0');

  await rm(join(root, 'node_modules/a'), { recursive: true });
  expect((await checkPackages(contextOf(root)))[0]?.text).toBe('a is missing');
});

test('a data folder that is not there yet stays away', async () => {
  const data = join(await emptyFolder(), 'new');

  const lines = await checkDataFolder(contextOf(ROOT, { PILOTLIGHT_DATA: data }));

  expect(codesOf(lines)).toEqual([]);
  await expect(rm(data)).rejects.toThrow('ENOENT');
});

test('who deploys nothing needs no image builder', async () => {
  for (const programsHere of [{}, { docker: '[ "$1" = --version ]' }]) {
    const lines = await checkImageBuilder(contextOf(ROOT, await withPath(programsHere)));

    expect(lines.map(({ status }) => status)).toEqual(['skipped']);
  }
});
