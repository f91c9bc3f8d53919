import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** When to cut. */
export interface CuttingOptions {
  /** Connections are cut at the first byte of the answer, so many of them. */
  readonly cutAnswers?: number;
  /** Every connection is cut after so many bytes of answers. */
  readonly cutAfterBytes?: number;
}

/** A TCP proxy that cuts connections. */
export interface CuttingProxy extends AsyncDisposable {
  readonly endpoint: string;
  readonly answersCut: number;
}

/** Forwards to `endpoint` until a cut is due: the request has then arrived, its answer gets lost. */
export async function startCuttingProxy(
  endpoint: string,
  { cutAnswers = 0, cutAfterBytes = Infinity }: CuttingOptions,
): Promise<CuttingProxy> {
  const { hostname, port } = new URL(endpoint);
  const sockets = new Set<Socket>();
  let answersCut = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    let answered = 0;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', cut);
      socket.once('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    client.on('data', (chunk) => void upstream.write(chunk));
    upstream.on('data', (chunk) => {
      answered += chunk.length;
      if (answersCut < cutAnswers) {
        answersCut++;
        cut();
      } else if (answered > cutAfterBytes) {
        client.end(chunk.subarray(0, chunk.length - (answered - cutAfterBytes)), cut);
      } else {
        client.write(chunk);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get answersCut() {
      return answersCut;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
