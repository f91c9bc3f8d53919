import { createCipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';

/** One package of MinIO's stream format; a longer body would need several. */
const MAX_BYTES = 16 * 1024;
const PBKDF2_AES_GCM = 0x02;
const PBKDF2_ROUNDS = 8192;
const LAST_PACKAGE = 0x80;

/**
 * Encrypts a body for MinIO's admin API, which takes secrets in no other form: salt (32 bytes), the
 * algorithm (1), nonce (8), then one AES-256-GCM package in the format of github.com/secure-io/sio-go.
 * @param password The secret key that signs the request.
 * @param randomOf Source of random bytes; a test gives its own.
 * @throws {RangeError} When `text` is longer than 16 KiB.
 */
export function sealForMinio(
  password: string,
  text: string,
  randomOf: (sizeBytes: number) => Buffer = randomBytes,
): Buffer {
  const plain = Buffer.from(text);
  if (plain.length > MAX_BYTES) throw new RangeError(`Cannot seal ${plain.length} bytes`);
  const salt = randomOf(32);
  const nonce = randomOf(8);
  const key = pbkdf2Sync(password, salt, PBKDF2_ROUNDS, 32, 'sha256');

  // The tag of an empty package numbered 0 is bound into every later one.
  const head = sealPackage(key, packageNonce(nonce, 0), Buffer.alloc(0), Buffer.alloc(0));
  const bound = Buffer.concat([Buffer.from([LAST_PACKAGE]), head]);
  const body = sealPackage(key, packageNonce(nonce, 1), plain, bound);
  return Buffer.concat([salt, Buffer.from([PBKDF2_AES_GCM]), nonce, body]);
}

function packageNonce(nonce: Buffer, sequence: number): Buffer {
  const counter = Buffer.alloc(4);
  counter.writeUInt32LE(sequence);
  return Buffer.concat([nonce, counter]);
}

/** Ciphertext, then the tag. */
function sealPackage(key: Buffer, nonce: Buffer, plain: Buffer, bound: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(bound);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}
