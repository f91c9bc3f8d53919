import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import type { ObjectReader } from '../../../functions/runtime/object-store/object-store.ts';
import { openObjectReader } from '../../../functions/runtime/object-store/s3-object-reader.ts';

const folder = join(import.meta.dirname, '../../fixtures/tls');
// Not a multiple of what comes in one record, or in one read.
const BYTES = Buffer.alloc(1_000_003, 'weights');

const READS: readonly [how: string, read: (reader: Required<ObjectReader>) => Promise<Buffer>][] = [
  ['get', async (reader) => buffer((await reader.get('a')).body)],
  [
    'download',
    async (reader) => {
      const pieces: Buffer[] = [];
      const { body } = await reader.download('a');
      await body.lend((piece) => pieces.push(Buffer.from(piece)));
      return Buffer.concat(pieces);
    },
  ],
];

describe('the reader over TLS', () => {
  let certificate: string;
  beforeAll(async () => {
    certificate = await readFile(join(folder, 'certificate.pem'), 'utf8');
  });
  const usual = getCACertificates('default');
  afterAll(() => setDefaultCACertificates(usual));

  async function readerAt(host: string): Promise<Required<ObjectReader>> {
    const key = await readFile(join(folder, 'key.pem'));
    const server = createServer({ key, cert: certificate }, (_request, response) => {
      response.writeHead(200, { 'content-length': BYTES.length }).end(BYTES);
    }).listen(0, host);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const keys = { region: 'r', accessKeyId: 'a', secretAccessKey: 's' };
    const reader = openObjectReader({ endpoint: `https://${host}:${port}`, ...keys }, 'bucket');
    onTestFinished(() => {
      reader.close();
      server.closeAllConnections();
      server.close();
    });
    return reader;
  }

  it.each(READS)('%s: brings what a store with a known certificate sends', async (_how, read) => {
    setDefaultCACertificates([...usual, certificate]);
    const reader = await readerAt('localhost');

    expect((await read(reader)).equals(BYTES)).toBe(true);
  });

  it.each(READS)('%s: refuses a certificate for another name, for good', async (_how, read) => {
    setDefaultCACertificates([...usual, certificate]);
    const reader = await readerAt('127.0.0.1');

    await expect(read(reader)).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      transient: false,
    });
  });

  it.each(READS)('%s: refuses a certificate that nobody vouches for', async (_how, read) => {
    setDefaultCACertificates(usual);
    const reader = await readerAt('localhost');

    await expect(read(reader)).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      transient: false,
    });
  });
});
