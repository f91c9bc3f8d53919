import { parseArgs } from 'node:util';

import { SHARED_TENANT } from './model-uri.ts';

/** What `npm run models` was asked to do. */
export interface ModelsCommand {
  readonly action: 'publish' | 'verify';
  /** Name of a folder in `models/`. */
  readonly name: string;
  readonly tenant: string;
  readonly bucket: string;
  readonly createBucket: boolean;
  /** Verify what is published instead of the folder. */
  readonly fromS3: boolean;
}

/** How to use the command, for people. */
export const USAGE = `Usage: npm run models -- <command> NAME [options]

Commands:
  verify NAME     compare models/NAME with its model.json, run its golden cases and
                  print the largest difference of each output
  publish NAME    verify models/NAME, then upload it; a version never changes once it is there

Options:
  --tenant T        below which prefix: s3://BUCKET/T/NAME/VERSION (default: ${SHARED_TENANT})
  --bucket B        default: models
  --create-bucket   publish: create the bucket when it does not exist
  --from s3         verify: the published package instead of the folder

The object store is where S3_ENDPOINT, AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY say
(docs/CONFIGURATION.md).
Exit codes: 0 done; 1 refused, wrong or not reachable; 64 wrong usage; 78 wrong settings.
`;

/** The arguments make no sense; the message says which. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * The command in the arguments after the script's name; undefined when help is asked for.
 * @throws {UsageError} When they are wrong.
 */
export function parseCommandLine(args: readonly string[]): ModelsCommand | undefined {
  const { values, positionals } = parse(args);
  if (values.help === true) return undefined;
  const [action, name, ...rest] = positionals;
  if (action === undefined) throw new UsageError('No command given');
  if (action !== 'publish' && action !== 'verify') {
    throw new UsageError(`No such command: ${JSON.stringify(action)}`);
  }
  if (name === undefined) throw new UsageError(`${action}: which model?`);
  if (rest.length > 0) throw new UsageError(`Too many arguments: ${rest.join(' ')}`);
  const tenant = values.tenant ?? SHARED_TENANT;
  if (!/^(_shared|[a-z0-9][a-z0-9-]{0,62})$/.test(tenant)) {
    throw new UsageError(`--tenant: ${JSON.stringify(tenant)} is no tenant's name`);
  }
  if (values.from !== undefined && (action !== 'verify' || values.from !== 's3')) {
    throw new UsageError('--from: only `verify NAME --from s3` is possible');
  }
  if (values['create-bucket'] === true && action !== 'publish') {
    throw new UsageError('--create-bucket: only for publish');
  }
  return {
    action,
    name,
    tenant,
    bucket: values.bucket ?? 'models',
    createBucket: values['create-bucket'] === true,
    fromS3: values.from === 's3',
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        tenant: { type: 'string' },
        bucket: { type: 'string' },
        from: { type: 'string' },
        'create-bucket': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}
