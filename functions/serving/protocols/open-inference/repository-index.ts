import * as z from 'zod';

import type { ModelService } from '../../service.ts';
import { parseJson } from '../../../inputs/parse-json.ts';
import { validate } from '../../../inputs/validate.ts';

const indexRequest = z.strictObject({ ready: z.boolean().optional() });

/** One model of the index. */
export interface IndexEntry {
  readonly name: string;
  readonly version: string;
  readonly state: 'READY' | 'UNAVAILABLE';
  /** Why it is not ready; empty when it is. */
  readonly reason: string;
}

/**
 * `POST /v2/repository/index`: every model there is, or only those that are ready. The body may be empty.
 * https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_model_repository.md
 * @throws {InvalidRequestError} When the body says something else than `ready`.
 */
export function repositoryIndex({ model, engine }: ModelService, body: Buffer): IndexEntry[] {
  const value = body.length === 0 ? {} : parseJson(body);
  const { ready = false } = validate(indexRequest, value, 'The index request');
  const { name, version } = model.manifest;
  const isReady = engine.isSound();
  if (ready && !isReady) return [];
  return [
    {
      name,
      version: String(version),
      state: isReady ? 'READY' : 'UNAVAILABLE',
      reason: isReady ? '' : 'the model fails, and is tried again until it does not',
    },
  ];
}
