import { expect, test } from 'vitest';

import { importFaults } from '../../../../scripts/check/imports.ts';
import { CONFINED_PACKAGES, LAYERS } from '../../../../scripts/check/layers.ts';
import { parseModules } from '../../../../scripts/check/source-module.ts';

function faultsOf(path: string, text: string): string[] {
  const rules = { layers: LAYERS, confinedPackages: CONFINED_PACKAGES };
  return importFaults(parseModules([{ path, text }]), rules);
}

test.each([
  ['functions/runtime/log.ts', '../serving/serve.ts'],
  ['functions/runtime/log.ts', '../../models/loader/load-model.ts'],
  ['models/loader/cache.ts', '../../functions/iris/index.ts'],
  ['models/loader/cache.ts', '../../events/receive.ts'],
  ['events/receive.ts', '../models/loader/load-model.ts'],
  ['functions/serving/engine/engine.ts', '../http/respond.ts'],
  ['functions/serving/http/route.ts', '../engine/engine.ts'],
  ['functions/serving/http/route.ts', '../protocols/routes.ts'],
  ['functions/serving/protocols/info.ts', '../serve.ts'],
  ['functions/iris/index.ts', '../serving/serve.ts'],
  ['functions/iris/index.ts', '../text/tokenise.ts'],
  ['functions/catalogue.ts', './main.ts'],
  ['functions/main.ts', '../scripts/build.ts'],
  ['knative/local/stand-in.ts', '../../scripts/start.ts'],
  ['knative/local/stand-in.ts', '../../functions/main.ts'],
  ['scripts/start.ts', '../test/support/minio.ts'],
])('%s may not import %s', (path, specifier) => {
  expect(faultsOf(path, `import { x } from '${specifier}';`)).toHaveLength(1);
});

test.each([
  ['functions/serving/protocols/info.ts', '../http/respond.ts'],
  ['functions/serving/serve.ts', './protocols/routes.ts'],
  ['functions/iris/index.ts', './request.ts'],
  ['functions/iris/index.ts', '../define-model.ts'],
  ['functions/main.ts', './serving/serve.ts'],
  ['functions/runtime/version.ts', '../../package.json'],
  ['test/unit/a.test.ts', '../../functions/main.ts'],
  ['models/loader/open-session.ts', 'onnxruntime-node'],
  ['functions/runtime/object-store/s3-client.ts', '@aws-sdk/client-s3'],
  ['test/unit/a.test.ts', 'onnxruntime-node'],
  ['functions/iris/request.ts', 'zod'],
])('%s may import %s', (path, specifier) => {
  expect(faultsOf(path, `import { x } from '${specifier}';`)).toEqual([]);
});

test.each([
  ['functions/serving/engine/engine.ts', 'onnxruntime-node'],
  ['functions/serving/http/front-door.ts', '@google-cloud/functions-framework'],
  ['functions/serving/http/front-door.ts', '@google-cloud/functions-framework/testing'],
  ['scripts/models/publish-model.ts', '@aws-sdk/client-s3'],
  ['functions/serving/serve.ts', 'prom-client'],
  ['functions/main.ts', 'vitest'],
])('%s may not import the package %s', (path, specifier) => {
  expect(faultsOf(path, `import { x } from '${specifier}';`)).toHaveLength(1);
});

test.each([
  `import type { X } from '../serving/serve.ts';`,
  `import { type X } from '../serving/serve.ts';`,
  `import '../serving/serve.ts';`,
  `export { x } from '../serving/serve.ts';`,
  `export * from '../serving/serve.ts';`,
  `const x = await import('../serving/serve.ts');`,
])('every way to import counts: %s', (statement) => {
  expect(faultsOf('functions/runtime/log.ts', `\n\n${statement}\n`)).toEqual([
    'functions/runtime/log.ts:3 imports functions/serving/serve.ts: runtime may import nothing of ours',
  ]);
});

test('a file outside all layers is a fault, so that new folders are thought about', () => {
  expect(faultsOf('extras/new.ts', `import { x } from '../functions/main.ts';`)).toEqual([
    'extras/new.ts:1 belongs to no layer: see scripts/check/layers.ts',
  ]);
});

test('the layers have no cycle: each may import only what stands above it in the table', () => {
  for (const [index, { name, mayImport }] of LAYERS.entries()) {
    const below = LAYERS.slice(0, index).map((layer) => layer.name);
    expect(
      mayImport.filter((other) => !below.includes(other)),
      name,
    ).toEqual([]);
  }
});
