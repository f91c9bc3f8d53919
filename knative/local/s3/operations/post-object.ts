import { readUploadForm } from '../form/form-data.ts';
import type { UploadForm } from '../form/form-data.ts';
import { checkPolicy, parsePolicy } from '../form/policy.ts';
import type { PostPolicy } from '../form/policy.ts';
import { verifyForm } from '../form/verify-form.ts';
import { Digests } from '../digests.ts';
import { checkKey, describedBy } from '../object-headers.ts';
import { S3Error } from '../s3-error.ts';
import type { S3Request } from '../s3-request.ts';
import { escapeUri } from '../sigv4.ts';
import type { StoredObject } from '../stored-object.ts';
import { tagsInDocument } from '../tags.ts';
import { parseXml, xmlDocument } from '../xml.ts';
import type { Call } from './call.ts';
import { refuseWriteHeaders } from './unimplemented.ts';
import { setVersionHeaders } from './version.ts';

/** Whether a request is an upload by form: its own signature is in the form. */
export function isFormUpload({ method, bucket, key, headers, query }: S3Request): boolean {
  const isForm = /^multipart\/form-data\s*;/i.test(headers.get('content-type') ?? '');
  return (
    method === 'POST' && bucket !== undefined && key === undefined && isForm && query.length === 0
  );
}

/**
 * Stores the file of an HTML form, if the policy in the form is signed and allows it
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html).
 */
export async function postObject(call: Call): Promise<void> {
  const { request, body } = call;
  const bucket = call.storage.bucket(call.bucket);
  const form = await readUploadForm(request.headers.get('content-type') ?? '', body);
  verifyForm(form.fields, call.identity);
  const fields = new Map(form.fields).set('bucket', call.bucket);
  const key = (fields.get('key') ?? '').replaceAll('${filename}', form.fileName);
  if (key === '') throw new S3Error('MalformedPOSTRequest', 'The form has no key.');
  checkKey(key);
  const policy = parsePolicy(fields.get('policy') ?? '');
  checkPolicy(policy, fields.set('key', key), Date.now());
  const acl = fields.get('acl');
  const headers = new Map([...fields, ...(acl === undefined ? [] : [['x-amz-acl', acl] as const])]);
  refuseWriteHeaders({ ...request, headers });
  const tagging = fields.get('tagging');
  const description = {
    ...describedBy({ ...request, headers }),
    ...(tagging !== undefined && { tags: tagsInDocument(parseXml(tagging)) }),
  };

  const digests = new Digests();
  const draft = await bucket.drafts.write(digests.of(limited(form, policy)));
  const content = { key, ...description, ...digests.finish() };
  const stored = await bucket.commit(draft, content, () => undefined);
  await call.publish({ name: 's3:ObjectCreated:Post', object: stored });
  setVersionHeaders(call, bucket, stored);
  answer(call, fields, stored);
}

async function* limited(
  { file }: UploadForm,
  { sizeBytes: { least, most } }: PostPolicy,
): AsyncGenerator<Buffer, void> {
  let sizeBytes = 0;
  for await (const chunk of file) {
    sizeBytes += chunk.length;
    if (sizeBytes > most) throw new S3Error('EntityTooLarge', `The policy allows ${most} bytes.`);
    yield chunk;
  }
  if (sizeBytes < least) throw new S3Error('EntityTooSmall', `The policy asks for ${least} bytes.`);
}

/** As the form asked: by a redirect, by a document, or with nothing. */
function answer(
  { request, response, bucket }: Call,
  fields: ReadonlyMap<string, string>,
  { key, etag }: StoredObject,
): void {
  const { host = '' } = request.incoming.headers;
  const location = `http://${host}/${bucket}/${key.split('/').map(escapeUri).join('/')}`;
  const redirect = fields.get('success_action_redirect') ?? fields.get('redirect') ?? '';
  response.setHeader('etag', `"${etag}"`);
  if (URL.canParse(redirect)) {
    const to = new URL(redirect);
    const told = { bucket, key, etag: `"${etag}"` };
    for (const [name, value] of Object.entries(told)) to.searchParams.set(name, value);
    response.writeHead(303, { location: to.href, 'content-length': 0 });
    response.end();
    return;
  }
  response.setHeader('location', location);
  const status = fields.get('success_action_status');
  if (status !== '201') {
    response.writeHead(status === '200' ? 200 : 204);
    response.end();
    return;
  }
  const document = xmlDocument(
    [
      'PostResponse',
      [
        ['Location', location],
        ['Bucket', bucket],
        ['Key', key],
        ['ETag', `"${etag}"`],
      ],
    ],
    { namespace: false },
  );
  response.writeHead(201, {
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(document),
  });
  response.end(document);
}
