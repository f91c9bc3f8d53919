/** Processes that a Service without `max-scale` has at most. Knative has no bound then; this is one machine. */
export const LOCAL_MAX_SCALE = 20;

/** Secrets that there are here, as deploy makes them in a cluster. */
export const LOCAL_SECRETS = {
  /** The right to read models: `access-key-id`, `secret-access-key`. */
  models: 's3-models',
  /** The right to work in the data bucket as well: the same keys here, where there is one user. */
  data: 's3-data',
  /** What the store says when it tells of an upload: `token`. */
  uploads: 'uploads-webhook',
} as const;
