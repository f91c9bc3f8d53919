import { expect, test } from 'vitest';

import { signRequest } from '../../../../../functions/runtime/object-store/sign-request.ts';

/** "Example: GET Object" of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
const SIGNER = {
  region: 'us-east-1',
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const NOW = new Date('2013-05-24T00:00:00.000Z');
const HEADERS = { host: 'examplebucket.s3.amazonaws.com', range: 'bytes=0-9' };

test('the signature is the one in AWS’s own example', () => {
  const headers = signRequest(
    { method: 'GET', path: '/test.txt', query: '', headers: HEADERS },
    SIGNER,
    NOW,
  );

  expect(headers).toMatchObject({ ...HEADERS, 'x-amz-date': '20130524T000000Z' });
  expect(headers['authorization']).toBe(
    'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, ' +
      'SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, ' +
      'Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  );
});

test('a session token travels and is signed', () => {
  const headers = signRequest(
    { method: 'GET', path: '/a', query: 'versionId=1', headers: HEADERS },
    { ...SIGNER, sessionToken: 'a token' },
    NOW,
  );

  expect(headers['x-amz-security-token']).toBe('a token');
  expect(headers['authorization']).toContain(';x-amz-date;x-amz-security-token,');
});
