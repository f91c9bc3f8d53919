import type { Line } from './check.ts';
import { GROUPS } from './finding.ts';
import { FINDINGS } from './findings.ts';
import type { CheckReport } from './run-checks.ts';

const WORDS = { error: 'fail', warning: 'warn', info: 'info' } as const;

/** The first words of a line: `ok`, `skip`, or how bad the finding is. */
type Verdict = 'ok' | 'skip' | (typeof WORDS)[keyof typeof WORDS];

/** Whether any check found an error. */
export function hasErrors(reports: readonly CheckReport[]): boolean {
  return linesOf(reports).some((line) => verdictOf(line) === 'fail');
}

/** The reports for people: a head per group, a line per result, and below findings why and what to do. */
export function textReport(reports: readonly CheckReport[]): string {
  const width = Math.max(0, ...reports.map(({ name }) => name.length));
  const paragraphs = GROUPS.flatMap((group) => {
    const own = reports.filter((report) => report.group === group);
    if (own.length === 0) return [];
    const lines = own.flatMap(({ name, lines: said }) =>
      said.map((line) => row(line, name, width)),
    );
    return [[group, ...lines].join('\n')];
  });
  return `${[...paragraphs, summary(reports)].join('\n\n')}\n`;
}

/** The reports for programs: one object per result, findings with everything the table says of them. */
export function jsonReport(reports: readonly CheckReport[]): string {
  const results = reports.flatMap(({ group, name, lines }) =>
    lines.map((line) => {
      const base = { group, check: name, status: verdictOf(line), text: line.text };
      return line.status === 'found' ? { ...base, code: line.code, ...FINDINGS[line.code] } : base;
    }),
  );
  return `${JSON.stringify({ ok: !hasErrors(reports), counts: counts(reports), results }, null, 2)}\n`;
}

function row(line: Line, name: string, width: number): string {
  const head = `  ${verdictOf(line).padEnd(4)}  ${name.padEnd(width)}  `;
  if (line.status === 'ok') return `${head}${line.text}`;
  if (line.status === 'skipped') return `${head}skipped, because ${line.text}`;
  const { what, why, fix } = FINDINGS[line.code];
  const indent = ' '.repeat(head.length);
  return [
    `${head}${line.code}: ${what}: ${line.text.replaceAll('\n', `\n${indent}`)}`,
    `${indent}why: ${why}`,
    `${indent}fix: ${fix}`,
  ].join('\n');
}

function verdictOf(line: Line): Verdict {
  if (line.status === 'ok') return 'ok';
  return line.status === 'skipped' ? 'skip' : WORDS[FINDINGS[line.code].severity];
}

function counts(reports: readonly CheckReport[]): Record<Verdict, number> {
  const result: Record<Verdict, number> = { ok: 0, info: 0, warn: 0, fail: 0, skip: 0 };
  for (const line of linesOf(reports)) result[verdictOf(line)] += 1;
  return result;
}

function summary(reports: readonly CheckReport[]): string {
  const { ok, info, warn, fail, skip } = counts(reports);
  return `${ok} ok, ${info} info, ${warn} warnings, ${fail} failures, ${skip} skipped. Codes: docs/DOCTOR.md`;
}

function linesOf(reports: readonly CheckReport[]): Line[] {
  return reports.flatMap(({ lines }) => [...lines]);
}
