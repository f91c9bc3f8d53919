/** Processes that a Service without `max-scale` has at most. Knative has no bound then; this is one machine. */
export const LOCAL_MAX_SCALE = 20;
