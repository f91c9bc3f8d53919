import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A digest in the making. */
export interface Checksum {
  update(chunk: Uint8Array): void;
  digest(): Buffer;
}

/** How to start each checksum that S3 knows, by the last part of its `x-amz-checksum-…` header. */
export const CHECKSUMS: Readonly<Record<string, () => Checksum>> = {
  crc32: () => checksum32((chunk, value) => crc32(chunk, value)),
  crc32c: () => checksum32(crc32c),
  crc64nvme: crc64nvmeChecksum,
  sha1: () => hashChecksum('sha1'),
  sha256: () => hashChecksum('sha256'),
};

function hashChecksum(algorithm: 'sha1' | 'sha256'): Checksum {
  const hash = createHash(algorithm);
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest() };
}

function checksum32(next: (chunk: Uint8Array, value: number) => number): Checksum {
  let value = 0;
  return {
    update: (chunk) => void (value = next(chunk, value)),
    digest: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    },
  };
}

const CRC32C_POLYNOMIAL = 0x82f63b78;
const CRC32C_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? CRC32C_POLYNOMIAL : 0);
  return value;
});

function crc32c(chunk: Uint8Array, start: number): number {
  let value = ~start;
  for (const byte of chunk) value = (value >>> 8) ^ (CRC32C_TABLE[(value ^ byte) & 0xff] ?? 0);
  return ~value >>> 0;
}

const CRC64NVME_POLYNOMIAL = 0x9a6c9329ac4bc9b5n;
const CRC64NVME_TABLE = BigUint64Array.from({ length: 256 }, (_, index) => {
  let value = BigInt(index);
  for (let bit = 0; bit < 8; bit++)
    value = (value >> 1n) ^ (value & 1n ? CRC64NVME_POLYNOMIAL : 0n);
  return value;
});
// BigInt arithmetic on every byte would be some fifty times slower than two 32-bit halves.
const CRC64NVME_HIGH = Uint32Array.from(CRC64NVME_TABLE, (value) => Number(value >> 32n));
const CRC64NVME_LOW = Uint32Array.from(CRC64NVME_TABLE, (value) => Number(value & 0xffffffffn));

function crc64nvmeChecksum(): Checksum {
  let high = ~0;
  let low = ~0;
  return {
    update: (chunk) => {
      for (const byte of chunk) {
        const index = (low ^ byte) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ (CRC64NVME_LOW[index] ?? 0);
        high = (high >>> 8) ^ (CRC64NVME_HIGH[index] ?? 0);
      }
    },
    digest: () => {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt32BE(~high >>> 0, 0);
      bytes.writeUInt32BE(~low >>> 0, 4);
      return bytes;
    },
  };
}
