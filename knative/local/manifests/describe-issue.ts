import type * as z from 'zod';

/** What zod found wrong with an object, for people. */
export function describeIssue(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return [`${at}: ${issue.message}`];
  return issue.keys.map(
    (key) => `${at === '' ? key : `${at}.${key}`}: is not a field that the local stand-in knows`,
  );
}
