import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { realpath, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Holds `dataDir` for this process, so that no second server changes files behind its index. Held
 * through a listening socket, which unlike a lock file dies with its process.
 * @throws {Error} When another process holds it.
 */
export async function lockDataDir(dataDir: string): Promise<{ release(): Promise<void> }> {
  const path = await lockPath(dataDir);
  let server = await listen(path);
  if (server === undefined && !(await isAnswered(path))) {
    await rm(path, { force: true });
    server = await listen(path);
  }
  if (server === undefined) throw new Error(`${dataDir} is in use by another local S3 server`);
  server.unref();
  const held = server;
  return {
    async release() {
      held.close();
      await once(held, 'close');
    },
  };
}

/** Whether a process holds `dataDir` now; a folder that does not exist is held by nobody. */
export async function isDataDirHeld(dataDir: string): Promise<boolean> {
  return existsSync(dataDir) && isAnswered(await lockPath(dataDir));
}

async function lockPath(dataDir: string): Promise<string> {
  const hash = createHash('sha256')
    .update(await realpath(dataDir))
    .digest('hex')
    .slice(0, 24);
  return process.platform === 'win32'
    ? `\\\\.\\pipe\\pilotlight-s3-${hash}`
    : join(tmpdir(), `pilotlight-s3-${hash}.sock`);
}

/** Undefined when the path is taken. */
async function listen(path: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  server.listen(path);
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
}

async function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
