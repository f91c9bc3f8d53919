/** Every event type of the product. The only place where they are spelled. */
export const EVENT_TYPES = {
  inferenceRequest: 'dev.pilotlight.inference.request.v1',
  inferenceResponse: 'dev.pilotlight.inference.response.v1',
  jobSubmitted: 'dev.pilotlight.job.submitted.v1',
  jobProgress: 'dev.pilotlight.job.progress.v1',
  jobCompleted: 'dev.pilotlight.job.completed.v1',
  jobCancelRequested: 'dev.pilotlight.job.cancelrequested.v1',
  chunkRequested: 'dev.pilotlight.chunk.requested.v1',
  chunkCompleted: 'dev.pilotlight.chunk.completed.v1',
  objectCreated: 'dev.pilotlight.object.created.v1',
  tick: 'dev.pilotlight.tick.v1',
} as const;

/** One of {@link EVENT_TYPES}. */
export type EventType = (typeof EVENT_TYPES)[keyof typeof EVENT_TYPES];

/** Media types of events in JSON. https://github.com/cloudevents/spec/blob/main/cloudevents/formats/json-format.md */
export const MEDIA_TYPES = {
  event: 'application/cloudevents+json',
  batch: 'application/cloudevents-batch+json',
} as const;

/** Knative forwards events up to this size everywhere, and so every consumer takes one. */
export const MAX_EVENT_BYTES = 65_536;
