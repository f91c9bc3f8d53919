import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import * as z from 'zod';

/** One layer as it travels. */
export interface Layer {
  readonly digest: string;
  /** Compressed, in bytes. */
  readonly size: number;
  /** The step that made it, as the image's history tells. */
  readonly createdBy: string;
}

/** An image for one platform. */
export interface Image {
  readonly name: string;
  readonly platform: string;
  readonly layers: readonly Layer[];
}

const descriptor = z.object({
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.int().nonnegative(),
  platform: z.object({ os: z.string(), architecture: z.string() }).optional(),
});
const index = z.object({ manifests: z.array(descriptor).min(1) });
const manifest = z.object({ config: descriptor, layers: z.array(descriptor) });
const configuration = z.object({
  os: z.string(),
  architecture: z.string(),
  history: z
    .array(z.object({ created_by: z.string().default(''), empty_layer: z.boolean().optional() }))
    .default([]),
});

const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** Reads the JSON of a manifest (by tag or digest) or of a blob. */
interface Source {
  manifest(reference: string): Promise<unknown>;
  blob(digest: string): Promise<unknown>;
}

/**
 * The layers of an image: a folder in OCI layout, or `registry/name:tag` (or `@sha256:…`) at a registry that
 * asks for no password; over http for localhost and with `IMAGE_REGISTRY_INSECURE=1`. Of several platforms,
 * this machine's.
 * @throws {Error} When it is not there or is no image.
 */
export async function readImage(name: string): Promise<Image> {
  const isFolder = existsSync(join(name, 'index.json'));
  const source = isFolder ? layoutSource(name) : registrySource(name);
  let found = await source.manifest(isFolder ? 'index.json' : referenceOf(name).reference);
  // An index may hold an index: builders wrap their attestations like that.
  for (let parsed = index.safeParse(found); parsed.success; parsed = index.safeParse(found)) {
    found = await source.manifest(forThisMachine(parsed.data.manifests).digest);
  }
  const { config, layers } = manifest.parse(found);
  const { os, architecture, history } = configuration.parse(await source.blob(config.digest));
  const steps = history.filter(({ empty_layer }) => empty_layer !== true);
  return {
    name,
    platform: `${os}/${architecture}`,
    layers: layers.map(({ digest, size }, at) => ({
      digest,
      size,
      createdBy: steps[at]?.created_by ?? '',
    })),
  };
}

function forThisMachine(manifests: z.infer<typeof index>['manifests']): z.infer<typeof descriptor> {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const own = manifests.find(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === architecture,
  );
  const chosen = own ?? manifests.find(({ platform }) => platform === undefined);
  if (chosen === undefined) throw new Error(`The image is not there for linux/${architecture}`);
  return chosen;
}

function layoutSource(folder: string): Source {
  const read = async (path: string): Promise<unknown> =>
    JSON.parse(await readFile(join(folder, path), 'utf8')) as unknown;
  const blob = (digest: string): Promise<unknown> =>
    read(join('blobs', 'sha256', digest.slice('sha256:'.length)));
  return {
    manifest: (reference) => (reference === 'index.json' ? read(reference) : blob(reference)),
    blob,
  };
}

function registrySource(name: string): Source {
  const { registry, repository } = referenceOf(name);
  const isLocal = /^(localhost|127\.0\.0\.1)(:|$)/.test(registry);
  const insecure = isLocal || process.env['IMAGE_REGISTRY_INSECURE'] === '1';
  const base = `${insecure ? 'http' : 'https'}://${registry}/v2/${repository}`;
  const get = async (path: string, headers: Record<string, string> = {}): Promise<unknown> => {
    const answer = await fetch(`${base}${path}`, { headers });
    if (!answer.ok) throw new Error(`GET ${base}${path} answers ${answer.status}`);
    return await answer.json();
  };
  return {
    manifest: (reference) => get(`/manifests/${reference}`, { accept: MANIFEST_TYPES.join(', ') }),
    blob: (digest) => get(`/blobs/${digest}`),
  };
}

/** `localhost:5000/a/b:tag` in its parts. */
function referenceOf(name: string): {
  readonly registry: string;
  readonly repository: string;
  readonly reference: string;
} {
  const match =
    /^(?<registry>[^/]+)\/(?<repository>[^@:]+)(?:@(?<digest>sha256:[0-9a-f]{64})|:(?<tag>[\w.-]+))?$/.exec(
      name,
    );
  const { registry, repository, digest, tag = 'latest' } = match?.groups ?? {};
  if (registry === undefined || repository === undefined) {
    throw new Error(`"${name}" is neither a folder in OCI layout nor registry/name:tag`);
  }
  return { registry, repository, reference: digest ?? tag };
}
