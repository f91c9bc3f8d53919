import { createHash } from 'node:crypto';

import type { Tensor, TensorData, TensorMap } from '../../../runtime/tensor.ts';

/** Everything that an answer depends on. */
export interface KeyParts {
  /** Answers of one tenant are never another's. */
  readonly tenant: string;
  /** sha256 of the model's manifest: another version is another model. */
  readonly digest: string;
  readonly inputs: TensorMap;
  /** Names of the outputs that are wanted. */
  readonly outputs: readonly string[];
}

/**
 * The key of an answer: `<tenant>:<digest>:<sha256 of inputs and wanted outputs>`. Two requests have the same key
 * when they mean the same: the order of inputs does not count, but names, datatypes, shapes and every byte do.
 */
export function cacheKey({ tenant, digest, inputs, outputs }: KeyParts): string {
  const hash = createHash('sha256');
  const names = Object.keys(inputs).toSorted();
  const heads = names.map((name) => [name, inputs[name]?.datatype, inputs[name]?.shape]);
  // JSON text ends where its array does, so no name or value can pass for another field.
  hash.update(JSON.stringify([heads, outputs.toSorted()]));
  for (const name of names) updateWith(hash, inputs[name] as Tensor);
  return `${tenant}:${digest}:${hash.digest('hex')}`;
}

function updateWith(hash: ReturnType<typeof createHash>, { data }: Tensor): void {
  hash.update(isTexts(data) ? JSON.stringify(data) : bytesOf(data));
}

/** Whether the tensor holds BYTES. */
export function isTexts(data: TensorData): data is readonly string[] {
  return Array.isArray(data);
}

/** The memory of numbers as it is, not copied. */
export function bytesOf(data: Exclude<TensorData, readonly string[]>): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
