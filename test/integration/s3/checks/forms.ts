import { randomBytes, randomUUID } from 'node:crypto';

import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';

import type { S3Fixture } from '../fixture.ts';
import { postForm } from '../post-form.ts';
import type { FormOptions } from '../post-form.ts';

/** Uploads by HTML form. */
export function checkForms(fixture: () => S3Fixture): void {
  const post = (options: Partial<FormOptions> = {}): Promise<Response> =>
    postForm(fixture().settings, { bucket: fixture().bucket, ...options });

  it.each([
    ['the new', false],
    ['the old', true],
  ])('stores the file of a form that is signed in %s way', async (_, isOld) => {
    const { client, bucket: Bucket } = fixture();
    const folder = randomUUID();
    const fields = { 'Content-Type': 'text/css', 'x-amz-meta-team': 'birds' };
    const body = `${randomBytes(500_000).toString('base64')}\r\n--`;

    const answer = await post({
      key: `${folder}/\${filename}`,
      fields,
      body,
      fileName: 'ü .css',
      isOld,
    });
    const got = await client.send(new GetObjectCommand({ Bucket, Key: `${folder}/ü .css` }));

    expect([answer.status, await answer.text()]).toEqual([204, '']);
    expect(answer.headers.get('etag')).toBe(got.ETag);
    expect(await got.Body?.transformToString()).toBe(body);
    expect(got).toMatchObject({ ContentType: 'text/css', Metadata: { team: 'birds' } });
  });

  it.each([
    ['200', 200, ''],
    ['201', 201, '<Key>posted/f.txt</Key>'],
    ['299', 204, ''],
  ])('answers as the form asks: success_action_status %s', async (status, expected, text) => {
    const answer = await post({ fields: { success_action_status: status } });

    expect(answer.status).toBe(expected);
    expect(await answer.text()).toContain(text);
    expect(answer.headers.get('location')).toMatch(/\/posted\/f\.txt$/);
  });

  it('sends the browser where the form says', async () => {
    const answer = await post({
      fields: { success_action_redirect: 'http://localhost:1/done?a=b' },
    });

    expect(answer.status).toBe(303);
    const to = new URL(answer.headers.get('location') ?? '');
    expect(to.origin + to.pathname).toBe('http://localhost:1/done');
    expect(Object.fromEntries(to.searchParams)).toEqual({
      a: 'b',
      bucket: fixture().bucket,
      key: 'posted/f.txt',
      etag: '"5d41402abc4b2a76b9719d911017c592"',
    });
  });

  it('takes an empty file', async () => {
    const { client, bucket: Bucket } = fixture();
    const Key = `${randomUUID()}/empty`;

    expect((await post({ key: Key, body: '' })).status).toBe(204);

    const head = await client.send(new HeadObjectCommand({ Bucket, Key }));
    expect(head.ContentLength).toBe(0);
  });

  it.each<[what: string, options: Partial<FormOptions>]>([
    [
      'a value with the prefix',
      {
        conditions: [['starts-with', '$x-amz-meta-q', 'he']],
        tampered: { 'x-amz-meta-q': 'hello' },
      },
    ],
    [
      'any value of a field',
      { conditions: [['starts-with', '$x-amz-meta-q', '']], tampered: { 'x-amz-meta-q': 'x' } },
    ],
    ['a field to be ignored', { tampered: { 'x-ignore-a': '1' } }],
    ['a file within the sizes', { conditions: [['content-length-range', 5, 5]] }],
  ])('lets the policy allow %s', async (_, options) => {
    expect((await post(options)).status).toBe(204);
  });

  it.each<[what: string, status: number, code: string, options: Partial<FormOptions>]>([
    [
      'a field that the policy does not name',
      403,
      'AccessDenied',
      { tampered: { 'x-amz-meta-q': '1' } },
    ],
    [
      'another value than the policy',
      403,
      'AccessDenied',
      { fields: { 'x-amz-meta-q': '1' }, tampered: { 'x-amz-meta-q': '2' } },
    ],
    [
      'a value without the prefix',
      403,
      'AccessDenied',
      { conditions: [['starts-with', '$x-amz-meta-q', 'he']], tampered: { 'x-amz-meta-q': 'xhe' } },
    ],
    ['another key', 403, 'AccessDenied', { tampered: { key: 'elsewhere' } }],
    ['a policy for another bucket', 403, 'AccessDenied', { conditions: [{ bucket: 'another' }] }],
    ['a policy that has expired', 403, 'AccessDenied', { expiresS: -10 }],
    [
      'a file above the sizes',
      400,
      'EntityTooLarge',
      { conditions: [['content-length-range', 1, 4]] },
    ],
    [
      'a file below the sizes',
      400,
      'EntityTooSmall',
      { conditions: [['content-length-range', 6, 9]] },
    ],
    ['a policy that was changed', 403, 'SignatureDoesNotMatch', { tampered: { policy: 'e30=' } }],
    [
      'a signature that was changed',
      403,
      'SignatureDoesNotMatch',
      { tampered: { 'x-amz-signature': '0'.repeat(64) } },
    ],
    ['no signature', 403, 'SignatureDoesNotMatch', { tampered: { 'x-amz-signature': undefined } }],
    ['no key', 400, 'MalformedPOSTRequest', { tampered: { key: undefined } }],
    ['no file', 400, 'MalformedPOSTRequest', { isEmpty: true }],
  ])('refuses %s, and stores nothing', async (_, status, code, options) => {
    const { client, bucket: Bucket } = fixture();
    const folder = randomUUID();

    const answer = await post({ key: `${folder}/\${filename}`, ...options });

    expect([answer.status, /<Code>(\w+)</.exec(await answer.text())?.[1]]).toEqual([status, code]);
    const reading = client.send(new HeadObjectCommand({ Bucket, Key: `${folder}/f.txt` }));
    await expect(reading).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  });
}
