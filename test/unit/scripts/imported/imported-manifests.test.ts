import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

import type { JsonObject } from '../../../../knative/local/manifests/manifest.ts';
import { readServices } from '../../../../knative/local/manifests/read-services.ts';
import { renderOverlay } from '../../../../knative/local/manifests/render-overlay.ts';
import { modelManifest } from '../../../../models/loader/package-schema.ts';
import type { ModelManifest } from '../../../../models/loader/package-schema.ts';
import {
  batchServiceOf,
  serviceOf,
  triggerOf,
} from '../../../../scripts/imported/imported-manifests.ts';

const ROOT = join(import.meta.dirname, '../../../..');

function template(): JsonObject {
  const path = join(ROOT, 'knative/base/model/service.yaml');
  return parse(readFileSync(path, 'utf8')) as JsonObject;
}

function manifest(change: Partial<ModelManifest>): ModelManifest {
  const iris = JSON.parse(readFileSync(join(ROOT, 'models/iris/model.json'), 'utf8')) as object;
  return modelManifest.parse({
    ...iris,
    function: 'model',
    name: 'flowers',
    version: 3,
    ...change,
  });
}

function withWeights(megabytes: number): ModelManifest['files'] {
  const size = megabytes * 1024 * 1024;
  return manifest({}).files.map((file) =>
    file.role === 'model' ? { ...file, size_bytes: size } : file,
  );
}

/** The Service as the overlay `dev` has it. */
async function inOverlay(of: ModelManifest) {
  const added = [{ file: 'template', object: serviceOf(template(), of) }];
  const folder = join(ROOT, 'knative/base');
  const rendered = await renderOverlay(join(ROOT, 'knative/overlays/dev'), {
    folder,
    manifests: added,
  });
  return readServices(rendered).find(({ service }) => service.name === of.name)?.service;
}

describe('serviceOf()', () => {
  it('leaves nothing of the template’s own name but the function', () => {
    const text = JSON.stringify(serviceOf(template(), manifest({})));

    expect(text.match(/"model"/g)).toEqual(['"model"']);
    expect(text).toContain('"name":"FUNCTION_TARGET","value":"model"');
    expect(text).toContain('"name":"MODEL_URI","value":"s3://models/_shared/flowers/3"');
  });

  it('gets the namespace and the patches of an overlay like any other Service', async () => {
    const service = await inOverlay(manifest({}));

    expect(service).toMatchObject({
      namespace: 'pilotlight-dev',
      template: { containerConcurrency: 100, scale: { windowMs: 30_000 } },
    });
    expect(service?.template.env).toMatchObject({ S3_ENDPOINT: 'http://minio:9000' });
  });

  it('lets in twice the rows of a run where runs are long, and one more where rows do not run together', () => {
    const slow = manifest({ execution: 'worker', batch: { axis: 0, max_rows: 16 } });
    const { batch: _batch, ...alone } = manifest({ execution: 'worker' });
    const limit = (of: ModelManifest): unknown =>
      /"containerConcurrency":(\d+)/.exec(JSON.stringify(serviceOf(template(), of)))?.[1];

    const wide = manifest({ execution: 'worker', batch: { axis: 0, max_rows: 1024 } });

    // Knative takes 1000 at most.
    expect([limit(slow), limit(alone), limit(wide)]).toEqual(['32', '2', '1000']);
  });

  it('has memory for the weights in every place where they are', () => {
    const text = JSON.stringify(
      serviceOf(template(), manifest({ execution: 'worker', files: withWeights(1000) })),
    );

    // Cache, file and two worker processes with a copy each.
    expect(text).toContain(`"memory":"${1024 + 2 * (128 + 1000) + 3 * 1000}Mi"`);
    expect(text).toContain('"sizeLimit":"2000Mi"');
  });
});

describe('what an imported model has for batch jobs', () => {
  const read = (file: string): JsonObject[] =>
    parseAllDocuments(readFileSync(join(ROOT, 'knative/base/model', file), 'utf8')).map(
      (one) => one.toJS() as JsonObject,
    );

  it('is a second Service, which scores one chunk at a time in a process of its own', () => {
    const [batch = {}] = read('batch.yaml');
    const object = batchServiceOf(
      batch,
      manifest({ execution: 'worker', files: withWeights(100) }),
    );
    const text = JSON.stringify(object);

    expect(object).toMatchObject({ metadata: { name: 'flowers-batch' } });
    expect(text).toContain('"containerConcurrency":1,');
    expect(text).toContain('"value":"s3://models/_shared/flowers/3"');
    expect(text).toContain(`"memory":"${1024 + (128 + 100) + 3 * 100}Mi"`);
    expect(text).not.toContain('"model-batch"');
  });

  it('are Triggers for its requests, its chunks and its uploads', () => {
    const triggers = read('triggers.yaml').map((one) => triggerOf(one, manifest({})));

    expect(triggers).toMatchObject([
      {
        metadata: { name: 'flowers-requests' },
        spec: {
          filters: [{ exact: { model: 'flowers' } }],
          subscriber: { ref: { name: 'flowers' } },
        },
      },
      {
        metadata: { name: 'flowers-chunks' },
        spec: {
          filters: [{ exact: { model: 'flowers' } }],
          subscriber: { ref: { name: 'flowers-batch' } },
          delivery: { deadLetterSink: { ref: { name: 'batch' } } },
        },
      },
      {
        metadata: { name: 'flowers-uploads' },
        spec: {
          filters: [{ exact: { model: 'flowers' } }],
          subscriber: { ref: { name: 'flowers-batch' } },
          delivery: { deadLetterSink: { ref: { name: 'batch' } } },
        },
      },
    ]);
  });
});
