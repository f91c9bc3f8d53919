import { parseArgs } from 'node:util';

import { type Group, GROUPS } from './finding.ts';

/** What `npm run doctor` was asked to do. */
export interface DoctorCommand {
  readonly json: boolean;
  /** Groups to look at. */
  readonly groups: readonly Group[];
}

/** How to use the command, for people. */
export const USAGE = `Usage: npm run doctor [-- options]

Says what is missing or wrong on this machine and on the cluster of KUBECONFIG, and how to mend it. It changes
nothing; in the object store of S3_ENDPOINT it writes one small object and deletes it again. Secrets of the cluster are
read only to ask its store for the models, and never shown.

Options:
  --only GROUP   ${GROUPS.join(', ')}; can be given several times
  --json         for programs

Exit codes: 0 nothing fails (warnings may be there); 1 something does; 64 wrong usage.
Codes of findings: docs/DOCTOR.md
`;

/** The arguments make no sense; the message says which. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * The command in the arguments after the script's name; `undefined` when help is asked for.
 * @throws {UsageError} When they are wrong.
 */
export function parseCommandLine(args: readonly string[]): DoctorCommand | undefined {
  const values = parse(args);
  if (values.help === true) return undefined;
  const only = values.only ?? [];
  const unknown = only.filter((name) => !GROUPS.some((group) => group === name));
  if (unknown.length > 0) {
    throw new UsageError(`--only: there is no group ${unknown.join(', ')}; ${GROUPS.join(', ')}`);
  }
  const groups = GROUPS.filter((group) => only.length === 0 || only.includes(group));
  return { json: values.json === true, groups };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}
