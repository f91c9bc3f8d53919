import type { IncomingMessage, ServerResponse } from 'node:http';

/** Pages that tell whether a MinIO can serve; what waits for one waits for this server too. */
const PAGES = ['/minio/health/live', '/minio/health/ready', '/minio/health/cluster'];

/** Answers a question after our health, which needs no signature; `false` when it was none. */
export function answeredHealth(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  if (!PAGES.includes(request.url ?? '')) return false;
  response.writeHead(200, { 'content-length': 0 });
  response.end();
  return true;
}
