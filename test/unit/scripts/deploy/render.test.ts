import { describe, expect, it } from 'vitest';

import { pinImages } from '../../../../scripts/deploy/render.ts';

const images = new Map([['pilotlight', 'registry/pilotlight@sha256:1']]);
const workload = (image: string) => ({
  kind: 'Service',
  spec: { template: { spec: { containers: [{ name: 'a', image }], initContainers: [{ image }] } } },
});

describe('pinImages()', () => {
  it('replaces the image of every container', () => {
    const object = workload('pilotlight');

    pinImages(object, images);

    expect(object).toEqual(workload('registry/pilotlight@sha256:1'));
  });

  it('refuses an image that nobody built', () => {
    expect(() => pinImages(workload('stranger'), images)).toThrow(
      'No image was built for "stranger"',
    );
  });
});
