import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Watches a server for connections on which nothing was ever said. Browsers open such connections and may never use
 * them; `closeIdleConnections` takes them for busy, and the server would wait for them. Call it before the server
 * listens.
 * @returns What ends those that there are.
 */
export function watchSilentConnections(server: Server): () => void {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return () => {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
  };
}
