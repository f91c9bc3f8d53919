import { readSync } from 'node:fs';

import { decodeFrame } from './frames.ts';
import type { Frame } from './frames.ts';

/** Takes bytes as they arrive and calls `onFrame` for each frame that is whole. */
export function frameReader(onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  let decoding = decodeFrame();
  let target = Buffer.alloc(0);
  let filled = 0;
  ask(decoding.next());

  function ask(step: IteratorResult<number, Frame>): void {
    for (let next = step; ; next = decoding.next(Buffer.alloc(0))) {
      if (next.done === true) {
        onFrame(next.value);
        decoding = decodeFrame();
        next = decoding.next();
      }
      if (next.done !== true && next.value > 0) {
        // Not from Node's shared pool, whose pieces begin anywhere.
        target = Buffer.allocUnsafeSlow(next.value);
        filled = 0;
        return;
      }
    }
  }

  return (chunk) => {
    for (let read = 0; read < chunk.length;) {
      const copied = chunk.copy(target, filled, read);
      read += copied;
      filled += copied;
      if (filled === target.length) ask(decoding.next(target));
    }
  };
}

/**
 * Waits for one frame on a file descriptor, blocking the thread; undefined when the other side has gone.
 * @param allocate Gives memory for so many bytes, beginning at a multiple of 8. What it gives for one frame
 *   must not overlap.
 */
export function readFrameSync(fd: number, allocate: (bytes: number) => Buffer): Frame | undefined {
  const decoding = decodeFrame();
  let step = decoding.next();
  while (step.done !== true) {
    const target = step.value === 0 ? Buffer.alloc(0) : allocate(step.value);
    for (let filled = 0; filled < target.length;) {
      const read = readSync(fd, target, filled, target.length - filled, null);
      if (read === 0) return undefined;
      filled += read;
    }
    step = decoding.next(target);
  }
  return step.value;
}
