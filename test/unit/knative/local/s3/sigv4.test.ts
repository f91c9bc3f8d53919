import { describe, expect, it } from 'vitest';

import { deriveSigningKey, signatureOf } from '../../../../../knative/local/s3/sigv4.ts';

// The examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const DATE = '20130524T000000Z';
const SCOPE = '20130524/us-east-1/s3/aws4_request';
const HOST = 'examplebucket.s3.amazonaws.com';
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const TEXT = '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072';

describe('signatureOf() gives the signature AWS publishes for', () => {
  it.each([
    {
      what: 'GET with a range',
      method: 'GET',
      path: '/test.txt',
      query: [],
      headers: { range: 'bytes=0-9' },
      payloadHash: EMPTY,
      expected: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    },
    {
      what: 'PUT of a key with a dollar sign',
      method: 'PUT',
      path: '/test$file.text',
      query: [],
      headers: {
        date: 'Fri, 24 May 2013 00:00:00 GMT',
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      },
      payloadHash: TEXT,
      expected: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    },
    {
      what: 'GET of a subresource',
      method: 'GET',
      path: '/',
      query: [['lifecycle', '']],
      headers: {},
      payloadHash: EMPTY,
      expected: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    },
    {
      what: 'a listing',
      method: 'GET',
      path: '/',
      query: [
        ['prefix', 'J'],
        ['max-keys', '2'],
      ],
      headers: {},
      payloadHash: EMPTY,
      expected: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    },
  ] as const)('$what', ({ method, path, query, headers, payloadHash, expected }) => {
    const all: Record<string, string> = {
      ...headers,
      host: HOST,
      'x-amz-content-sha256': payloadHash,
      'x-amz-date': DATE,
    };

    const signature = signatureOf(
      {
        method,
        path,
        query,
        headers: new Map(Object.entries(all)),
        signedHeaders: Object.keys(all).toSorted(),
        payloadHash,
      },
      deriveSigningKey(SECRET, SCOPE),
      DATE,
      SCOPE,
    );

    expect(signature).toBe(expected);
  });
});
