import { describe, expect, it } from 'vitest';

import {
  knativeService,
  revisionName,
  withRevisionName,
} from '../../../../scripts/deploy/revision.ts';

const service = (image: string, uri = 's3://models/_shared/iris/3') =>
  knativeService.parse({
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: { name: 'iris', namespace: 'somewhere' },
    spec: {
      template: {
        metadata: { labels: { a: 'b' } },
        spec: { containers: [{ image, env: [{ name: 'MODEL_URI', value: uri }] }] },
      },
    },
  });

describe('revisionName()', () => {
  it('is the service, the version of its model and 8 hex digits', () => {
    expect(revisionName(service('x'))).toMatch(/^iris-3-[0-9a-f]{8}$/);
  });

  it('is the same for the same template, whatever its name was and however its keys are ordered', () => {
    const named = withRevisionName(service('x'));
    const { spec, ...rest } = named;
    const { metadata, ...template } = spec.template;
    const reordered = { ...rest, spec: { ...spec, template: { ...template, metadata } } };

    expect(revisionName(named)).toBe(revisionName(service('x')));
    expect(revisionName(reordered)).toBe(revisionName(service('x')));
  });

  it.each([
    ['image', service('y')],
    ['variable', service('x', 's3://models/_shared/other/3')],
  ])('differs when an %s differs', (_what, other) => {
    expect(revisionName(other)).not.toBe(revisionName(service('x')));
  });

  it('has version 0 without a model', () => {
    expect(revisionName(service('x', 'file:models/iris'))).toMatch(/^iris-0-/);
  });
});

describe('withRevisionName()', () => {
  it('names the template and keeps the rest', () => {
    const named = withRevisionName(service('x'));

    expect(named.spec.template.metadata).toEqual({
      labels: { a: 'b' },
      name: revisionName(service('x')),
    });
    expect(named.metadata).toEqual({ name: 'iris', namespace: 'somewhere' });
  });
});

describe('withRevisionName()', () => {
  const called = (name: string) => {
    const one = service('x');
    return { ...one, metadata: { ...one.metadata, name } };
  };

  it('takes names up to what Kubernetes allows with version and digits, and says so of longer ones', () => {
    const longest = 'a'.repeat(52);

    expect(withRevisionName(called(longest)).spec.template.metadata?.name).toHaveLength(63);
    expect(() => withRevisionName(called(`${longest}a`))).toThrow('a name of at most 52');
  });

  it('refuses a name that no host can have', () => {
    expect(() => withRevisionName(called('a-'))).toThrow('no host name ends with "-"');
  });
});
