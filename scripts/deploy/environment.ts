import { accessSync, constants } from 'node:fs';

import * as z from 'zod';

import { ConfigurationError } from '../../functions/runtime/errors.ts';

const existingFile = z.string().refine(isReadable, { message: 'must be a file that can be read' });

/** What a deploy reads from the environment. `docs/CONFIGURATION.md` shows it. */
export const deployEnvironment = z
  .object({
    KUBECONFIG: existingFile.describe('The cluster to deploy to'),
    IMAGE_REGISTRY: z
      .string()
      .regex(/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/, 'must be host[:port][/path], without http://')
      .describe('Where images are pushed; the cluster pulls from the same name'),
    IMAGE_REGISTRY_INSECURE: z
      .enum(['0', '1'])
      .optional()
      .describe('1: the registry speaks plain http'),
    KNATIVE_GATEWAY: z
      .url({ protocol: /^https?$/ })
      .describe('The ingress, as this machine reaches it'),
    PILOTLIGHT_MODELS: z
      .string()
      .optional()
      .describe('Folder of further model packages; `npm run models -- import` writes there'),
    MINIO_BIN: existingFile.optional().describe('A MinIO server binary to make an image of'),
    MINIO_IMAGE: z.string().min(1).optional().describe('A MinIO image; wins over MINIO_BIN'),
    BUILD_CA_FILE: existingFile
      .optional()
      .describe('Certificate authorities (PEM) for npm inside the image build'),
  })
  .refine(({ MINIO_BIN, MINIO_IMAGE }) => MINIO_BIN !== undefined || MINIO_IMAGE !== undefined, {
    path: ['MINIO_BIN'],
    message: 'set MINIO_BIN or MINIO_IMAGE',
  });

/** What a deploy needs to know of this machine and the cluster. */
export type DeployEnvironment = z.infer<typeof deployEnvironment>;

/**
 * The deploy's settings in `env`; an empty variable counts as not set.
 * @throws {ConfigurationError} With every fault at once, each naming the variable and the rule.
 */
export function readDeployEnvironment(env: NodeJS.ProcessEnv): DeployEnvironment {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = deployEnvironment.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(
    parsed.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      const value = given[name];
      const current = value === undefined ? 'not set' : JSON.stringify(value);
      return `${name}: ${issue.message}: current value is ${current}`;
    }),
  );
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
