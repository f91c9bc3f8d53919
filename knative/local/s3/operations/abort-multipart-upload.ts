import type { Call } from './call.ts';
import { uploadIdOf } from './upload-part.ts';

/** Ends an upload without an object. */
export async function abortMultipartUpload(call: Call): Promise<void> {
  const { uploads } = call.storage.bucket(call.bucket);
  const { id } = uploads.find(call.key, uploadIdOf(call.request));
  await uploads.remove(id);
  call.response.writeHead(204);
  call.response.end();
}
