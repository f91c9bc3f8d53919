import { once } from 'node:events';
import { createServer } from 'node:net';

import type { startSettings } from '../../start/settings.ts';
import { type CheckContext, found, type Line, ok } from '../check.ts';
import { portHolder } from './port-holder.ts';
import { runningStandIn } from './running-stand-in.ts';
import { readStartSettings } from './start-settings.ts';

/** Whether the ports of `npm start` are free, and who holds them otherwise. */
export async function checkPorts(context: CheckContext): Promise<readonly Line[]> {
  const settings = await readStartSettings(context);
  if ('faults' in settings) return settings.faults;
  const ports = portsOf(settings.values);
  return Promise.all(ports.map((port) => checkPort(port, context.signal)));
}

/** A port and the setting that it comes from. */
export interface NamedPort {
  readonly name: string;
  readonly port: number;
}

function portsOf({ port, s3 }: ReturnType<typeof startSettings>): NamedPort[] {
  const router = { name: 'PORT', port };
  return 'port' in s3 ? [router, { name: 'S3_PORT', port: s3.port }] : [router];
}

/** Whether one port can be opened; `tryListen` gives the code of the error, if any. */
export async function checkPort(
  { name, port }: NamedPort,
  signal: AbortSignal,
  tryListen = whyNotListening,
): Promise<Line> {
  const code = await tryListen(port);
  const where = `${name} ${port}`;
  if (code === undefined) return ok(port === 0 ? `${where}: a free one` : `${where} is free`);
  if (code !== 'EADDRINUSE') return found('PORT_NOT_ALLOWED', `${where}: ${code}`);
  const holder = await portHolder(port);
  const by = holder ?? 'a process that cannot be seen from here (`lsof -i` as root tells)';
  const isOurs = name === 'PORT' && (await runningStandIn(port, { signal })) !== undefined;
  return isOurs
    ? found('STAND_IN_RUNNING', `${where}: ${by}; see http://localhost:${port}/_local`)
    : found('PORT_TAKEN', `${where} is held by ${by}`);
}

async function whyNotListening(port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return undefined;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code ?? 'unknown';
  }
}
