import type { RequestContext } from '../../http/request-context.ts';
import type { ModelService } from '../../service.ts';

/** What every typed answer has beside its prediction. */
export interface Envelope {
  readonly [name: string]: string | number;
  readonly model_name: string;
  readonly model_version: string;
  readonly request_id: string;
  /** From the first byte read until now. */
  readonly processing_time_ms: number;
  readonly batch_size: number;
}

/** The envelope of an answer that is about to be sent. */
export function envelopeOf(
  { model: { manifest } }: Pick<ModelService, 'model'>,
  context: Pick<RequestContext, 'requestId' | 'startedMs'>,
  batchSize: number,
): Envelope {
  return {
    model_name: manifest.name,
    model_version: String(manifest.version),
    request_id: context.requestId,
    processing_time_ms: performance.now() - context.startedMs,
    batch_size: batchSize,
  };
}
