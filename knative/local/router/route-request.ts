/** Where a request goes: a Service with the path it is to see, or one of the router's own answers. */
export type Destination =
  | {
      readonly kind: 'service';
      readonly name: string;
      /** The tag of the address; a header may give one too. */
      readonly tag: string | undefined;
      readonly path: string;
    }
  | { readonly kind: 'status' }
  | { readonly kind: 'unknown'; readonly wanted: string };

/** What can be asked for. */
export interface Addressable {
  readonly name: string;
  readonly namespace: string;
  readonly tags: readonly string[];
}

const SUFFIX = '.localhost';

/**
 * Host names under which this machine is itself. `/_local` shows the store's keys, so it does not answer to
 * a name that a web page could point here (DNS rebinding).
 */
const OWN_NAMES = ['', 'localhost', '127.0.0.1', '[::1]'];

/**
 * Finds the Service of a request: by host name, `<service>.localhost` or `<service>.<namespace>.localhost`,
 * else by the first part of the path, which the Service does not see. `<tag>-<service>` asks for a tag of it.
 */
export function routeRequest(
  services: readonly Addressable[],
  host: string | undefined,
  url: string,
): Destination {
  // A target that names the host as well: https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2
  const [, authority, target = ''] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(url) ?? [];
  if (authority !== undefined) {
    return routeRequest(services, authority, target.startsWith('/') ? target : `/${target}`);
  }
  const hostName = (host ?? '').replace(/:\d+$/, '').toLowerCase();
  if (hostName.endsWith(SUFFIX)) {
    const [name = '', namespace, ...rest] = hostName.slice(0, -SUFFIX.length).split('.');
    const found = rest.length === 0 ? find(services, name, namespace) : undefined;
    return found === undefined
      ? { kind: 'unknown', wanted: hostName }
      : { kind: 'service', ...found, path: url };
  }
  const [, name = '', rest = ''] = /^\/([^/?#]*)(.*)$/s.exec(url) ?? [];
  if (name === '_local' && OWN_NAMES.includes(hostName)) return { kind: 'status' };
  const found = find(services, name, undefined);
  if (found === undefined) return { kind: 'unknown', wanted: name };
  return { kind: 'service', ...found, path: rest.startsWith('/') ? rest : `/${rest}` };
}

/** A Service of this name; without one, a Service and its tag. */
function find(
  services: readonly Addressable[],
  name: string,
  namespace: string | undefined,
): { name: string; tag: string | undefined } | undefined {
  const here = services.filter((one) => namespace === undefined || namespace === one.namespace);
  if (here.some((one) => one.name === name)) return { name, tag: undefined };
  for (const { name: service, tags } of here) {
    const tag = tags.find((one) => `${one}-${service}` === name);
    if (tag !== undefined) return { name: service, tag };
  }
  return undefined;
}
