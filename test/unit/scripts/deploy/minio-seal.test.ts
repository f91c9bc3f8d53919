import { createCipheriv, createDecipheriv, pbkdf2Sync } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { sealForMinio } from '../../../../scripts/deploy/minio-seal.ts';

const zeros = (sizeBytes: number) => Buffer.alloc(sizeBytes);

describe('sealForMinio()', () => {
  it('is salt, algorithm, nonce, and one last package with its tag', () => {
    const sealed = sealForMinio('password', 'text');

    expect(sealed.length).toBe(32 + 1 + 8 + 4 + 16);
    expect(sealed[32]).toBe(0x02);
  });

  it('differs each time', () => {
    expect(sealForMinio('password', 'text')).not.toEqual(sealForMinio('password', 'text'));
  });

  it('can be opened with the password', () => {
    const sealed = sealForMinio('password', 'text', zeros);
    const key = pbkdf2Sync('password', zeros(32), 8192, 32, 'sha256');
    const nonce = (sequence: number) => Buffer.concat([zeros(8), Buffer.from([sequence, 0, 0, 0])]);
    const head = createCipheriv('aes-256-gcm', key, nonce(0));
    head.final();
    const decipher = createDecipheriv('aes-256-gcm', key, nonce(1));
    decipher.setAAD(Buffer.concat([Buffer.from([0x80]), head.getAuthTag()]));
    decipher.setAuthTag(sealed.subarray(-16));

    const opened = decipher.update(sealed.subarray(41, -16));

    // final() throws when the tag is wrong.
    expect(Buffer.concat([opened, decipher.final()]).toString()).toBe('text');
  });

  it('refuses what needs more than one package', () => {
    expect(() => sealForMinio('password', 'x'.repeat(16 * 1024 + 1))).toThrow(RangeError);
  });
});
