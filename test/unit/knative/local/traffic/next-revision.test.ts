import { expect, test } from 'vitest';

import type {
  RevisionSpec,
  ServiceSpec,
} from '../../../../../knative/local/manifests/read-services.ts';
import { nextRevision } from '../../../../../knative/local/traffic/next-revision.ts';
import { patientScale } from '../../../../support/scale-settings.ts';

const spec = (version: string, revisionName?: string): ServiceSpec => ({
  name: 'iris',
  namespace: 'dev',
  revisionName,
  traffic: [],
  template: {
    env: { VERSION: version },
    mounts: [],
    readiness: { kind: 'tcp' },
    scale: patientScale(),
    containerConcurrency: 0,
    timeoutMs: 1000,
    responseStartTimeoutMs: 1000,
  },
});

/** The revisions that these specs gave one after the other. */
function history(...specs: readonly ServiceSpec[]): RevisionSpec[] {
  const known: RevisionSpec[] = [];
  for (const one of specs) known.push(nextRevision(one, known));
  return known;
}

test('revisions are numbered, and the same template is the same revision', () => {
  const known = history(spec('a'), spec('b'));

  expect(known.map(({ name }) => name)).toEqual(['iris-00001', 'iris-00002']);
  expect(nextRevision(spec('b'), known)).toBe(known[1]);
});

test('an earlier template is a new revision, as every change is in a cluster', () => {
  expect(nextRevision(spec('a'), history(spec('a'), spec('b'))).name).toBe('iris-00003');
});

test('new code is a new revision', () => {
  expect(nextRevision(spec('a'), history(spec('a')), true).name).toBe('iris-00002');
});

test('the name of the template is the name of the revision', () => {
  const known = history(spec('a', 'iris-1-abcd'), spec('b', 'iris-2-ef01'));

  expect(known.map(({ name }) => name)).toEqual(['iris-1-abcd', 'iris-2-ef01']);
  expect(nextRevision(spec('a', 'iris-1-abcd'), known)).toBe(known[0]);
  expect(nextRevision(spec('c'), known).name).toBe('iris-00001');
});

test('another template under the same name is refused', () => {
  expect(() => nextRevision(spec('b', 'iris-1'), history(spec('a', 'iris-1')))).toThrow(
    'Service iris: spec.template changed, spec.template.metadata.name did not',
  );
});

test('a number that a template took by name is not given again', () => {
  expect(nextRevision(spec('b'), history(spec('a', 'iris-00004'))).name).toBe('iris-00005');
});
