import { expect, it } from 'vitest';

import { CHECKSUMS } from '../../../../../knative/local/s3/checksums.ts';

// The check values of the CRC catalogue (https://reveng.sourceforge.io/crc-catalogue/) and FIPS 180.
it.each([
  ['crc32', 'cbf43926'],
  ['crc32c', 'e3069283'],
  ['crc64nvme', 'ae8b14860a799888'],
  ['sha1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
  ['sha256', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'],
])('%s of "123456789", whole and in pieces, is %s', (name, expected) => {
  const whole = CHECKSUMS[name]?.();
  whole?.update(Buffer.from('123456789'));
  const pieces = CHECKSUMS[name]?.();
  for (const piece of ['', '1', '2345', '6789']) pieces?.update(Buffer.from(piece));

  expect(whole?.digest().toString('hex')).toBe(expected);
  expect(pieces?.digest().toString('hex')).toBe(expected);
});
