import { describe, expect, it } from 'vitest';

import { tally } from '../../../support/tally-model.ts';
import { loadConfig } from '../../../../functions/runtime/config.ts';
import { PinnedModels } from '../../../../functions/scoring/pinned-models.ts';
import type { ModelService } from '../../../../functions/serving/service.ts';
import { engineOf } from '../../../support/engine-fixture.ts';
import { fakeModel } from '../../../support/fake-model.ts';
import { memoryStore } from '../../../support/memory-store.ts';

const { signal } = new AbortController();

interface Bench {
  readonly own: ModelService;
  readonly models: PinnedModels;
  readonly opened: string[];
  readonly released: string[];
}

/** Serves one version; the versions 2 and 3 are published, shared, and 4 for the tenant. */
async function bench(): Promise<Bench> {
  const config = loadConfig({
    FUNCTION_TARGET: 'iris',
    MODEL_URI: 'file:models/iris',
    TENANT: 'test',
  });
  const service = (digest?: string): ModelService => {
    const model = fakeModel();
    const session = { ...model.session, release: async () => void released.push(digest ?? 'own') };
    return {
      definition: tally,
      model: { ...model, session, ...(digest === undefined ? {} : { digest }) },
      engine: engineOf(),
      config,
      takeColdStart: () => undefined,
    };
  };
  const released: string[] = [];
  const opened: string[] = [];
  const own = service();
  const store = memoryStore(() => 0);
  const { name } = own.model.manifest;
  for (const path of ['_shared/NAME/2', '_shared/NAME/3', 'test/NAME/4', '_shared/NAME/4']) {
    await store.put(`${path.replace('NAME', name)}/model.json`, '{}');
  }
  const models = new PinnedModels({
    own,
    models: store,
    openVersion: async ({ uri, digest }) => {
      opened.push(uri);
      return service(digest);
    },
  });
  return { own, models, opened, released };
}

function pin(
  own: ModelService,
  version: string,
): { name: string; version: string; digest: string } {
  return { name: own.model.manifest.name, version, digest: `sha256:version ${version}` };
}

describe('PinnedModels', () => {
  it('gives the version that is served, without opening it again', async () => {
    const { own, models, opened } = await bench();
    const digest = `sha256:${own.model.digest}`;

    const used = await models.use({ ...pin(own, '1'), digest }, signal);

    expect([used.service, opened]).toEqual([own, []]);
  });

  it('opens another version once, and closes it for a third', async () => {
    const { own, models, opened, released } = await bench();

    for (const version of ['2', '2', '3']) (await models.use(pin(own, version), signal)).done();

    const { name } = own.model.manifest;
    expect(opened).toEqual([2, 3].map((n) => `s3://data-test/_shared/${name}/${n}`));
    expect(released).toEqual(['sha256:version 2']);
  });

  it('looks at the tenant’s own models first', async () => {
    const { own, models, opened } = await bench();

    (await models.use(pin(own, '4'), signal)).done();

    expect(opened).toEqual([`s3://data-test/test/${own.model.manifest.name}/4`]);
  });

  it('does not close a version that is in use: whoever wants a third comes back later', async () => {
    const { own, models, released } = await bench();
    const used = await models.use(pin(own, '2'), signal);

    await expect(models.use(pin(own, '3'), signal)).rejects.toMatchObject({
      code: 'QUEUE_FULL',
      retryAfterSeconds: 5,
    });
    used.done();

    expect(released).toEqual([]);
    await expect(models.use(pin(own, '3'), signal)).resolves.toBeDefined();
  });

  it('refuses other models and versions that are not published', async () => {
    const { own, models } = await bench();

    const other = models.use({ ...pin(own, '2'), name: 'rose' }, signal);
    await expect(other).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    const unknown = models.use(pin(own, '9'), signal);
    await expect(unknown).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    // What failed does not keep the place.
    await expect(models.use(pin(own, '2'), signal)).resolves.toBeDefined();
  });
});
