import { parseArgs } from 'node:util';

import { SHARED_TENANT } from './model-uri.ts';

/** Where published models are. */
export interface StorePlace {
  readonly tenant: string;
  readonly bucket: string;
}

/** What `npm run models` was asked to do. */
export type ModelsCommand =
  | ({ readonly action: 'list'; readonly json: boolean } & StorePlace)
  | ({
      readonly action: 'publish';
      readonly name: string;
      readonly createBucket: boolean;
    } & StorePlace)
  /** `fromS3`: what is published instead of the folder. */
  | ({ readonly action: 'verify'; readonly name: string; readonly fromS3: boolean } & StorePlace)
  /** `what`: the name of a package, or an ONNX file. */
  | { readonly action: 'inspect'; readonly what: string; readonly json: boolean }
  /** `args`: what the training script gets. */
  | { readonly action: 'train'; readonly name: string; readonly args: readonly string[] }
  | {
      readonly action: 'import';
      readonly file: string;
      readonly name: string;
      readonly version: number;
      readonly golden: string | undefined;
      readonly labels: string | undefined;
      readonly description: string | undefined;
      readonly licence: string | undefined;
      readonly tolerance: number | undefined;
    };

/** How to use the command, for people. */
export const USAGE = `Usage: npm run models -- <command> [arguments] [options]

Commands:
  list            the models of this clone, and with S3_ENDPOINT those that are published
  inspect WHAT    what an ONNX file (or the model of that name) takes and gives, and whether it can be served
  import FILE --name NAME
                  make a package of an ONNX file; the next \`npm start\` serves it at /NAME/v2 and /NAME/v1
  verify NAME     compare a model's folder with its model.json, run its golden cases and
                  print the largest difference of each output
  publish NAME    verify a model, then upload it; a version never changes once it is there
  train NAME      run models/NAME/train/train.py in a Python environment made for it; what follows NAME
                  goes to the script

Options:
  --version N       import: the version; a higher one takes the place of an imported model (default: 1)
  --golden FILE     import: an input that the model accepts, as an inference request in JSON
                    ({"inputs": [{"name", "datatype", "shape", "data"}]}); what it answers is recorded. With
                    "outputs" of the same form, those of the original framework, it is held to them
  --tolerance N     import: how far an output may be from the recorded one, N + N · |value|
  --labels FILE     import: names of the classes, a JSON list, for the classification extension
  --description T, --licence T
                    import: what people are told of the model
  --json            list, inspect: for programs
  --tenant T        below which prefix: s3://BUCKET/T/NAME/VERSION (default: ${SHARED_TENANT})
  --bucket B        default: models
  --create-bucket   publish: create the bucket when it does not exist
  --from s3         verify: the published package instead of the folder

The object store is where S3_ENDPOINT, AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY say, models of
one's own where PILOTLIGHT_MODELS says (docs/CONFIGURATION.md).
Exit codes: 0 done; 1 refused, wrong or not reachable; 64 wrong usage; 78 wrong settings.
`;

/** The arguments make no sense; the message says which. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const OPTIONS = {
  tenant: { type: 'string' },
  bucket: { type: 'string' },
  from: { type: 'string' },
  'create-bucket': { type: 'boolean' },
  json: { type: 'boolean' },
  name: { type: 'string' },
  version: { type: 'string' },
  golden: { type: 'string' },
  labels: { type: 'string' },
  description: { type: 'string' },
  licence: { type: 'string' },
  tolerance: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Option = keyof typeof OPTIONS;

/** What each command takes beside `--help`. */
const TAKES: Readonly<Record<Exclude<ModelsCommand['action'], 'train'>, readonly Option[]>> = {
  list: ['tenant', 'bucket', 'json'],
  inspect: ['json'],
  import: ['name', 'version', 'golden', 'labels', 'description', 'licence', 'tolerance'],
  verify: ['tenant', 'bucket', 'from'],
  publish: ['tenant', 'bucket', 'create-bucket'],
};

/**
 * The command in the arguments after the script's name; undefined when help is asked for.
 * @throws {UsageError} When they are wrong.
 */
export function parseCommandLine(args: readonly string[]): ModelsCommand | undefined {
  const [first, name, ...more] = args;
  // Its script has options of its own.
  if (first === 'train' && name !== undefined && !name.startsWith('-')) {
    return { action: 'train', name, args: more[0] === '--' ? more.slice(1) : more };
  }
  const { values, positionals } = parse(args);
  if (values.help === true) return undefined;
  const [action, what, ...rest] = positionals;
  if (action === undefined) throw new UsageError('No command given');
  if (action === 'train') throw new UsageError('train: which model?');
  if (!isCommand(action)) throw new UsageError(`No such command: ${JSON.stringify(action)}`);
  const given = Object.keys(values) as Option[];
  const strange = given.find((option) => !TAKES[action].includes(option));
  if (strange !== undefined) throw new UsageError(`--${strange}: not for ${action}`);
  if (action === 'list') {
    if (what !== undefined) throw new UsageError(`Too many arguments: ${what}`);
    return { action, json: values.json === true, ...placeIn(values) };
  }
  if (what === undefined) {
    throw new UsageError(`${action}: which ${action === 'import' ? 'file' : 'model'}?`);
  }
  if (rest.length > 0) throw new UsageError(`Too many arguments: ${rest.join(' ')}`);
  switch (action) {
    case 'inspect':
      return { action, what, json: values.json === true };
    case 'import':
      return importCommand(what, values);
    case 'verify':
      if (values.from !== undefined && values.from !== 's3') {
        throw new UsageError('--from: only `verify NAME --from s3` is possible');
      }
      return { action, name: what, fromS3: values.from === 's3', ...placeIn(values) };
    case 'publish':
      return {
        action,
        name: what,
        createBucket: values['create-bucket'] === true,
        ...placeIn(values),
      };
  }
}

type Values = ReturnType<typeof parse>['values'];

function isCommand(action: string): action is keyof typeof TAKES {
  return Object.hasOwn(TAKES, action);
}

function placeIn({ tenant = SHARED_TENANT, bucket = 'models' }: Values): StorePlace {
  if (!/^(_shared|[a-z0-9][a-z0-9-]{0,62})$/.test(tenant)) {
    throw new UsageError(`--tenant: ${JSON.stringify(tenant)} is no tenant's name`);
  }
  return { tenant, bucket };
}

function importCommand(file: string, values: Values): ModelsCommand {
  const { name, golden, labels, description, licence, version = '1' } = values;
  if (name === undefined) throw new UsageError('import: under which name? --name NAME');
  if (!/^[1-9]\d{0,8}$/.test(version)) {
    throw new UsageError(`--version: ${JSON.stringify(version)} is no whole number from 1`);
  }
  const tolerance = values.tolerance === undefined ? undefined : Number(values.tolerance);
  if (tolerance !== undefined && !(tolerance >= 0 && Number.isFinite(tolerance))) {
    throw new UsageError(`--tolerance: ${JSON.stringify(values.tolerance)} is no number from 0`);
  }
  return {
    action: 'import',
    file,
    name,
    version: Number(version),
    golden,
    labels,
    description,
    licence,
    tolerance,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}
