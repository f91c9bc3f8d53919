import type { JobSpec } from '../../events/jobs/job-spec.ts';
import { ModelNotFoundError, QueueFullError } from '../runtime/errors.ts';
import type { ObjectStore } from '../runtime/object-store/object-store.ts';
import type { ModelService } from '../serving/service.ts';

/** A model in use; call `done` once it is not any more. */
export interface UsedModel {
  readonly service: ModelService;
  done(): void;
}

/** How versions are found and opened. */
export interface PinnedModelsOptions {
  /** The version that this process serves anyway. */
  readonly own: ModelService;
  /** The bucket of published models. */
  readonly models: ObjectStore;
  readonly openVersion: (
    address: { readonly uri: string; readonly digest: string },
    signal: AbortSignal,
  ) => Promise<ModelService>;
}

interface Opened {
  readonly digest: string;
  readonly service: Promise<ModelService>;
  users: number;
}

/** Another job may need the place soon. */
const RETRY_AFTER_SECONDS = 5;

/** The versions that jobs pin: the one that is served, and at most one beside it. */
export class PinnedModels {
  readonly #options: PinnedModelsOptions;
  #other: Opened | undefined;

  constructor(options: PinnedModelsOptions) {
    this.#options = options;
  }

  /**
   * Exactly the version that a job pins, whatever is deployed now.
   * @throws {ModelNotFoundError} When it is not published here, or the job is for another model.
   * @throws {ModelLoadError} When it cannot be opened.
   * @throws {QueueFullError} While another version has the place.
   */
  async use(model: JobSpec['model'], signal: AbortSignal): Promise<UsedModel> {
    const { own } = this.#options;
    const { manifest, digest } = own.model;
    if (model.name !== manifest.name) {
      throw new ModelNotFoundError(`The model ${model.name} is not served here`);
    }
    if (model.digest === `sha256:${digest}`) return { service: own, done: () => {} };
    if (this.#other?.digest !== model.digest) await this.#makeRoom(model.digest);
    const other = (this.#other ??= {
      digest: model.digest,
      service: this.#open(model, signal),
      users: 0,
    });
    other.users += 1;
    const done = (): void => void (other.users -= 1);
    try {
      return { service: await other.service, done };
    } catch (cause) {
      done();
      if (this.#other === other) this.#other = undefined;
      throw cause;
    }
  }

  async #makeRoom(digest: string): Promise<void> {
    const old = this.#other;
    if (old === undefined || old.digest === digest) return;
    if (old.users > 0) {
      throw new QueueFullError('Two versions of the model are in use here already', {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    this.#other = undefined;
    const { model } = await old.service;
    await model.session.release();
  }

  async #open(model: JobSpec['model'], signal: AbortSignal): Promise<ModelService> {
    const { models, openVersion, own } = this.#options;
    const { name, version, digest } = model;
    for (const owner of [own.config.TENANT, '_shared']) {
      const home = `${owner}/${name}/${version}`;
      if ((await models.head(`${home}/model.json`)) === undefined) continue;
      return await openVersion({ uri: `s3://${models.bucket}/${home}`, digest }, signal);
    }
    throw new ModelNotFoundError(`The version ${version} of ${name} is not published any more`);
  }
}
