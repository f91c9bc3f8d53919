import type { ServiceSpec } from '../manifests/read-services.ts';

/** Where a request goes: a Service with the path it is to see, or one of the router's own answers. */
export type Destination =
  | { readonly kind: 'service'; readonly name: string; readonly path: string }
  | { readonly kind: 'status' }
  | { readonly kind: 'unknown'; readonly wanted: string };

const SUFFIX = '.localhost';

/**
 * Host names under which this machine is itself. `/_local` shows the store's keys, so it does not answer to
 * a name that a web page could point here (DNS rebinding).
 */
const OWN_NAMES = ['', 'localhost', '127.0.0.1', '[::1]'];

/**
 * Finds the Service of a request: by host name, `<service>.localhost` or `<service>.<namespace>.localhost`,
 * else by the first part of the path, which the Service does not see.
 */
export function routeRequest(
  services: readonly ServiceSpec[],
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
    const found = services.find(
      (service) =>
        service.name === name &&
        rest.length === 0 &&
        (namespace === undefined || namespace === service.namespace),
    );
    return found === undefined
      ? { kind: 'unknown', wanted: hostName }
      : { kind: 'service', name, path: url };
  }
  const [, name = '', rest = ''] = /^\/([^/?#]*)(.*)$/s.exec(url) ?? [];
  if (name === '_local' && OWN_NAMES.includes(hostName)) return { kind: 'status' };
  if (!services.some((service) => service.name === name)) return { kind: 'unknown', wanted: name };
  return { kind: 'service', name, path: rest.startsWith('/') ? rest : `/${rest}` };
}
