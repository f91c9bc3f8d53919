import { randomUUID } from 'node:crypto';

import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';

import type { S3Fixture } from '../fixture.ts';
import { presign } from '../presign.ts';
import type { PresignOptions } from '../presign.ts';

/** URLs that carry their signature. */
export function checkPresigned(fixture: () => S3Fixture): void {
  const freshKey = (): string => `${randomUUID()}/an ö + object`;
  const urlOf = (key: string, options: Partial<PresignOptions> = {}): string =>
    presign(fixture().settings, { path: `/${fixture().bucket}/${key}`, ...options });
  async function stored(): Promise<string> {
    const { client, bucket: Bucket } = fixture();
    const Key = freshKey();
    await client.send(new PutObjectCommand({ Bucket, Key, Body: '0123456789' }));
    return Key;
  }

  it('reads, whole and by range, with the headers the URL asks for', async () => {
    const key = await stored();
    const query = { 'response-content-disposition': 'attachment; filename="x y"' };

    const whole = await fetch(urlOf(key, { query }));
    const part = await fetch(urlOf(key), { headers: { range: 'bytes=2-4' } });

    expect(await whole.text()).toBe('0123456789');
    expect(whole.headers.get('content-disposition')).toBe('attachment; filename="x y"');
    expect([part.status, await part.text()]).toEqual([206, '234']);
  });

  it('writes, with metadata in the query', async () => {
    const { client, bucket: Bucket } = fixture();
    const Key = freshKey();
    const url = urlOf(Key, { method: 'PUT', query: { 'x-amz-meta-team': 'birds' } });

    const put = await fetch(url, { method: 'PUT', body: 'hello' });

    expect(put.status).toBe(200);
    const head = await client.send(new HeadObjectCommand({ Bucket, Key }));
    expect(head).toMatchObject({ ContentLength: 5, Metadata: { team: 'birds' } });
  });

  it('creates only once when If-None-Match is signed', async () => {
    const headers = { 'if-none-match': '*' };
    const url = urlOf(freshKey(), { method: 'PUT', headers });

    const first = await fetch(url, { method: 'PUT', body: 'one', headers });
    const second = await fetch(url, { method: 'PUT', body: 'two', headers });

    expect([first.status, second.status]).toEqual([200, 412]);
  });

  it.each<[what: string, options: Partial<PresignOptions>, tamper: (url: string) => string]>([
    ['a signature that was changed', {}, (url) => url.replace(/Signature=./, 'Signature=x')],
    ['another key', {}, (url) => url.replace('object', 'objecu')],
    ['a longer life', {}, (url) => url.replace('X-Amz-Expires=60', 'X-Amz-Expires=61')],
    ['a URL that has expired', { date: new Date(Date.now() - 62_000) }, (url) => url],
    ['a URL for another method', { method: 'PUT' }, (url) => url],
  ])('refuses %s with 403', async (_, options, tamper) => {
    const key = await stored();

    const reply = await fetch(tamper(urlOf(key, options)));
    const text = await reply.text();

    expect(reply.status).toBe(403);
    expect(text).not.toContain('0123456789');
  });

  it('refuses a life of more than a week', async () => {
    const reply = await fetch(urlOf(await stored(), { expiresS: 604_801 }));

    expect(reply.status).toBe(400);
    expect(await reply.text()).toContain('AuthorizationQueryParametersError');
  });
}
