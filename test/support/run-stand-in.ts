/** Runs the stand-in as a process of its own: `node run-stand-in.ts <data folder> <port> <webhook URL>`. */
import { startS3Server } from '../../knative/local/s3/server.ts';

const [dataDir = '', port = '0', webhook] = process.argv.slice(2);
const server = await startS3Server({
  dataDir,
  port: Number(port),
  accessKeyId: 'id',
  secretAccessKey: 'secret',
  webhooks: webhook === undefined ? [] : [{ name: 'HOOK', endpoint: webhook }],
  webhookRetryMs: 50,
});
console.log(server.endpoint);
