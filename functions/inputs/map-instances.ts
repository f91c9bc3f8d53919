import { InvalidImageError, InvalidRequestError } from '../runtime/errors.ts';

/** Instances of one request that are worked on at once: as many as Node has threads for such work. */
const AT_ONCE = 4;

/**
 * `map` over the instances of one request, a few at a time, results in the same order. When one is at fault
 * no more are begun, and the error names the instance.
 * @throws {InvalidRequestError} As `map` threw it, with the first faulty instance in its details.
 */
export async function mapInstances<Instance, Result>(
  instances: readonly Instance[],
  map: (instance: Instance, index: number) => Result | Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures = new Map<number, unknown>();
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < instances.length && failures.size === 0) {
      const index = next;
      next += 1;
      try {
        results[index] = await map(instances[index] as Instance, index);
      } catch (cause) {
        failures.set(index, cause);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, instances.length) }, work));
  if (failures.size > 0) {
    const first = Math.min(...failures.keys());
    throw atInstance(failures.get(first), first);
  }
  return results;
}

/** The same error, naming the instance in its details. */
function atInstance(cause: unknown, instance: number): unknown {
  if (!(cause instanceof InvalidRequestError)) return cause;
  const { message, details = [{ path: '', message }] } = cause;
  const options = { cause, details: details.map((detail) => ({ ...detail, instance })) };
  return cause instanceof InvalidImageError
    ? new InvalidImageError(message, options)
    : new InvalidRequestError(message, options);
}
