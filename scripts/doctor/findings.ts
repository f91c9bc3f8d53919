import type { FindingKind, Group } from './finding.ts';
import { CLUSTER_FINDINGS } from './findings/cluster.ts';
import { MACHINE_FINDINGS } from './findings/machine.ts';
import { MANIFESTS_FINDINGS } from './findings/manifests.ts';
import { MODELS_FINDINGS, STORAGE_FINDINGS } from './findings/storage.ts';

/** What can be wrong with the doctor itself. */
const DOCTOR_FINDINGS = {
  CHECK_TIMED_OUT: {
    severity: 'warning',
    what: 'A check took too long and was given up',
    why: 'Nothing is known about what it looks at',
    fix: 'Run it alone with --only; a slow network or a busy machine can be the reason',
  },
  CHECK_FAILED: {
    severity: 'error',
    what: 'A check itself broke',
    why: 'Nothing is known about what it looks at; missing packages are the usual reason',
    fix: '`npm ci --ignore-scripts`; when it stays so, it is a fault of the doctor: report it',
  },
} as const;

/** Every finding, by group. `docs/DOCTOR.md` is generated from it. */
export const FINDINGS_BY_GROUP = {
  machine: MACHINE_FINDINGS,
  storage: STORAGE_FINDINGS,
  models: MODELS_FINDINGS,
  manifests: MANIFESTS_FINDINGS,
  cluster: CLUSTER_FINDINGS,
  any: DOCTOR_FINDINGS,
} as const satisfies Record<Group | 'any', Readonly<Record<string, FindingKind>>>;

/** Every finding in one table. Codes are the contract: they may be added, not changed. */
export const FINDINGS = {
  ...MACHINE_FINDINGS,
  ...STORAGE_FINDINGS,
  ...MODELS_FINDINGS,
  ...MANIFESTS_FINDINGS,
  ...CLUSTER_FINDINGS,
  ...DOCTOR_FINDINGS,
} as const;

/** A stable name for one kind of finding. */
export type FindingCode = keyof typeof FINDINGS;
