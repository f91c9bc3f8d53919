/** How bad a finding is: an error makes the doctor exit with 1. */
export type Severity = 'error' | 'warning' | 'info';

/** Parts that `--only` can pick. */
export const GROUPS = ['machine', 'storage', 'models', 'manifests', 'cluster'] as const;

/** One of the parts that the doctor looks at. */
export type Group = (typeof GROUPS)[number];

/** What there is to say about one kind of finding, whatever it was found in. */
export interface FindingKind {
  readonly severity: Severity;
  /** What is so, in a few words. */
  readonly what: string;
  /** What comes of it. */
  readonly why: string;
  /** What to do. */
  readonly fix: string;
}

/** One group's part of the table of findings. */
export type FindingTable = Readonly<Record<string, FindingKind>>;
