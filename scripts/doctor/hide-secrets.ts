import type { CheckReport } from './run-checks.ts';

/** Names of variables whose values nobody may see. */
const SECRET_NAME = /SECRET|PASSWORD|PASSWD|TOKEN|CREDENTIAL|ACCESS_KEY|_PASS$|_AUTH$/i;
/** Shorter ones are words that stand in any text. */
const MIN_LENGTH = 6;

/**
 * A function that takes every secret of `env`, and the user part of every URL, out of a text. Checks do not
 * put secrets into their words; this holds also for what programs and servers say.
 */
export function secretHider(env: NodeJS.ProcessEnv): (text: string) => string {
  const secrets = Object.entries(env)
    .filter(([name, value]) => SECRET_NAME.test(name) && !name.endsWith('_FILE') && isLong(value))
    .map(([, value = '']) => value)
    // A secret that contains another goes first.
    .toSorted((a, b) => b.length - a.length);
  return (text) =>
    secrets
      .reduce((shown, secret) => shown.replaceAll(secret, '(hidden)'), text)
      .replaceAll(/(\w+:\/\/)[^\s/@]+@/g, '$1(hidden)@');
}

/** The report with every text of its lines passed through `hide`. */
export function withoutSecrets(report: CheckReport, hide: (text: string) => string): CheckReport {
  return { ...report, lines: report.lines.map((line) => ({ ...line, text: hide(line.text) })) };
}

function isLong(value: string | undefined): boolean {
  return value !== undefined && value.length >= MIN_LENGTH;
}
