import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { TELLS_MEMORY, memoryEnvironment } from '../../faults/soak/memory.ts';
import { externalBytes } from '../../faults/soak/external-memory.ts';
import { openRaw, requestText } from '../../support/raw-http.ts';
import { onEveryServer } from './on-every-server.ts';

const samples = join(await mkdtemp(join(tmpdir(), 'held-bodies-')), 'memory.txt');
const CONNECTIONS = 4;
/** As much as iris takes. */
const BYTES = 10_485_760;
const JSON_TYPE = { 'Content-Type': 'application/json' };
const BLANKS = ' '.repeat(BYTES);
const REQUESTS = [
  requestText('POST /predict', JSON_TYPE, BLANKS),
  `${requestText('POST /predict', { ...JSON_TYPE, 'Transfer-Encoding': 'chunked' })}${BYTES.toString(16)}\r\n${BLANKS}\r\n0\r\n\r\n`,
];

onEveryServer('held bodies', { env: memoryEnvironment(samples) }, (server) => {
  it.runIf(TELLS_MEMORY)('keeps no body for a connection that is idle again', async () => {
    const before = await externalBytes(server(), samples);
    const open = await Promise.all(
      Array.from({ length: CONNECTIONS }, () => openRaw(server().port)),
    );

    for (const connection of open) {
      for (const request of REQUESTS) {
        await connection.send(request);
        expect((await connection.answer()).status).toBe(400);
      }
    }

    expect((await externalBytes(server(), samples)) - before).toBeLessThan(BYTES / 2);
    for (const connection of open) connection.close();
  });
});
