import { readFile } from 'node:fs/promises';

import * as z from 'zod';

import { RefusedError } from './refused-error.ts';

const labelsFile = z.array(z.string().min(1)).min(1);

/**
 * The names of a model's classes, in order.
 * @throws {RefusedError} When the file cannot be read, or is no JSON list of texts.
 */
export async function readLabels(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new RefusedError(path, [cause.message], { cause });
  });
  try {
    return labelsFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new RefusedError(path, ['it must be a JSON list of names: ["low", "high"]'], { cause });
  }
}
