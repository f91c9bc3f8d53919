import type { Retention } from '../../functions/runtime/object-store/expire-objects.ts';

/**
 * What a tenant's data bucket forgets by itself. Inputs are the tenant's own and stay. The state of a job
 * goes after its days too, so no job may take longer.
 */
export const RETENTION: readonly Retention[] = [
  { id: 'jobs', prefix: 'jobs/', days: 30 },
  { id: 'out', prefix: 'out/', days: 90 },
  { id: 'dead-letters', prefix: 'dead-letters/', days: 30 },
  { id: 'probes', prefix: 'probes/', days: 1 },
];
