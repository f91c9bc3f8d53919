/**
 * The program of a worker process: opens one graph and computes what it is asked for, one run after the
 * other. It speaks over the file descriptor 3 and ends when that is closed.
 */
import { writevSync } from 'node:fs';

import type { TensorMap } from '../../../functions/runtime/tensor.ts';
import type { Session } from '../loaded-model.ts';
import { reasonOf } from '../model-load-error.ts';
import { loadRuntime, openSession } from '../open-session.ts';
import { encodeFrame } from './frames.ts';
import type { Message } from './frames.ts';
import { readFrameSync } from './read-frames.ts';

const CHANNEL = 3;

// A terminal, or a kubelet's kill of a whole group, signals us too; the function decides when we end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});

void serve();

async function serve(): Promise<void> {
  // What fails here is said when the graph is opened.
  await loadRuntime().catch(() => {});
  let session: Session | undefined;
  const scratch = createScratch();
  for (;;) {
    scratch.reset();
    // Reading blocks, and may: there is nothing else to do in this process.
    const frame = readFrameSync(CHANNEL, scratch.allocate);
    if (frame === undefined) return;
    const { message, tensors } = frame;
    try {
      if (message.say === 'open') {
        session = await openSession(message.uri, modelOf(tensors), { session: message.session });
        scratch.free();
        say({ say: 'opened', inputs: session.inputs, outputs: session.outputs });
      } else if (message.say === 'run' && session !== undefined) {
        say({ say: 'done' }, await session.run(tensors, message.outputs));
      } else throw new Error(`Did not expect "${message.say}"`);
    } catch (cause) {
      say({ say: 'failed', message: reasonOf(cause) });
    }
  }
}

function modelOf(tensors: TensorMap): Uint8Array {
  return tensors['model']?.data as Uint8Array;
}

function say(message: Message, tensors: TensorMap = {}): void {
  let parts = encodeFrame({ message, tensors }).filter(({ length }) => length > 0);
  while (parts.length > 0) {
    let written = writevSync(CHANNEL, parts);
    parts = parts.flatMap((part) => {
      const rest = part.subarray(Math.min(written, part.length));
      written -= part.length - rest.length;
      return rest.length === 0 ? [] : [rest];
    });
  }
}

/**
 * Memory for one frame at a time, used again for the next: a run is over before the next one is read, and
 * fresh memory for each would wait for a garbage collection that an idle process never makes.
 */
function createScratch(): {
  readonly allocate: (bytes: number) => Buffer;
  reset(): void;
  free(): void;
} {
  let memory = new ArrayBuffer(1 << 16);
  let used = 0;
  return {
    allocate(bytes) {
      const start = used;
      used = start + Math.ceil(bytes / 8) * 8;
      // What the frame has so far keeps the memory that it has.
      if (used > memory.byteLength) {
        const size = Math.max(bytes, 2 * memory.byteLength);
        memory = new ArrayBuffer(size);
        used = Math.ceil(bytes / 8) * 8;
        return Buffer.from(memory, 0, bytes);
      }
      return Buffer.from(memory, start, bytes);
    },
    reset: () => void (used = 0),
    free() {
      // The graph's bytes: transferring is the only way to give memory back at once.
      memory.transfer(0);
      memory = new ArrayBuffer(1 << 16);
    },
  };
}
