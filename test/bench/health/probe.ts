import { connect } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

import { ReplyReader } from '../contestants/http-exchange.ts';

const PROBE = Buffer.from('GET /healthz HTTP/1.1\r\nhost: bench\r\n\r\n');
/** A hundred a second are many for a probe, and no load. */
const PAUSE_MS = 10;

/**
 * Asks `/healthz` on one connection, again some milliseconds after each answer. How long each took, in ms.
 * @throws {Error} When an answer is not 200, or the connection ends.
 */
export async function probe(port: number, seconds: number): Promise<number[]> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  const reader = new ReplyReader();
  const latenciesMs: number[] = [];
  const endMs = performance.now() + seconds * 1000;
  try {
    while (performance.now() < endMs) {
      const sentMs = performance.now();
      socket.write(PROBE);
      const reply = await answerOn(socket, reader);
      latenciesMs.push(performance.now() - sentMs);
      if (reply.status !== 200) throw new Error(`/healthz answered ${reply.status}`);
      await delay(PAUSE_MS);
    }
    return latenciesMs;
  } finally {
    socket.destroy();
  }
}

async function answerOn(
  socket: ReturnType<typeof connect>,
  reader: ReplyReader,
): Promise<NonNullable<ReturnType<ReplyReader['push']>>> {
  for (;;) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    const reply = reader.push(chunk);
    if (reply !== undefined) return reply;
  }
}
