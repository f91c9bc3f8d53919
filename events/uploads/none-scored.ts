import type { PartLine } from '../jobs/part-line.ts';
import type { UploadError } from './outcome.ts';

/** Why nothing of an upload could be scored: in the words of its first record, where it has any. */
export function noneScored(records: number, firstLine: string | undefined): UploadError {
  const line = firstLine === undefined ? undefined : (JSON.parse(firstLine) as PartLine);
  if (line?.error === undefined) {
    return { code: 'INVALID_REQUEST', message: 'The object is empty: it has no records' };
  }
  const { code } = line.error;
  const message = withDetails(line.error);
  if (records === 1) return { code, message };
  return {
    code,
    message: `None of its ${records} records could be scored. The first, at byte ${line.offset}: ${message}`,
  };
}

function withDetails({ message, details }: NonNullable<PartLine['error']>): string {
  if (!Array.isArray(details)) return message;
  const places = (details as { path: string; message: string }[]).map((detail) =>
    detail.path === '' ? detail.message : `${detail.path}: ${detail.message}`,
  );
  return `${message}: ${places.join('; ')}`;
}
