import { expect, test } from 'vitest';

import { secretBehind, secretUses } from '../../../../scripts/doctor/manifests/secret-use.ts';

const volumes = [
  { name: 's3', secret: { secretName: 's3-models' } },
  { name: 'renamed', secret: { secretName: 'tokens', items: [{ key: 'a', path: 'b' }] } },
  { name: 'perhaps', secret: { secretName: 'optional', optional: true } },
  { name: 'cache', emptyDir: {} },
];
const volumeMounts = [
  { name: 's3', mountPath: '/secrets/s3' },
  { name: 'renamed', mountPath: '/secrets/tokens' },
  { name: 'perhaps', mountPath: '/secrets/perhaps' },
];

test.each([
  ['a mounted Secret', [], ['s3-models', 'tokens']],
  ['a file of it', [{ name: 'KEY_FILE', value: '/secrets/s3/id' }], ['s3-models/id']],
  ['a file by its other name', [{ name: 'T_FILE', value: '/secrets/tokens/b' }], ['tokens/a']],
  ['a path that no variable for files has', [{ name: 'DIR', value: '/secrets/s3/id' }], []],
  [
    'a variable from a Secret',
    [{ name: 'A', valueFrom: { secretKeyRef: { name: 'env', key: 'k' } } }],
    ['env/k'],
  ],
  [
    'a variable that may be missing',
    [{ name: 'A', valueFrom: { secretKeyRef: { name: 'env', key: 'k', optional: true } } }],
    [],
  ],
  ['what is optional', [{ name: 'O_FILE', value: '/secrets/perhaps/x' }], []],
])('secretUses() knows %s', (_, env, expected) => {
  const uses = secretUses({ volumes, containers: [{ env, volumeMounts }] });

  const written = uses.map(({ secret, key }) => (key === undefined ? secret : `${secret}/${key}`));
  expect(new Set(written)).toEqual(new Set(['s3-models', 'tokens', ...expected]));
});

test('secretUses() knows whole Secrets as variables, and those of init containers', () => {
  const initContainers = [{ envFrom: [{ secretRef: { name: 'all' } }] }];

  expect(secretUses({ initContainers })).toEqual([{ secret: 'all', key: undefined }]);
});

test('secretBehind() is the entry that a variable for a file leads to', () => {
  const env = [
    { name: 'OTHER_FILE', value: '/secrets/s3/other' },
    { name: 'AWS_ACCESS_KEY_ID_FILE', value: '/secrets/s3/access-key-id' },
  ];
  const spec = { volumes, containers: [{ env, volumeMounts }] };

  expect(secretBehind(spec, 'AWS_ACCESS_KEY_ID_FILE')).toEqual({
    secret: 's3-models',
    key: 'access-key-id',
  });
  expect(secretBehind(spec, 'AWS_SECRET_ACCESS_KEY_FILE')).toBeUndefined();
});
