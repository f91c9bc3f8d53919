import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

import * as z from 'zod';

import { corsSettings } from './cors-settings.ts';
import { ConfigurationError } from './errors.ts';
import { eventSettings } from './event-settings.ts';

const port = z.coerce.number().int().min(0).max(65_535);
const positive = z.coerce.number().int().positive();
/** Node's timers take no more: a longer one fires at once. */
const milliseconds = positive.max(2 ** 31 - 1);
const MIB = 1024 * 1024;

/** Loopback, RFC 1918, RFC 4193 and link-local: where clusters have their pods. */
const PRIVATE_NETWORKS =
  '127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,::1,fc00::/7,fe80::/10';

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

/**
 * Every setting, as it stands in the environment. `docs/CONFIGURATION.md` is generated from this schema.
 * A name that ends in `_FILE` gives the path of a file whose content is the value: mounted secrets.
 */
export const environmentSchema = z.object({
  FUNCTION_TARGET: z
    .string()
    .min(1)
    .describe('Which function this process is; a name from `functions/catalogue.ts`'),
  MODEL_URI: z
    .string()
    .regex(
      /^(s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/.+|file:.+)$/,
      'must be s3://bucket/prefix or file:folder',
    )
    .optional()
    .describe(
      'The model package: `s3://models/_shared/iris/1`, or read-only `file:models/iris`; needed by functions with a model',
    ),
  MODEL_DIGEST: z
    .string()
    .regex(/^(sha256:)?[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
    .optional()
    .describe('sha256 that `model.json` must have; anything else refuses to load'),
  MODEL_CACHE_DIR: z
    .string()
    .min(1)
    .optional()
    .describe('Folder for verified model files, named by their sha256; none: nothing is kept'),
  MODEL_EXECUTION: z
    .enum(['worker'])
    .optional()
    .describe(
      '`worker`: the model computes in processes of its own, whatever its `model.json` says; none: as that says',
    ),
  PORT: port.default(8080).describe('Port to listen on; 0 takes a free one'),
  HOST: z
    .string()
    .min(1)
    .optional()
    .describe('Address to listen on; none: every address, of IPv4 and IPv6'),
  METRICS_PORT: port
    .optional()
    .describe('When set, `/metrics` is on this port only and no longer on `PORT`'),
  NODE_ENV: z
    .enum(['development', 'test', 'production'])
    .default('production')
    .describe('`development` lists the loaded packages in `/info`'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('The least severe log line to write'),
  S3_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where the object store answers; none: AWS itself'),
  AWS_REGION: z.string().min(1).default('us-east-1').describe('Region to sign for'),
  AWS_ACCESS_KEY_ID: z.string().min(1).optional().describe('Access key of the object store'),
  AWS_SECRET_ACCESS_KEY: z
    .string()
    .min(1)
    .optional()
    .describe('Secret key of the object store')
    .meta({ secret: true }),
  AWS_SESSION_TOKEN: z
    .string()
    .min(1)
    .optional()
    .describe('Session token of temporary credentials')
    .meta({ secret: true }),
  MAX_BODY_BYTES: positive
    .default(10 * MIB)
    .describe('Largest request body; the limit itself passes'),
  MAX_HELD_BODY_BYTES: positive
    .default(32 * MIB)
    .describe(
      'Bodies of requests being served, together; more is 429. One alone is let in whatever its size',
    ),
  MAX_HEADER_BYTES: positive
    .default(16 * 1024)
    .describe('Largest request head, all headers together'),
  REQUEST_TIMEOUT_MS: milliseconds
    .default(30_000)
    .describe('A request must have arrived whole within this time'),
  INFERENCE_TIMEOUT_MS: milliseconds
    .default(55_000)
    .describe('Longest time to an answer; `X-Request-Timeout-Ms` can only shorten it'),
  MAX_QUEUE_ROWS: positive.default(4096).describe('Rows that may wait for the model; more is 429'),
  MAX_QUEUE_BYTES: positive
    .default(64 * MIB)
    .describe('Bytes of tensors that may wait for the model; more is 429'),
  MAX_QUEUE_DELAY_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(0)
    .describe('How long a free model waits for more rows; 0 is best nearly always'),
  MODEL_WORKERS: positive
    .max(64)
    .optional()
    .describe(
      'Processes that compute a model of `execution: worker`, each with a copy of the weights; none: one per CPU and thread of a run, as far as half of the memory holds them, 8 at most',
    ),
  SHUTDOWN_GRACE_MS: milliseconds
    .default(25_000)
    .describe('After SIGTERM, how long requests in flight may take'),
  TENANT: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be a DNS label')
    .default('default')
    .describe('Whose process this is; answers kept for one tenant are never given to another'),
  RATE_LIMIT_PER_SECOND: z.coerce
    .number()
    .positive()
    .max(1_000_000)
    .optional()
    .describe(
      'Requests per second of one client and process, in the long run; more is 429. None: no limit',
    ),
  RATE_LIMIT_BURST: positive
    .optional()
    .describe('Requests that a client may send at once; none: those of one second'),
  RATE_LIMIT_KEY: z
    .string()
    .regex(
      /^(subject|address|header:[a-z0-9-]+)$/,
      'must be subject, address or header:<name in lower case>',
    )
    .default('address')
    .describe(
      'What makes a client: its token’s subject, its address, or a header such as `header:x-api-key`',
    ),
  TRUSTED_PROXIES: z
    .string()
    .refine(
      (text) => text.split(',').every(isNetwork),
      'must be addresses or networks with commas between',
    )
    .default(PRIVATE_NETWORKS)
    .describe(
      'Addresses and networks of our own proxies, from which `X-Forwarded-For` is believed; by default the private ones',
    ),
  RESPONSE_CACHE_BYTES: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('Memory for answers, to give them again for the same inputs; 0: none is kept'),
  RESPONSE_CACHE_REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .optional()
    .describe('Redis to share answers through, `redis://…` or `rediss://…`')
    .meta({ secret: true }),
  RESPONSE_CACHE_TTL_SECONDS: positive
    .max(31_536_000)
    .default(300)
    .describe('How long an answer is kept'),
  RESPONSE_CACHE_TIMEOUT_MS: milliseconds
    .default(50)
    .describe('How long a look-up in Redis may take; after that the model runs'),
  ...eventSettings,
  ...corsSettings,
  K_SERVICE: z.string().optional().describe('Set by Knative: the Service'),
  K_REVISION: z.string().optional().describe('Set by Knative: the Revision'),
});

/** The settings of one process, defaults resolved, frozen. */
export type Config = Readonly<z.infer<typeof environmentSchema>>;

/** Settings that a file may hold instead of a variable: `<name>_FILE` is its path. */
export const FILE_SETTINGS = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'RESPONSE_CACHE_REDIS_URL',
  'UPLOADS_TOKEN',
] as const satisfies readonly (keyof Config)[];

/**
 * Settings that belong to a process's place and not to how it works: manifests, Knative and the stand-in decide
 * them. All others can be set in the environment of `npm start`, for every function.
 */
export const PLACE_SETTINGS = [
  'FUNCTION_TARGET',
  'MODEL_URI',
  'MODEL_DIGEST',
  'MODEL_CACHE_DIR',
  'MODEL_EXECUTION',
  'MODELS_BUCKET',
  'PORT',
  'HOST',
  'METRICS_PORT',
  'NODE_ENV',
  'S3_ENDPOINT',
  'AWS_REGION',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'BATCH_URL',
  'K_SINK',
  'UPLOADS_TOKEN',
  'UPLOAD_BUCKETS',
  'K_SERVICE',
  'K_REVISION',
] as const satisfies readonly (keyof Config)[];

/** zod compiles an object's parser before its first use; for one use that costs 5 ms of every start. */
const PARSED_ONCE = { jitless: true };

/** Shows a received value in a message; a secret never. */
function shown(name: string, value: string | undefined): string {
  if (value === undefined) return 'not set';
  const schema = environmentSchema.shape[name as keyof Config] as z.ZodType | undefined;
  return schema?.meta()?.['secret'] === true ? '(hidden)' : JSON.stringify(value.slice(0, 200));
}

/** Puts the content of `*_FILE` files in place of the variables they stand for. */
function withFiles(env: NodeJS.ProcessEnv, faults: string[]): NodeJS.ProcessEnv {
  const merged = { ...env };
  for (const name of FILE_SETTINGS) {
    const path = env[`${name}_FILE`];
    if (path === undefined || path === '') continue;
    if (env[name] !== undefined && env[name] !== '')
      faults.push(`${name}: set it or ${name}_FILE, not both`);
    try {
      merged[name] = readFileSync(path, 'utf8').trim();
    } catch (cause) {
      faults.push(`${name}_FILE: cannot read ${JSON.stringify(path)}: ${(cause as Error).message}`);
    }
  }
  return merged;
}

/**
 * The settings in `env`. An empty variable counts as not set.
 * @param functions What `FUNCTION_TARGET` may be, and whether that function serves a model; any name when left out.
 * @throws {ConfigurationError} With every fault at once, each naming the variable, the rule and the value.
 */
export function loadConfig(
  env: NodeJS.ProcessEnv,
  functions?: Readonly<Record<string, 'model' | 'routes'>>,
): Config {
  const faults: string[] = [];
  const merged = Object.fromEntries(
    Object.entries(withFiles(env, faults)).filter(([, value]) => value !== ''),
  );
  const parsed = environmentSchema.safeParse(merged, PARSED_ONCE);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const name = String(issue.path[0]);
      faults.push(`${name}: ${issue.message}: current value is ${shown(name, merged[name])}`);
    }
  }
  const target = merged['FUNCTION_TARGET'];
  if (target !== undefined && functions !== undefined && !Object.hasOwn(functions, target)) {
    const names = Object.keys(functions).join(', ');
    faults.push(
      `FUNCTION_TARGET: must be one of ${names}: current value is ${shown('FUNCTION_TARGET', target)}`,
    );
  }
  if (merged['MODEL_URI'] === undefined && functions?.[target ?? ''] !== 'routes') {
    faults.push(`MODEL_URI: must be s3://bucket/prefix or file:folder: current value is not set`);
  }
  const one = merged['AWS_ACCESS_KEY_ID'] !== undefined;
  if (one !== (merged['AWS_SECRET_ACCESS_KEY'] !== undefined)) {
    faults.push('AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: set both or none');
  }
  if (merged['CORS_ORIGINS'] === '*' && merged['CORS_CREDENTIALS'] === 'true') {
    faults.push('CORS_ORIGINS, CORS_CREDENTIALS: name the origins that may send credentials');
  }
  if (!parsed.success || faults.length > 0) throw new ConfigurationError(faults);
  return Object.freeze(parsed.data);
}
