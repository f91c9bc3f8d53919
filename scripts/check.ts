/** `npm run check`: everything that is held true of the clone besides its tests. */
import { join } from 'node:path';

import { readClone } from './check/clone-files.ts';
import { exportFaults } from './check/exports.ts';
import { importFaults } from './check/imports.ts';
import { CONFINED_PACKAGES, LAYERS } from './check/layers.ts';
import { lockFileFaults } from './check/lock-file.ts';
import { manifestFaults } from './check/manifests.ts';
import { ownStep, programStep, runSteps } from './check/run-steps.ts';
import { parseModules } from './check/source-module.ts';
import { strayTextFaults } from './check/stray-text.ts';
import { outdatedPages } from './docs/pages.ts';

const root = join(import.meta.dirname, '..');
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);

const files = readClone(root);
const modules = parseModules(files);
const lock = files.find(({ path }) => path === 'package-lock.json')?.text ?? '{}';

const holds = await runSteps(
  [
    programStep('types', root, [bin('tsc')]),
    programStep('types in the browser', root, [
      bin('tsc'),
      '-p',
      'functions/serving/protocols/page/browser',
    ]),
    programStep('lint', root, [bin('oxlint'), '--type-aware', '--deny-warnings']),
    programStep('format', root, [bin('oxfmt'), '--check']),
    programStep('dead code', root, [bin('knip')]),
    ownStep('direction of imports', () =>
      importFaults(modules, { layers: LAYERS, confinedPackages: CONFINED_PACKAGES }),
    ),
    ownStep('doc comments', () => exportFaults(modules)),
    ownStep('generated docs', () => outdatedPages(files)),
    ownStep('manifests', () => manifestFaults(root, files)),
    ownStep('lock file', () => lockFileFaults(lock)),
    ownStep('stray text', () => strayTextFaults(files)),
  ],
  (text) => process.stdout.write(text),
);
process.exitCode = holds ? 0 : 1;
