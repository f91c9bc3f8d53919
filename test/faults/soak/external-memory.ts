import { sampleMemory } from './memory.ts';
import { ask } from '../../support/http-client.ts';
import type { RunningFunction } from '../../support/start-function.ts';

/**
 * What a function holds outside V8's heap, in bytes, after a collection: bodies and tensors.
 * @param samples The file that its `memoryEnvironment` names.
 */
export async function externalBytes(
  { pid, url }: Pick<RunningFunction, 'pid' | 'url'>,
  samples: string,
): Promise<number> {
  await sampleMemory(pid, samples, 0);
  return await heldOutsideHeap(url);
}

/** The same without a collection: at this moment. */
export async function heldOutsideHeap(url: string): Promise<number> {
  const { text } = await ask(`${url}/metrics`);
  return Number(/^nodejs_external_memory_bytes (\S+)$/m.exec(text)?.[1]);
}
