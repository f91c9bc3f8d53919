import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { InvalidRequestError } from '../../../../functions/runtime/errors.ts';
import { readNotification } from '../../../../functions/uploads/read-notification.ts';

const FIXTURES = join(import.meta.dirname, '../../../fixtures/minio-webhooks');
const TENANTS = new Map([
  ['data-acme', 'acme'],
  ['data-versioned', 'versioned'],
]);

interface Fixture {
  readonly body: { readonly Key: string; readonly Records: readonly S3Record[] };
}

interface S3Record {
  readonly s3: { readonly object: { readonly [field: string]: unknown } };
}

async function bodyOf(name: string): Promise<Fixture['body']> {
  const text = await readFile(join(FIXTURES, `${name}.json`), 'utf8');
  return (JSON.parse(text) as Fixture).body;
}

/** A notification as MinIO sends it, but for what a test is about. */
function notify(object: Record<string, unknown>, eventName = 's3:ObjectCreated:Put'): unknown {
  const s3 = {
    bucket: { name: 'data-acme' },
    object: { key: 'in%2Firis%2Fa.jsonl', size: 1, eTag: '0a', ...object },
  };
  return { EventName: eventName, Records: [{ eventName, s3 }] };
}

describe('readNotification()', () => {
  it.each([
    'put',
    'put-conditional',
    'put-key-special',
    'put-key-unicode',
    'put-empty',
    'multipart-complete',
    'copy',
    'versioned-put',
  ])("reads MinIO's own: %s", async (name) => {
    const body = await bodyOf(name);
    const { object } = body.Records[0]?.s3 ?? { object: {} };

    const [one] = readNotification(body, TENANTS);

    const { size, eTag: etag, sequencer, versionId } = object;
    const [bucket = '', ...rest] = body.Key.split('/');
    expect(one).toEqual({
      upload: {
        tenant: TENANTS.get(bucket),
        bucket,
        // MinIO itself says there what the decoded key is.
        key: rest.join('/'),
        size: size ?? 0,
        etag,
        sequencer,
        ...(versionId === undefined ? {} : { versionId }),
      },
      address: { model: 'iris', path: rest.slice(2).join('/') },
    });
  });

  it.each([
    ['put-folder-marker', 'FOLDER'],
    ['tagging', 'NOT_CREATED'],
    ['head', 'NOT_CREATED'],
    ['delete', 'NOT_CREATED'],
    ['delete-missing', 'NOT_CREATED'],
    ['versioned-delete-marker', 'NOT_CREATED'],
  ])("makes nothing of MinIO's %s: %s", async (name, ignored) => {
    expect(readNotification(await bodyOf(name), TENANTS)).toMatchObject([{ ignored }]);
  });

  it.each([
    ['in%2Firis%2Fa+b%2Bc%25.jsonl', 'in/iris/a b+c%.jsonl'],
    ['in/iris/aws/keeps/the/slash.csv', 'in/iris/aws/keeps/the/slash.csv'],
    ['in%2Firis%2F%F0%9F%8C%B8.jpg', 'in/iris/🌸.jpg'],
    ['in%2Firis%2F%2525.jsonl', 'in/iris/%25.jsonl'],
    ['in%2Firis%2F..jsonl', 'in/iris/..jsonl'],
    ['in%2Firis%2F__proto__', 'in/iris/__proto__'],
    ['in%2Firis%2Fa%0Ab', 'in/iris/a\nb'],
  ])('decodes %s once', (key, decoded) => {
    expect(readNotification(notify({ key }), TENANTS)).toMatchObject([
      { upload: { key: decoded, tenant: 'acme' } },
    ]);
  });

  it.each([
    ['in%2Firis%2F..%2Fsecret.jsonl', 'KEY_NOT_PLAIN'],
    ['in%2F..%2Fx%2Fa', 'KEY_NOT_BELOW_A_MODEL'],
    ['in%2Firis%2F.%2Fa', 'KEY_NOT_PLAIN'],
    ['in%2Firis%2F%2Fa', 'KEY_NOT_PLAIN'],
    ['in%2Firis', 'KEY_NOT_BELOW_A_MODEL'],
    ['in%2FIris%2Fa', 'KEY_NOT_BELOW_A_MODEL'],
    ['in%2Fa%3Ab%2Fc', 'KEY_NOT_BELOW_A_MODEL'],
    ['out%2Firis%2Fa', 'KEY_NOT_BELOW_A_MODEL'],
    ['jobs%2Fin%2Firis%2Fa', 'KEY_NOT_BELOW_A_MODEL'],
    ['', 'KEY_NOT_BELOW_A_MODEL'],
    ['in%2Firis%2F%E0%A4%A', 'KEY_NOT_DECODABLE'],
    ['in%2Firis%2F%ED%A0%80', 'KEY_NOT_DECODABLE'],
    [`in%2Firis%2F${'%C3%A9'.repeat(450)}`, 'KEY_TOO_LONG'],
  ])('makes nothing of the key %s: %s', (key, ignored) => {
    expect(readNotification(notify({ key }), TENANTS)).toMatchObject([{ ignored }]);
  });

  it.each([
    [{ eTag: undefined }, 'NO_STATE'],
    [{ eTag: '../..' }, 'NO_STATE'],
    [{ versionId: 'a/b' }, 'NO_STATE'],
    [{ versionId: '..' }, 'NO_STATE'],
  ])('makes nothing of a state that cannot name a folder: %o', (object, ignored) => {
    expect(readNotification(notify(object), TENANTS)).toMatchObject([{ ignored }]);
  });

  it('takes what a bucket says that keeps versions no more, and a sequencer it knows only', () => {
    const read = readNotification(notify({ versionId: 'null', sequencer: 'later' }), TENANTS);

    expect(read).toEqual([
      {
        upload: {
          tenant: 'acme',
          bucket: 'data-acme',
          key: 'in/iris/a.jsonl',
          size: 1,
          etag: '0a',
        },
        address: { model: 'iris', path: 'a.jsonl' },
      },
    ]);
  });

  it('hears of its own buckets only, and of what creates an object', () => {
    expect(readNotification(notify({}), new Map())).toMatchObject([{ ignored: 'UNKNOWN_BUCKET' }]);
    for (const event of ['ObjectCreated:Put', 's3:ObjectCreated:Copy', 's3:ObjectCreated:Post']) {
      expect(readNotification(notify({}, event), TENANTS)).toMatchObject([{ upload: {} }]);
    }
    for (const event of ['s3:ObjectCreated:PutTagging', 's3:ObjectCreated:', 'x', '__proto__']) {
      expect(readNotification(notify({}, event), TENANTS)).toMatchObject([
        { ignored: 'NOT_CREATED' },
      ]);
    }
  });

  it.each([
    ['null', null],
    ['a list', []],
    ['no records', { Records: [] }],
    ['a record that is none', { Records: [1] }],
    ['a key that is none', notify({ key: 7 })],
    ['less than no bytes', notify({ size: -1 })],
    ['more bytes than there are numbers', notify({ size: 1e300 })],
    ['another message', { Service: 'Amazon S3', Event: 's3:TestEvent' }],
  ])('refuses %s', (_, body) => {
    expect(() => readNotification(body, TENANTS)).toThrow(InvalidRequestError);
  });
});
