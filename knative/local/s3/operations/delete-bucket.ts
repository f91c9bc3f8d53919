import type { Call } from './call.ts';

/** Deletes a bucket that has nothing in it. */
export async function deleteBucket(call: Call): Promise<void> {
  await call.storage.deleteBucket(call.bucket);
  call.response.writeHead(204);
  call.response.end();
}
