import { compareKeys } from '../key-index.ts';
import { encoderOf, pageSize, parameter } from '../s3-request.ts';
import { notImplemented } from '../s3-error.ts';
import type { Upload } from '../uploads.ts';
import type { XmlNode } from '../xml.ts';
import { sendXml } from './call.ts';
import type { Call } from './call.ts';

/** One page of the uploads under way, by key and then by id. */
export async function listMultipartUploads(call: Call): Promise<void> {
  const { request } = call;
  const { uploads } = call.storage.bucket(call.bucket);
  if ((parameter(request, 'delimiter') ?? '') !== '') {
    throw notImplemented('ListMultipartUploads with a delimiter');
  }
  const prefix = parameter(request, 'prefix') ?? '';
  const maxUploads = pageSize(request, 'max-uploads');
  const encode = encoderOf(request);
  const keyMarker = parameter(request, 'key-marker') ?? '';
  const idMarker = parameter(request, 'upload-id-marker') ?? '';

  const all = uploads
    .list()
    .filter(({ plan }) => plan.key.startsWith(prefix))
    .toSorted(byKeyThenId);
  const rest = all.filter(({ id, plan }) => {
    const order = compareKeys(plan.key, keyMarker);
    return order > 0 || (order === 0 && idMarker !== '' && id > idMarker);
  });
  const page = rest.slice(0, maxUploads);
  const last = page.at(-1);
  await sendXml(call, [
    'ListMultipartUploadsResult',
    [
      ['Bucket', call.bucket],
      ['KeyMarker', encode(keyMarker)],
      ['UploadIdMarker', idMarker],
      ['NextKeyMarker', encode(last?.plan.key ?? '')],
      ['NextUploadIdMarker', last?.id ?? ''],
      ['Prefix', encode(prefix)],
      ['MaxUploads', maxUploads],
      ['IsTruncated', String(page.length < rest.length)],
      ...page.map(({ id, plan }): XmlNode => [
        'Upload',
        [
          ['Key', encode(plan.key)],
          ['UploadId', id],
          ['StorageClass', 'STANDARD'],
          ['Initiated', new Date(plan.initiatedMs).toISOString()],
        ],
      ]),
    ],
  ]);
}

function byKeyThenId(one: Upload, other: Upload): number {
  return compareKeys(one.plan.key, other.plan.key) || (one.id < other.id ? -1 : 1);
}
