import { S3Error } from '../s3-error.ts';
import type { S3ErrorCode } from '../s3-error.ts';
import type { XmlNode } from '../xml.ts';
import { sendXml } from './call.ts';
import type { Call, Operation } from './call.ts';
import { requestedObject } from './version.ts';

/** Answers a question after something that no bucket here has, by S3's code for that. */
export function absent(code: S3ErrorCode): Operation {
  return async (call) => {
    call.storage.bucket(call.bucket);
    throw new S3Error(code);
  };
}

/** Answers with the document of a setting that was never made. */
export function getUnset(root: string, content: readonly XmlNode[] = []): Operation {
  return async (call) => {
    call.storage.bucket(call.bucket);
    await sendXml(call, [root, content]);
  };
}

/** Deletes what is not there, which is no error. */
export async function deleteAbsent(call: Call): Promise<void> {
  call.storage.bucket(call.bucket);
  call.response.writeHead(204);
  call.response.end();
}

/** Nothing is public here. */
export async function getPolicyStatus(call: Call): Promise<void> {
  call.storage.bucket(call.bucket);
  await sendXml(call, ['PolicyStatus', [['IsPublic', 'false']]]);
}

/** Who may what, of a bucket or an object: always the one identity, and everything. */
export async function getAcl(call: Call): Promise<void> {
  requireTarget(call);
  // In this form AWS's own clients read the type from the attribute, others from the element.
  const attributes = {
    'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
    'xsi:type': 'CanonicalUser',
  };
  const grantee: XmlNode = ['Grantee', [['Type', 'CanonicalUser']], attributes];
  await sendXml(call, [
    'AccessControlPolicy',
    [
      [
        'Owner',
        [
          ['ID', ''],
          ['DisplayName', ''],
        ],
      ],
      ['AccessControlList', [['Grant', [grantee, ['Permission', 'FULL_CONTROL']]]]],
    ],
  ]);
}

/** Takes the canned list `private`, which changes nothing; others are refused before this is called. */
export async function putAcl(call: Call): Promise<void> {
  requireTarget(call);
  if (!call.request.headers.has('x-amz-acl')) {
    throw new S3Error('NotImplemented', 'An access control list can only be the canned `private`.');
  }
  call.response.writeHead(200, { 'content-length': 0 });
  call.response.end();
}

function requireTarget(call: Call): void {
  const bucket = call.storage.bucket(call.bucket);
  if (call.key !== '') requestedObject(call, bucket);
}
