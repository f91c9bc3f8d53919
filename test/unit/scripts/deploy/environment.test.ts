import { describe, expect, it } from 'vitest';

import { readDeployEnvironment } from '../../../../scripts/deploy/environment.ts';

const file = import.meta.filename;
const good = {
  KUBECONFIG: file,
  IMAGE_REGISTRY: 'registry.example:5000/team',
  KNATIVE_GATEWAY: 'http://127.0.0.1:31080',
  MINIO_BIN: file,
};

describe('readDeployEnvironment()', () => {
  it('takes a registry, a gateway, a cluster and a MinIO', () => {
    expect(readDeployEnvironment(good)).toEqual(good);
  });

  it('lets an image stand for the binary, and counts an empty variable as not set', () => {
    const env = { ...good, MINIO_BIN: '', MINIO_IMAGE: 'registry.example/minio:1' };

    expect(readDeployEnvironment(env)).not.toHaveProperty('MINIO_BIN');
  });

  it('reports every fault at once', () => {
    const read = () =>
      readDeployEnvironment({ IMAGE_REGISTRY: 'http://registry', KUBECONFIG: '/nowhere' });

    for (const name of ['KUBECONFIG', 'IMAGE_REGISTRY', 'KNATIVE_GATEWAY']) {
      expect(read).toThrow(name);
    }
  });

  it.each([
    ['KUBECONFIG', '/nowhere', 'must be a file that can be read'],
    ['IMAGE_REGISTRY', 'https://registry', 'must be host[:port][/path]'],
    ['IMAGE_REGISTRY_INSECURE', 'yes', 'Invalid option'],
    ['KNATIVE_GATEWAY', '127.0.0.1:31080', 'Invalid URL'],
    ['MINIO_BIN', '', 'set MINIO_BIN or MINIO_IMAGE'],
    ['BUILD_CA_FILE', '/nowhere', 'must be a file that can be read'],
  ])('refuses %s = %j', (name, value, message) => {
    expect(() => readDeployEnvironment({ ...good, [name]: value })).toThrow(`${name}: ${message}`);
  });
});
