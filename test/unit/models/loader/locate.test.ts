import { describe, expect, it } from 'vitest';

import { locatePackage } from '../../../../models/loader/locate.ts';

describe('locatePackage()', () => {
  it.each([
    ['s3://models/_shared/iris/1', 'models', '_shared/iris/1'],
    ['s3://models/_shared/iris/1/', 'models', '_shared/iris/1'],
    ['s3://my.bucket-2/x', 'my.bucket-2', 'x'],
  ])('takes %s apart', (uri, bucket, prefix) => {
    expect(locatePackage(uri)).toEqual({
      kind: 's3',
      uri: `s3://${bucket}/${prefix}`,
      bucket,
      prefix,
    });
  });

  it.each([
    ['file:models/iris', 'models/iris'],
    ['file:/srv/models/iris', '/srv/models/iris'],
    ['file:///srv/models/my%20iris', '/srv/models/my iris'],
  ])('finds the folder of %s', (uri, path) => {
    expect(locatePackage(uri)).toEqual({ kind: 'folder', uri, path });
  });

  it.each([
    'iris',
    's3://models',
    's3://models/',
    's3://UPPER/iris',
    's3://models/../secret',
    'https://models/iris',
    'file:',
    'file://otherhost/iris',
  ])('refuses %s for good', (uri) => {
    expect(() => locatePackage(uri)).toThrow(
      expect.objectContaining({ permanent: true, message: expect.stringContaining(uri) }),
    );
  });
});
