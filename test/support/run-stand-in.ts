/** Runs the stand-in as a process of its own: `node run-stand-in.ts <data folder> <port>`. */
import { startS3Server } from '../../knative/local/s3/server.ts';

const [dataDir = '', port = '0'] = process.argv.slice(2);
const server = await startS3Server({
  dataDir,
  port: Number(port),
  accessKeyId: 'id',
  secretAccessKey: 'secret',
});
console.log(server.endpoint);
