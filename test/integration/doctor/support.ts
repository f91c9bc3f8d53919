import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { onTestFinished } from 'vitest';

import type { CheckContext, Line } from '../../../scripts/doctor/check.ts';

/** The clone that the tests belong to. */
export const ROOT = join(import.meta.dirname, '../../..');

/** A check's context; nothing of this process's environment is in it unless given. */
export function contextOf(root: string, env: NodeJS.ProcessEnv = {}): CheckContext {
  return { root, env, signal: new AbortController().signal };
}

/** Codes of the findings among `lines`. */
export function codesOf(lines: readonly Line[]): string[] {
  return lines.flatMap((line) => (line.status === 'found' ? [line.code] : []));
}

/** An empty folder, removed after the test. */
export async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pilotlight-doctor-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder with these files in it, by their paths. */
export async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await emptyFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

/** A folder for the PATH with these programs in it: bodies of shell scripts, by name. */
export async function programs(bodies: Readonly<Record<string, string>>): Promise<string> {
  const scripts = Object.entries(bodies).map(([name, body]) => [name, `#!/bin/sh\n${body}\n`]);
  const folder = await folderWith(Object.fromEntries(scripts) as Record<string, string>);
  for (const name of Object.keys(bodies)) await chmod(join(folder, name), 0o755);
  return folder;
}

/** An HTTP server on a free port, until the test ends. */
export async function listen(listener: RequestListener): Promise<{ url: string; port: number }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port };
}

/** The manifests and the model of iris, as a clone has them that has no other: what was recorded knows no more. */
export async function irisClone(): Promise<string> {
  const root = await emptyFolder();
  const local = join(ROOT, 'knative/local');
  const filter = (path: string): boolean => !path.startsWith(local);
  await cp(join(ROOT, 'knative'), join(root, 'knative'), { recursive: true, filter });
  await cp(join(ROOT, 'models/iris'), join(root, 'models/iris'), { recursive: true });
  const file = join(root, 'knative/base/kustomization.yaml');
  const text = await readFile(file, 'utf8');
  const others = (await readdir(join(root, 'knative/base'))).filter((name) => name !== 'iris');
  const isOther = (line: string): boolean =>
    others.includes(line.replace(/^ *- /, '')) && !line.endsWith('.yaml');
  const lines = text.split('\n').filter((line) => !isOther(line));
  await writeFile(file, lines.join('\n'));
  // The cluster was recorded before models had a second Service for batch jobs.
  const own = join(root, 'knative/base/iris/kustomization.yaml');
  await writeFile(own, (await readFile(own, 'utf8')).replace('  - batch.yaml\n', ''));
  return root;
}
