import { mkdtemp } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { TELLS_MEMORY, memoryEnvironment } from '../../faults/soak/memory.ts';
import { externalBytes, heldOutsideHeap } from '../../faults/soak/external-memory.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { startFunction } from '../../support/start-function.ts';
import type { RunningFunction } from '../../support/start-function.ts';

/** The longest signal there is. */
const SAMPLES = 10_000_000;
/** Of 32-bit floats. */
const SIGNAL_BYTES = 4 * SAMPLES;
/** V8 lets so much garbage outside its heap gather before it collects it, and some. */
const GARBAGE_BYTES = 96 * 1024 * 1024;

let server: RunningFunction;
let samples: string;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

beforeAll(async () => {
  samples = join(await mkdtemp(join(tmpdir(), 'denoise-memory-')), 'memory.txt');
  server = await startFunction({
    env: {
      FUNCTION_TARGET: 'denoise',
      MODEL_URI: 'file:models/denoise',
      ...memoryEnvironment(samples),
    },
  });
});

afterAll(async () => {
  agent.destroy();
  await server.stop();
});

describe.runIf(TELLS_MEMORY)('ten million samples', () => {
  it(
    'take memory for themselves and for the answer, however often',
    { timeout: 300_000 },
    async () => {
      const file = noiseFile();
      const before = await externalBytes(server, samples);

      for (let time = 0; time < 2; time += 1) {
        let [answered, largest] = [0, 0];
        const answer = denoise(file).then((bytes) => (answered = bytes));
        const isOver = async (): Promise<boolean> => {
          largest = Math.max(largest, await heldOutsideHeap(server.url));
          return answered > 0;
        };
        await Promise.all([vi.waitUntil(isOver, { timeout: 120_000, interval: 50 }), answer]);

        expect(answered).toBe(file.length);
        expect(largest - before).toBeGreaterThan(SIGNAL_BYTES);
        expect(largest - before).toBeLessThan(2 * SIGNAL_BYTES + GARBAGE_BYTES);
      }

      expect((await externalBytes(server, samples)) - before).toBeLessThan(SIGNAL_BYTES / 10);
    },
  );
});

/** Posts a file on the one connection and returns the bytes of the answer, an NPY file too. */
async function denoise(file: Buffer): Promise<number> {
  const sent = request(`${server.url}/test`, {
    method: 'POST',
    agent,
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': file.length,
      accept: 'application/x-npy',
    },
  });
  sent.end(file);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(200);
  let bytes = 0;
  for await (const piece of answer) bytes += (piece as Buffer).length;
  return bytes;
}

/** An NPY file of 32-bit floats. */
function noiseFile(): Buffer {
  const random = seededRandom(1);
  const values = Float32Array.from({ length: SAMPLES }, () => random() - 0.5);
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${SAMPLES},), }`;
  const head = Buffer.from('\x93NUMPY\x01\0\x76\0', 'latin1');
  return Buffer.concat([head, Buffer.from(`${text.padEnd(117)}\n`), Buffer.from(values.buffer)]);
}
