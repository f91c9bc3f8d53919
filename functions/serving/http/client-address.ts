import { BlockList, isIP } from 'node:net';

/** Tells whether an address is one of our own proxies. */
export type IsTrusted = (address: string) => boolean;

/**
 * A test for addresses and networks (`10.0.0.0/8`, `::1`).
 * @throws {RangeError} When one of them is neither.
 */
export function trustedProxies(networks: readonly string[]): IsTrusted {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const version = isIP(address);
    if (version === 0) throw new RangeError(`${JSON.stringify(network)} is no address or network`);
    const family = version === 4 ? 'ipv4' : 'ipv6';
    list.addSubnet(address, Number(bits ?? (version === 4 ? 32 : 128)), family);
  }
  return (address) => {
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 4 ? 'ipv4' : 'ipv6');
  };
}

/**
 * Who sent a request: of the addresses in `X-Forwarded-For` and the connection's own, the last one that is not
 * a trusted proxy. Each proxy adds the address it was called from at the end, so what stands before that one was
 * written by the client and proves nothing. When all are trusted, the first.
 */
export function clientAddress(
  forwardedFor: string | undefined,
  connection: string | undefined,
  isTrusted: IsTrusted,
): string {
  const hops = [...(forwardedFor ?? '').split(','), connection ?? '']
    .map((hop) => plainAddress(hop.trim()))
    .filter((hop) => hop !== '');
  return hops.findLast((hop) => !isTrusted(hop)) ?? hops[0] ?? 'unknown';
}

/** Without a port, brackets, or the prefix that IPv4 has on an IPv6 socket. */
function plainAddress(hop: string): string {
  const [, bracketed] = /^\[([^\]]*)\](?::\d+)?$/.exec(hop) ?? [];
  const [, ported] = /^([\d.]+):\d+$/.exec(hop) ?? [];
  return (bracketed ?? ported ?? hop).replace(/^::ffff:(?=[\d.]+$)/i, '').toLowerCase();
}
