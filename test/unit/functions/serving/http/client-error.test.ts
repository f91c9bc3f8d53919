import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { describe, expect, it } from 'vitest';

import { answerClientError } from '../../../../../functions/serving/http/client-error.ts';
import { openRaw } from '../../../../support/raw-http.ts';

/** More than one read of a socket takes, and more headers than Node's parser does. */
const PART = `X: ${'a'.repeat(70_000)}\r\n`;

describe('a request that the parser gives up on', () => {
  it('is answered once, and what its client goes on sending is no reason to reset the connection', async () => {
    const server = createServer();
    server.on('clientError', (cause, socket) => {
      answerClientError(cause, socket as Socket, new WeakMap(), () => {});
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const connected = once(server, 'connection') as Promise<[Socket]>;
    const connection = await openRaw((server.address() as AddressInfo).port);
    const [socket] = await connected;

    await connection.send(`GET / HTTP/1.1\r\nHost: a\r\n${PART}`);
    await connection.ended;
    const more = once(server, 'clientError');
    await connection.send(PART);
    await more;

    expect(socket.destroyed).toBe(false);
    expect((await connection.answer()).status).toBe(431);
    connection.close();
    await once(socket, 'close');
    server.close();
  });
});
