import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname, join } from 'node:path';
import type { Duplex } from 'node:stream';

import type { TensorMap } from '../../../functions/runtime/tensor.ts';
import { SessionLostError } from '../loaded-model.ts';
import { encodeFrame } from './frames.ts';
import type { Frame, Message } from './frames.ts';
import { frameReader } from './read-frames.ts';

/** A process that computes. */
export interface WorkerProcess {
  readonly pid: number | undefined;
  /**
   * The answer to a message; several at once are answered in order.
   * @throws {SessionLostError} When the process ends first, saying how.
   */
  ask(message: Message, tensors: TensorMap): Promise<Frame>;
  /** Ends it at once, in the middle of a run too. */
  kill(reason: string): void;
  /** Resolves when it has ended, with the reason. */
  readonly ended: Promise<string>;
}

/** The program beside this one: a module here, a bundle beside the function's bundle. */
const PROGRAM = join(
  import.meta.dirname,
  `session-process${extname(import.meta.filename) === '.ts' ? '.ts' : '.cjs'}`,
);

interface Asked {
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: Error) => void;
}

/** Starts a process that loads ONNX Runtime and waits for its graph. */
export function startWorkerProcess(): WorkerProcess {
  // A socket pair: bytes go from our memory to its memory with one copy on each side.
  const child = spawn(process.execPath, [PROGRAM], { stdio: ['ignore', 2, 2, 'pipe'] });
  const channel = child.stdio[3] as Duplex;
  let asked: Asked[] = [];
  let killedFor: string | undefined;

  channel.on(
    'data',
    frameReader((frame) => asked.shift()?.resolve(frame)),
  );
  // A write to a process that has just ended; its end is what counts.
  channel.on('error', () => {});

  const ended = endOf(child).then((how) => {
    const reason = killedFor ?? how;
    const orphans = asked;
    asked = [];
    isGone = reason;
    channel.destroy();
    for (const { reject } of orphans) reject(new SessionLostError(reason));
    return reason;
  });
  let isGone: string | undefined;

  return {
    pid: child.pid,
    ask(message, tensors) {
      if (isGone !== undefined) return Promise.reject(new SessionLostError(isGone));
      return new Promise((resolve, reject) => {
        asked.push({ resolve, reject });
        channel.cork();
        for (const part of encodeFrame({ message, tensors })) {
          if (part.length > 0) channel.write(part);
        }
        channel.uncork();
      });
    },
    kill(reason) {
      killedFor ??= reason;
      child.kill('SIGKILL');
    },
    ended,
  };
}

async function endOf(child: ReturnType<typeof spawn>): Promise<string> {
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
  } catch (cause) {
    // It never started.
    return cause instanceof Error ? cause.message : String(cause);
  }
}
