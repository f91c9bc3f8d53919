import { parseArgs } from 'node:util';

/** How the commands are called. */
export const USAGE = `npm run batch -- submit FILE --model NAME   records of a file (.jsonl, .csv), 10 MB at most
npm run batch -- submit --prefix in/nightly/ --model NAME [--format jsonl|csv|files]
                                            what lies in the data bucket already
npm run batch -- submit --spec FILE         a job as functions/batch/README.md describes it
                    [--id ID] [--version N] [--watch]
npm run batch -- watch ID                   how it goes, until it is over
npm run batch -- results ID [--output FILE] its lines, to standard output or a file
npm run batch -- cancel ID
npm run batch -- list [--limit N]           the newest jobs first

--url URL of the function (BATCH_URL, else that of npm start: http://localhost:8080/batch, PORT counts),
--host NAME where a gateway goes by the host name
`;

/** What a command line asks for. */
export type BatchCommand = {
  readonly url: string | undefined;
  readonly host: string | undefined;
} & (
  | {
      readonly action: 'submit';
      readonly source:
        | { readonly kind: 'records'; readonly file: string }
        | { readonly kind: 'prefix'; readonly prefix: string; readonly format: string }
        | { readonly kind: 'spec'; readonly file: string };
      readonly model: string | undefined;
      readonly version: string | undefined;
      readonly id: string | undefined;
      readonly watch: boolean;
    }
  | { readonly action: 'watch' | 'cancel'; readonly id: string }
  | { readonly action: 'results'; readonly id: string; readonly output: string | undefined }
  | { readonly action: 'list'; readonly limit: number }
);

/** A command line that cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const OPTIONS = {
  model: { type: 'string' },
  version: { type: 'string' },
  id: { type: 'string' },
  prefix: { type: 'string' },
  format: { type: 'string' },
  spec: { type: 'string' },
  watch: { type: 'boolean' },
  output: { type: 'string' },
  limit: { type: 'string' },
  url: { type: 'string' },
  host: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const BELONGS: Readonly<Record<string, readonly string[]>> = {
  submit: ['model', 'version', 'id', 'prefix', 'format', 'spec', 'watch'],
  watch: [],
  results: ['output'],
  cancel: [],
  list: ['limit'],
};

type Values = {
  [Name in keyof typeof OPTIONS]?: (typeof OPTIONS)[Name]['type'] extends 'string'
    ? string
    : boolean;
};

/**
 * The command that the arguments name; undefined when they ask for help.
 * @throws {UsageError} When they make no sense.
 */
export function parseCommandLine(args: readonly string[]): BatchCommand | undefined {
  const { values, positionals } = parse(args);
  const [action = '', ...operands] = positionals;
  if (values.help === true || (action === '' && args.length === 0)) return undefined;
  const allowed = BELONGS[action];
  if (allowed === undefined) throw new UsageError(`Unknown command "${action}"`);
  for (const name of Object.keys(values)) {
    if (!allowed.includes(name) && name !== 'url' && name !== 'host') {
      throw new UsageError(`${action} has no option --${name}`);
    }
  }
  const place = { url: values.url, host: values.host };
  if (action === 'submit') return { ...place, action, ...submission(values, operands) };
  if (action === 'list') {
    none(action, operands);
    const limit = Number(values.limit ?? '20');
    if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
      throw new UsageError('--limit must be 1 to 100');
    }
    return { ...place, action, limit };
  }
  const [id, ...more] = operands;
  if (id === undefined) throw new UsageError(`${action} needs the ID of a job`);
  none(action, more);
  if (action === 'results') return { ...place, action, id, output: values.output };
  return { ...place, action: action as 'watch' | 'cancel', id };
}

function parse(args: readonly string[]): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

type Submit = Extract<BatchCommand, { action: 'submit' }>;

function submission(
  values: Values,
  operands: readonly string[],
): Pick<Submit, 'source' | 'model' | 'version' | 'id' | 'watch'> {
  const [file, ...more] = operands;
  none('submit', more);
  const given = [file, values.prefix, values.spec].filter((one) => one !== undefined);
  if (given.length !== 1) throw new UsageError('submit needs one of FILE, --prefix and --spec');
  const { spec, prefix, model, version, id, watch = false } = values;
  const settings = { model, version, id, watch };
  if (spec !== undefined) {
    if (model !== undefined || version !== undefined || id !== undefined) {
      throw new UsageError('--model, --version and --id are in the job that --spec names');
    }
    return { source: { kind: 'spec', file: spec }, ...settings };
  }
  if (model === undefined) throw new UsageError('submit needs --model');
  if (prefix !== undefined) {
    return { source: { kind: 'prefix', prefix, format: values.format ?? 'jsonl' }, ...settings };
  }
  return { source: { kind: 'records', file: file ?? '' }, ...settings };
}

function none(action: string, operands: readonly string[]): void {
  if (operands.length > 0) throw new UsageError(`${action} does not know what "${operands[0]}" is`);
}
