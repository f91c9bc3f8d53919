import type { IncomingMessage } from 'node:http';

import { expect, it } from 'vitest';

import { verifyPresignedUrl } from '../../../../../knative/local/s3/presigned-url.ts';
import { parseRequest } from '../../../../../knative/local/s3/s3-request.ts';

// The example of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
const IDENTITY = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
};
const HOST = 'examplebucket.s3.amazonaws.com';
const SIGNATURE = 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
const URL =
  '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=';
const SIGNED_MS = Date.parse('2013-05-24T00:00:00Z');

function verify(signature: string, nowMs: number): string {
  // All that a request is read from.
  const incoming = { method: 'GET', url: URL + signature, rawHeaders: ['Host', HOST] };
  const request = parseRequest(incoming as IncomingMessage);
  return verifyPresignedUrl(request, IDENTITY, nowMs).signature;
}

it('verifyPresignedUrl() accepts the URL AWS publishes, for as long as it is good', () => {
  expect(verify(SIGNATURE, SIGNED_MS)).toBe(SIGNATURE);
  expect(verify(SIGNATURE, SIGNED_MS + 86_400_000)).toBe(SIGNATURE);
  expect(() => verify(SIGNATURE, SIGNED_MS + 86_400_001)).toThrow('expired');
  expect(() => verify(SIGNATURE, SIGNED_MS - 16 * 60_000)).toThrow('15 minutes');
  expect(() => verify(SIGNATURE.replace('a', 'b'), SIGNED_MS)).toThrow('signature');
});
