import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { imageTable } from '../../bench/image/image-table.ts';
import { readImage } from '../../bench/image/read-image.ts';

const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
const OTHER = `sha256:${'0'.repeat(64)}`;
const NODE_LAYER = `sha256:${'a'.repeat(64)}`;
const BUNDLE_LAYER = `sha256:${'b'.repeat(64)}`;

const blobs = new Map<string, string>();
function blob(value: unknown): { digest: string; size: number } {
  const text = JSON.stringify(value);
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  blobs.set(digest, text);
  return { digest, size: text.length };
}

const config = blob({
  os: 'linux',
  architecture,
  history: [
    { created_by: 'COPY node' },
    { created_by: 'ENV A=1', empty_layer: true },
    { created_by: 'COPY  dist' },
  ],
});
const layers = [
  { digest: NODE_LAYER, size: 40_000_000 },
  { digest: BUNDLE_LAYER, size: 1_250_000 },
];
const index = {
  manifests: [
    { digest: OTHER, size: 1, platform: { os: 'linux', architecture: 'other' } },
    { ...blob({ config, layers }), platform: { os: 'linux', architecture } },
  ],
};

async function layout(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'pilotlight-image-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  await mkdir(join(dir, 'blobs/sha256'), { recursive: true });
  for (const [digest, text] of blobs)
    await writeFile(join(dir, 'blobs/sha256', digest.slice(7)), text);
  await writeFile(join(dir, 'index.json'), JSON.stringify(index));
  return dir;
}

async function registry(): Promise<string> {
  const server = createServer((request, response) => {
    const [, , kind, reference = ''] =
      /^\/v2\/(team\/iris)\/(\w+)\/(.+)$/.exec(request.url ?? '') ?? [];
    const text =
      kind === 'manifests' && reference === 'v1' ? JSON.stringify(index) : blobs.get(reference);
    response.writeHead(text === undefined ? 404 : 200).end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}/team/iris:v1`;
}

test.each([
  ['a folder in OCI layout', layout],
  ['a registry', registry],
])('the layers of an image come from %s', async (_where, make) => {
  const name = await make();

  const image = await readImage(name);

  expect(image).toEqual({
    name,
    platform: `linux/${architecture}`,
    layers: [
      { ...layers[0], createdBy: 'COPY node' },
      { ...layers[1], createdBy: 'COPY  dist' },
    ],
  });
  expect(imageTable(image).split('\n')).toEqual([
    `${name} (linux/${architecture}), MB compressed`,
    '   40.00  aaaaaaaaaaaa  COPY node',
    '    1.25  bbbbbbbbbbbb  COPY dist',
    '   41.25  in all; target ≤ 90: met',
    '',
  ]);
});

test('an image that is not there is named', async () => {
  const name = (await registry()).replace(':v1', ':v2');

  await expect(readImage(name)).rejects.toThrow(/manifests\/v2 answers 404/);
  await expect(readImage('iris')).rejects.toThrow('neither a folder in OCI layout nor registry');
});
