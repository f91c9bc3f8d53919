import { expect, test } from 'vitest';

import {
  clientAddress,
  trustedProxies,
} from '../../../../../functions/serving/http/client-address.ts';

const isTrusted = trustedProxies(['10.0.0.0/8', '127.0.0.1', 'fd00::/8']);

test.each<[what: string, header: string | undefined, connection: string, client: string]>([
  ['no proxy', undefined, '203.0.113.9', '203.0.113.9'],
  ['one proxy', '203.0.113.9', '10.1.1.1', '203.0.113.9'],
  ['a chain of proxies', '203.0.113.9, 10.2.2.2,10.3.3.3', '127.0.0.1', '203.0.113.9'],
  ['what the client wrote itself', '1.2.3.4, 203.0.113.9, 10.2.2.2', '127.0.0.1', '203.0.113.9'],
  ['a header from a stranger', '1.2.3.4', '203.0.113.9', '203.0.113.9'],
  ['proxies only', '10.2.2.2', '10.3.3.3', '10.2.2.2'],
  ['IPv4 on an IPv6 socket', undefined, '::ffff:203.0.113.9', '203.0.113.9'],
  ['a proxy as IPv4 on an IPv6 socket', '203.0.113.9', '::ffff:10.1.1.1', '203.0.113.9'],
  ['IPv6', '2001:DB8::1', 'fd00::1', '2001:db8::1'],
  ['ports', '203.0.113.9:4711', '10.1.1.1', '203.0.113.9'],
  ['IPv6 with a port', '[2001:db8::1]:4711', '10.1.1.1', '2001:db8::1'],
  ['a hidden address', 'unknown, 10.2.2.2', '10.3.3.3', 'unknown'],
  ['empty entries', ' , ,', '203.0.113.9', '203.0.113.9'],
])('%s', (_what, header, connection, client) => {
  expect(clientAddress(header, connection, isTrusted)).toBe(client);
});

test('what is no address or network is refused', () => {
  expect(() => trustedProxies(['cluster.local'])).toThrow(
    '"cluster.local" is no address or network',
  );
});
