import { UPLOADS_PREFIX } from './upload.ts';

/**
 * The rules of a data bucket on MinIO, for `tellWebhooks`. Of its two webhooks one tells at once and loses what it cannot
 * deliver, the other keeps it and is up to three seconds late: both say the same, and twice told is scored once.
 */
export const UPLOAD_NOTICES = ['UPLOADS', 'UPLOADS_KEPT'].map((id) => ({
  id,
  arn: `arn:minio:sqs::${id}:webhook`,
  prefix: UPLOADS_PREFIX,
}));
