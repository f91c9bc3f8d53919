import { BatchClient } from './client.ts';

const DEFAULT_PORT = '8080';

/** The function `batch` that a command is for: named, or that of `npm start` on this machine. */
export function clientOf(
  { url, host }: { readonly url: string | undefined; readonly host: string | undefined },
  env: NodeJS.ProcessEnv,
): BatchClient {
  const own = `http://localhost:${env['PORT'] || DEFAULT_PORT}/batch`;
  return new BatchClient(url ?? (env['BATCH_URL'] || own), host);
}
