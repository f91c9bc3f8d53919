/** A program: the local S3 in a process of its own, which tells its parent what it was asked for. */
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { startS3Server } from '../../../knative/local/s3/server.ts';
import type { StoreMessage, StoreRequest, StoreStart } from './counting-store.ts';

const seen: StoreRequest[] = [];

// Node's own account of every answer of this process: nothing of the store has to change for it.
subscribe('http.server.request.start', (message) => {
  const { request, response, socket } = message as Started;
  const before = socket.bytesWritten;
  // Also of an answer that its client has cut off.
  response.once('close', () => {
    seen.push({
      method: request.method ?? '',
      path: request.url ?? '',
      status: response.statusCode,
      bytes: socket.bytesWritten - before,
    });
  });
});

interface Started {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
}

const say = (message: StoreMessage): void => void process.send?.(message);

process.once('message', (start: StoreStart) => {
  void startS3Server(start).then((server) => {
    say({ endpoint: server.endpoint });
    process.on('message', () => say({ requests: seen.splice(0) }));
  });
});
process.once('disconnect', () => process.exit(0));
