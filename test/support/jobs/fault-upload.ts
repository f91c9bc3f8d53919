import type { PartLine } from '../../../events/jobs/part-line.ts';
import { publish } from '../../../events/publish.ts';
import { objectCreated, readUploadKey, versionOf } from '../../../events/uploads/upload.ts';
import type { Upload } from '../../../events/uploads/upload.ts';
import type { FaultPlace } from './fault-place.ts';

/** Puts an object; the store tells nobody. */
export async function putUpload(
  { store, tenant }: FaultPlace,
  key: string,
  body: string | Buffer,
): Promise<Upload> {
  const { etag, versionId } = await store.put(key, body);
  const size = Buffer.byteLength(body);
  return { tenant, bucket: store.bucket, key, size, etag, ...versionOf(versionId) };
}

/** Tells the broker of it, as `uploads` does. */
export async function tellUpload({ broker }: FaultPlace, upload: Upload): Promise<void> {
  const address = readUploadKey(upload.key);
  if (typeof address === 'string') throw new TypeError(`${upload.key}: ${address}`);
  await publish(objectCreated(upload, address), { url: broker });
}

/** What lies beside an upload: the names of its outputs, and the one that `latest.json` names. */
export interface UploadOutcome {
  /** Below `out/<model>/<path>/`, without the name of the state. */
  readonly names: readonly string[];
  readonly output: string;
  /** Of that output. */
  readonly text: string;
}

/** What has come of an upload; undefined while its `latest.json` is not there. */
export async function outcomeOf(
  { store }: FaultPlace,
  { key }: Upload,
): Promise<UploadOutcome | undefined> {
  const home = key.replace(/^in/, 'out');
  const keys = await Array.fromAsync(store.list({ prefix: `${home}/` }), (entry) => entry.key);
  if (!keys.includes(`${home}/latest.json`)) return undefined;
  const textOf = async (name: string): Promise<string> =>
    (await store.getBytes(name, { maxBytes: 64 * 1024 * 1024 })).bytes.toString();
  const { output } = JSON.parse(await textOf(`${home}/latest.json`)) as { output: string };
  const names = keys.map((name) => name.split('/').at(-1) ?? '');
  return { names: names.toSorted(), output, text: await textOf(output) };
}

/** The lines of predictions. */
export function predictedLines({ text }: UploadOutcome): PartLine[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as PartLine);
}
