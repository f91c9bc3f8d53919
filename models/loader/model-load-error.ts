import { ModelLoadError } from '../../functions/runtime/errors.ts';

/** A load error that trying again cannot cure. */
export function permanentError(message: string, cause?: unknown): ModelLoadError {
  return new ModelLoadError(message, {
    permanent: true,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The message of whatever was thrown, on one line. */
export function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.replaceAll(/\s*\n\s*/g, ' ').slice(0, 500);
}
