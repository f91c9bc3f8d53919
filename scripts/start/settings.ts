import { join } from 'node:path';

import * as z from 'zod';

import { ConfigurationError } from '../../functions/runtime/errors.ts';
import type { S3Access } from '../../knative/local/storage.ts';

/** What the environment says about a start. */
export interface StartSettings {
  /** Port of the router. */
  readonly port: number;
  readonly dataDir: string;
  /** The port of the local S3, or the store to use in its place. */
  readonly s3: { readonly port: number } | S3Access;
  /** What another store sends when it tells of new objects. */
  readonly uploadsToken?: string | undefined;
}

const DEFAULT_S3_PORT = 9000;
const port = z.coerce.number().int().min(0).max(65_535);

/** The settings of `npm start`, as they stand in the environment. `docs/CONFIGURATION.md` shows them. */
export const startEnvironment = z.object({
  PORT: port.default(8080).describe('Port of the router; 0 takes a free one'),
  S3_PORT: port.default(DEFAULT_S3_PORT).describe('Port of the local S3; 0 takes a free one'),
  PILOTLIGHT_DATA: z
    .string()
    .optional()
    .describe('Folder of everything that is kept between runs; none: `.pilotlight` in the clone'),
  PILOTLIGHT_MODELS: z
    .string()
    .optional()
    .describe('Folder of further model packages; `npm run models -- import` writes there'),
  S3_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('An object store to use in place of the local one'),
  AWS_ACCESS_KEY_ID: z.string().optional().describe('Access key of that object store'),
  AWS_SECRET_ACCESS_KEY: z.string().optional().describe('Secret key of that object store'),
  AWS_REGION: z.string().default('us-east-1').describe('Region to sign for'),
  UPLOADS_TOKEN: z
    .string()
    .regex(/^\S{16,}$/, 'must be one word of at least 16 characters')
    .optional()
    .describe(
      'Bearer token with which that object store tells `uploads` of new objects; none: nobody can',
    ),
});

/**
 * Reads the settings of `npm start`; an empty variable counts as not set. Data is kept in `.pilotlight`
 * below `root`; with another S3_PORT in a folder of that name, so that two copies run side by side without
 * more ado.
 * @throws {ConfigurationError} With every fault at once.
 */
export function startSettings(env: NodeJS.ProcessEnv, root: string): StartSettings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = startEnvironment.safeParse(given);
  if (!parsed.success) {
    throw new ConfigurationError(
      parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    );
  }
  const { PORT, S3_PORT, PILOTLIGHT_DATA, S3_ENDPOINT, AWS_REGION } = parsed.data;
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = parsed.data;
  const folder = S3_PORT === DEFAULT_S3_PORT ? [] : [`s3-port-${S3_PORT}`];
  const dataDir = PILOTLIGHT_DATA ?? join(root, '.pilotlight', ...folder);
  if (S3_ENDPOINT === undefined) return { port: PORT, dataDir, s3: { port: S3_PORT } };
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new ConfigurationError([
      'S3_ENDPOINT: needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY beside it',
    ]);
  }
  const s3 = { endpoint: S3_ENDPOINT, accessKeyId, secretAccessKey, region: AWS_REGION };
  return { port: PORT, dataDir, s3, uploadsToken: parsed.data.UPLOADS_TOKEN };
}
