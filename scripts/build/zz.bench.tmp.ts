import { spawn } from 'node:child_process';
import { mkdtempSync, cpSync, rmSync, existsSync, linkSync, mkdirSync } from 'node:fs';
import { request, Agent } from 'node:http';
import { join } from 'node:path';
import { startS3Server } from '../../knative/local/s3/server.ts';
import { createBucket } from '../models/create-bucket.ts';
import { publishModel } from '../models/publish-model.ts';
import { openObjectStore } from '../../functions/runtime/object-store/s3-object-store.ts';
const root = '/work/main';
const id = { accessKeyId: 'aaaaaaaa', secretAccessKey: 'bbbbbbbbbb' };
const s3 = await startS3Server({ dataDir: mkdtempSync('/tmp/image/bench/s3-'), ...id });
const st = {
  S3_ENDPOINT: s3.endpoint,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: id.accessKeyId,
  AWS_SECRET_ACCESS_KEY: id.secretAccessKey,
  AWS_SESSION_TOKEN: undefined,
};
await createBucket(st, 'models');
const store = openObjectStore(st, 'models');
await publishModel({ store, dir: root + '/models/iris' });
store.close();
const variants = process.argv.slice(3);
const n = Number(process.argv[2]);
let port = 23000;
const res: Record<string, { t: number[]; p: Record<string, number>[] }> = {};
const sleep = (ms: number) => new Promise((r) => setTimeout(r, ms));
async function once(v: string) {
  port++;
  const args = v === 'src' ? [root + '/functions/main.ts'] : [v + '/boot.cjs'];
  const t0 = performance.now();
  const c = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      FUNCTION_TARGET: 'iris',
      MODEL_URI: 's3://models/_shared/iris/1',
      S3_ENDPOINT: s3.endpoint,
      AWS_ACCESS_KEY_ID: id.accessKeyId,
      AWS_SECRET_ACCESS_KEY: id.secretAccessKey,
      PORT: String(port),
      HOST: '127.0.0.1',
      METRICS_PORT: '0',
      ORT_DISABLE_TELEMETRY: '1',
    },
  });
  let out = '';
  c.stdout.on('data', (d) => (out += d));
  const agent = new Agent({ keepAlive: false });
  for (;;) {
    const ok = await new Promise<boolean>((r) => {
      const q = request(
        {
          port,
          host: '127.0.0.1',
          path: '/predict',
          method: 'POST',
          agent,
          headers: { 'content-type': 'application/json' },
        },
        (a) => {
          a.resume();
          a.on('end', () => r(a.statusCode === 200));
        },
      );
      q.on('error', () => r(false));
      q.end('{"sepal_length":5.1,"sepal_width":3.5,"petal_length":1.4,"petal_width":0.2}');
    });
    if (ok) break;
    await sleep(2);
  }
  const t = performance.now() - t0;
  c.kill();
  await new Promise((r) => c.on('close', r));
  const line = out.split('\n').find((l) => l.includes('"message":"ready"'));
  const o = JSON.parse(line!);
  (res[v] ??= { t: [], p: [] }).t.push(t);
  res[v]!.p.push(o.phases_ms);
}
for (let i = 0; i < n; i++) for (const v of variants) await once(v);
const med = (a: number[]) => a.toSorted((x, y) => x - y)[a.length >> 1]!;
for (const v of variants) {
  const r = res[v]!;
  console.log(
    v.padEnd(40),
    'first 200 min/med',
    Math.min(...r.t).toFixed(0),
    med(r.t).toFixed(0),
    Object.keys(r.p[0]!)
      .map((k) => `${k} ${med(r.p.map((x) => x[k]!)).toFixed(1)}`)
      .join(' '),
  );
}
await s3.close();
