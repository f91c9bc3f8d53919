import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';

import type { OnnxModel } from '../onnx/onnx-model.ts';
import { OnnxFileError, readOnnx } from '../onnx/read-onnx.ts';
import { RefusedError } from './refused-error.ts';

/** Protocol Buffers end here, and with them every file with its weights inside. */
const MAX_BYTES = 2 ** 31 - 1;

/** An ONNX file as it lies on the disk. */
export interface ModelFile {
  readonly path: string;
  readonly bytes: Buffer;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly onnx: OnnxModel;
}

/**
 * Reads an ONNX file and what it says of itself.
 * @throws {RefusedError} When it is not there, not a file, too large, cut off, or something else than ONNX.
 */
export async function readModelFile(path: string): Promise<ModelFile> {
  const refuse = (reason: string, cause?: unknown): never => {
    throw new RefusedError(path, [reason], { cause });
  };
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) =>
    refuse(cause.code === 'ENOENT' ? 'there is no such file' : cause.message, cause),
  );
  if (found.isDirectory()) refuse('it is a folder, not an ONNX file');
  if (!found.isFile()) refuse('it is not a file');
  if (found.size > MAX_BYTES) {
    refuse(
      `it has ${found.size} bytes, and a model file may have ${MAX_BYTES} (2 GiB): make it smaller, ` +
        'for instance with half-precision or 8-bit weights',
    );
  }
  const bytes = await readFile(path).catch((cause: Error) => refuse(cause.message, cause));
  try {
    const onnx = readOnnx(bytes);
    return { path, bytes, sha256: createHash('sha256').update(bytes).digest('hex'), onnx };
  } catch (cause) {
    if (!(cause instanceof OnnxFileError)) throw cause;
    return refuse(cause.message, cause);
  }
}
