import { readUploadKey, stateOf, uploadJobId } from './upload.ts';
import type { Upload } from './upload.ts';

/** Below this lies what is made of uploads. */
export const OUTPUTS_PREFIX = 'out/';

/** Keys of what is made of one upload. */
export interface UploadLayout {
  /** One line for each record. */
  readonly predictions: string;
  /** In its place, when nothing could be scored. */
  readonly error: string;
  /** Which state of the object was scored last; above those of its states. */
  readonly latest: string;
  /** Lease of whoever scores it. */
  readonly claim: string;
}

/** Keys of an upload that is scored by a job. */
export interface UploadJobLayout {
  /** Which upload the job is for. */
  readonly upload: string;
  /** The job's input: the object in the state that was uploaded. */
  readonly manifest: string;
}

/**
 * Where what is made of an upload lies: `out/<model>/<path>/<version or etag>/`.
 * @throws {TypeError} When its key is that of no upload.
 */
export function uploadLayout(upload: Upload): UploadLayout {
  const address = readUploadKey(upload.key);
  if (typeof address === 'string') throw new TypeError(`${upload.key} is no upload: ${address}`);
  const home = `${OUTPUTS_PREFIX}${address.model}/${address.path}/`;
  const state = `${home}${stateOf(upload)}/`;
  return {
    predictions: `${state}predictions.jsonl`,
    error: `${state}error.json`,
    latest: `${home}latest.json`,
    claim: `jobs/_uploads/${uploadJobId(upload)}/claim`,
  };
}

/** Where it is written down that a job scores an upload. */
export function uploadJobLayout(jobId: string): UploadJobLayout {
  const home = `jobs/_uploads/${jobId}/`;
  return { upload: `${home}upload.json`, manifest: `${home}manifest.jsonl` };
}
