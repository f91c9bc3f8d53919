/** `npm run doctor`: what is missing or wrong on this machine or cluster, and how to mend it. */
import { join } from 'node:path';

import { CHECKS } from './doctor/checks.ts';
import { parseCommandLine, USAGE, UsageError } from './doctor/command-line.ts';
import { secretHider, withoutSecrets } from './doctor/hide-secrets.ts';
import { hasErrors, jsonReport, textReport } from './doctor/report.ts';
import { runChecks } from './doctor/run-checks.ts';

const root = join(import.meta.dirname, '..');
const { code, text } = await main(process.argv.slice(2));
// A check that was given up may still hold something open.
process[code === 64 ? 'stderr' : 'stdout'].write(text, () => process.exit(code));

async function main(args: readonly string[]): Promise<{ code: number; text: string }> {
  try {
    const command = parseCommandLine(args);
    if (command === undefined) return { code: 0, text: USAGE };
    const checks = CHECKS.filter(({ group }) => command.groups.includes(group));
    const reports = await runChecks(checks, { root, env: process.env });
    const shown = reports.map((report) => withoutSecrets(report, secretHider(process.env)));
    const render = command.json ? jsonReport : textReport;
    return { code: hasErrors(reports) ? 1 : 0, text: render(shown) };
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    return { code: 64, text: `${cause.message}\n\n${USAGE}` };
  }
}
