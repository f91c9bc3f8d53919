import { sha256 } from '../../events/jobs/canonical-json.ts';
import type { JobSubmission } from '../../events/jobs/submission.ts';
import { ModelNotFoundError } from '../runtime/errors.ts';
import { ObjectNotFoundError } from '../runtime/object-store/errors.ts';
import type { ObjectStore } from '../runtime/object-store/object-store.ts';

/** A version of a model, for good. */
export interface PinnedModel {
  readonly version: string;
  readonly digest: string;
}

const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;

/**
 * The version of a model that a job is to use: the one asked for, else the newest that is published. The
 * tenant's own models come before those that all share.
 * @throws {ModelNotFoundError} When there is none, or its digest is not the one asked for.
 */
export async function pinModel(
  models: ObjectStore,
  tenant: string,
  asked: JobSubmission['model'],
): Promise<PinnedModel> {
  for (const owner of [tenant, '_shared']) {
    const home = `${owner}/${asked.name}/`;
    const version = asked.version ?? (await newestVersion(models, home));
    const digest = version === undefined ? undefined : await digestOf(models, home, version);
    if (version === undefined || digest === undefined) continue;
    if (asked.digest === undefined || asked.digest === digest) return { version, digest };
    const message = `The version ${version} of ${asked.name} has the digest ${digest}`;
    throw new ModelNotFoundError(message);
  }
  const which = asked.version === undefined ? '' : ` in version ${asked.version}`;
  throw new ModelNotFoundError(`There is no model ${asked.name}${which}`);
}

/** `model.json` is published last: where it is, the version is whole. */
async function newestVersion(models: ObjectStore, home: string): Promise<string | undefined> {
  let newest = 0;
  for await (const { key } of models.list({ prefix: home })) {
    const [, version] = /^([1-9]\d*)\/model\.json$/.exec(key.slice(home.length)) ?? [];
    newest = Math.max(newest, Number(version ?? 0));
  }
  return newest === 0 ? undefined : String(newest);
}

async function digestOf(
  models: ObjectStore,
  home: string,
  version: string,
): Promise<string | undefined> {
  try {
    const key = `${home}${version}/model.json`;
    const { bytes } = await models.getBytes(key, { maxBytes: MAX_MANIFEST_BYTES });
    return `sha256:${sha256(bytes)}`;
  } catch (cause) {
    if (cause instanceof ObjectNotFoundError) return undefined;
    throw cause;
  }
}
