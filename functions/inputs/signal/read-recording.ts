import { isNpy, readNpy } from './npy/read-npy.ts';
import type { Recording } from './recording.ts';
import { readText } from './text/read-text.ts';
import type { TextLayout } from './text/read-text.ts';
import { isWav, readWav } from './wav/read-wav.ts';

/**
 * A signal file: NPY or WAV by its first bytes, else text (CSV, TXT). Samples of the first two stay in `bytes`.
 * @throws {InvalidRequestError} When it is damaged, cut off, of a kind that is not read, too short or too long.
 */
export async function readRecording(
  bytes: Buffer,
  options: { readonly textLayout: TextLayout; readonly channel: number },
): Promise<Recording> {
  if (isNpy(bytes)) return readNpy(bytes);
  if (isWav(bytes)) return readWav(bytes);
  return await readText(bytes, options);
}
